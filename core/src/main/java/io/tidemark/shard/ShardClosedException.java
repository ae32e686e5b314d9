package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import java.io.IOException;

/// The shard is not here any more; another node, or a reopened shard, has it.
public final class ShardClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  public ShardClosedException(StreamPartition shard) {
    super("shard " + shard + " is closed");
  }
}
