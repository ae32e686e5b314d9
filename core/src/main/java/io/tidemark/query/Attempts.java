package io.tidemark.query;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventType;
import io.tidemark.query.Shards.ViewFillingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which view one question asks: the declared one; where that is being filled on some shard, the
/// one that answers in its place; and in the end the declared one again, since an earlier one goes
/// when that is filled.
public final class Attempts<V extends ViewSpec> {
  private final V declared;
  private final EventType type;

  /// In the order in which they were asked.
  private final List<V> failed = new ArrayList<>();

  private V view;

  public Attempts(V declared, EventType type) {
    this.declared = declared;
    this.type = type;
    this.view = declared;
  }

  /// The view to ask.
  public V view() {
    return view;
  }

  /// It is being filled, or has gone.
  ///
  /// @throws ViewFillingException where there is no other one to ask
  public void failed(ViewFillingException e) throws ViewFillingException {
    boolean wasLast = view.equals(declared) && failed.contains(declared);
    failed.add(view);
    view = (wasLast ? Optional.<V>empty() : next(e)).orElseThrow(() -> e);
  }

  private Optional<V> next(ViewFillingException e) {
    Optional<V> earlier = e.earlier().flatMap(this::read).filter(v -> !failed.contains(v));
    return earlier.or(() -> Optional.of(declared).filter(v -> !failed.getLast().equals(v)));
  }

  private Optional<V> read(String definition) {
    return definition.equals(declared.definition(type))
        ? Optional.of(declared)
        : EarlierView.read(declared.name(), definition, type).flatMap(this::cast);
  }

  @SuppressWarnings("unchecked")
  private Optional<V> cast(ViewSpec other) {
    return other.getClass().equals(declared.getClass()) ? Optional.of((V) other) : Optional.empty();
  }

  /// The same exception, where the view as it was declared before cannot be asked the question.
  ///
  /// @param cannot says why
  public static ViewFillingException cannotAnswer(ViewFillingException e, Exception cannot) {
    ViewFillingException why =
        new ViewFillingException(
            e.getMessage()
                + "; as it was declared before, it cannot answer this: "
                + cannot.getMessage(),
            e.closed(),
            e.view(),
            e.earlier());
    why.addSuppressed(cannot);
    return why;
  }
}
