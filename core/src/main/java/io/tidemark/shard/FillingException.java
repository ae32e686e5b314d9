package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import java.io.IOException;

/// A view cannot be asked yet: it is being filled with what its stream had before it was declared.
public final class FillingException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient StreamPartition shard;

  /// @param progress 0 to 1
  FillingException(StreamPartition shard, String view, double progress) {
    super(
        "view %s is being filled with what its stream had before it was declared; shard %s is at %d %%"
            .formatted(view, shard, (int) (100 * progress)));
    this.shard = shard;
  }

  public StreamPartition shard() {
    return shard;
  }
}
