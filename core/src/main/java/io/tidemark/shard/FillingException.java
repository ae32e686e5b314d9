package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.log.StreamPartition;
import java.io.IOException;
import java.util.Optional;

/// A view cannot be asked yet: it is being filled with what its stream had before it was declared.
/// Or it is an earlier one, and cannot be asked any more.
public final class FillingException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient StreamPartition shard;
  private final String view;

  /// Empty where there is none.
  private final String earlier;

  private FillingException(StreamPartition shard, String view, String message, String earlier) {
    super(message);
    this.shard = shard;
    this.view = EarlierView.declaredName(view);
    this.earlier = earlier;
  }

  /// @param progress 0 to 1
  /// @param earlier the definition of the view that it takes the place of
  static FillingException of(
      StreamPartition shard, String view, double progress, Optional<String> earlier) {
    return new FillingException(
        shard,
        view,
        "view %s is being filled with what its stream had before it was declared; shard %s is at %d %%"
            .formatted(view, shard, (int) (100 * progress)),
        earlier.orElse(""));
  }

  /// Of a view that another one has taken the place of, or that is declared elsewhere only.
  ///
  /// @param earlier the definition of one that answers
  static FillingException gone(StreamPartition shard, String view, Optional<String> earlier) {
    return new FillingException(
        shard,
        view,
        "shard %s has view %s with another declaration than is asked for".formatted(shard, view),
        earlier.orElse(""));
  }

  /// The definition of the view that answers in its place.
  public Optional<String> earlier() {
    return Optional.of(earlier).filter(d -> !d.isEmpty());
  }

  /// The name that the view is declared by.
  public String view() {
    return view;
  }

  public StreamPartition shard() {
    return shard;
  }
}
