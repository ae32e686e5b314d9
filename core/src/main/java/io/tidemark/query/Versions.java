package io.tidemark.query;

import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventType;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.Shards.ViewFillingException;
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
    Attempts<V> attempts = new Attempts<>(declared, type);
    Q asked = query.apply(declared);
    while (true) {
      V view = attempts.view();
      try {
        return new Queries.Asked<>(view, asked, asking.ask(view, asked));
      } catch (ViewFillingException e) {
        attempts.failed(e);
        asked = queryOf(attempts.view(), e);
      }
    }
  }

  private Q queryOf(V view, ViewFillingException e) throws ViewFillingException {
    try {
      return query.apply(view);
    } catch (RuntimeException cannot) {
      throw Attempts.cannotAnswer(e, cannot);
    }
  }
}
