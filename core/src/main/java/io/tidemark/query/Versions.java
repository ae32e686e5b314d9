package io.tidemark.query;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventType;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.Shards.ViewFillingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A view as it is declared, and as it was before: a question is answered by the declared one, and
/// while that is being filled on some shard, by the other one on all of them.
final class Versions<V extends ViewSpec, Q> {
  private final V declared;
  private final EventType type;
  private final Function<V, Q> query;

  /// @param query throws where a view cannot be asked that
  Versions(V declared, EventType type, Function<V, Q> query) {
    this.declared = declared;
    this.type = type;
    this.query = query;
  }

  /// Asks one view.
  interface Asking<V, Q, T> {
    Queries.Answer<T> ask(V view, Q query) throws NotVisibleException, UnavailableException;
  }

  <T> Queries.Asked<V, Q, T> ask(Asking<V, Q, T> asking)
      throws NotVisibleException, UnavailableException {
    V view = declared;
    Q asked = query.apply(view);
    List<V> failed = new ArrayList<>();
    while (true) {
      try {
        return new Queries.Asked<>(view, asked, asking.ask(view, asked));
      } catch (ViewFillingException e) {
        boolean isLast = view.equals(declared) && failed.contains(declared);
        failed.add(view);
        Optional<V> next = isLast ? Optional.empty() : next(failed, e);
        if (next.isEmpty()) {
          throw e;
        }
        view = next.get();
        asked = queryOf(view, e);
      }
    }
  }

  /// Whom to ask where a view does not answer: the one that does so in its place, and in the end
  /// the declared one again, since an earlier one goes when that is filled.
  ///
  /// @param failed in the order in which they were asked
  private Optional<V> next(List<V> failed, ViewFillingException e) {
    Optional<V> earlier =
        e.earlier()
            .flatMap(definition -> EarlierView.read(declared.name(), definition, type))
            .flatMap(this::cast)
            .filter(v -> !failed.contains(v));
    return earlier.or(() -> Optional.of(declared).filter(v -> !failed.getLast().equals(v)));
  }

  @SuppressWarnings("unchecked")
  private Optional<V> cast(ViewSpec view) {
    return view.getClass().equals(declared.getClass()) ? Optional.of((V) view) : Optional.empty();
  }

  private Q queryOf(V view, ViewFillingException e) throws ViewFillingException {
    try {
      return query.apply(view);
    } catch (RuntimeException cannot) {
      ViewFillingException why =
          new ViewFillingException(
              e.getMessage()
                  + "; as it was declared before, it cannot answer this: "
                  + cannot.getMessage(),
              e.closed(),
              e.earlier());
      why.addSuppressed(cannot);
      throw why;
    }
  }
}
