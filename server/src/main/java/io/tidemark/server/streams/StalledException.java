package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.time.Duration;

/// There was no room in memory for a shard's records for too long: checkpoints fail or are too
/// slow.
final class StalledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StalledException(StreamPartition shard, Duration waited) {
    super(
        "shard %s waited %d s for a checkpoint to make room in memory"
            .formatted(shard, waited.toSeconds()));
  }
}
