package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.io.IOException;

/// Port: forces what the log of a shard has acknowledged to the disk. A checkpoint is written after
/// that only: otherwise a failure of the power could leave files that know more than the log.
@FunctionalInterface
public interface LogForce {
  /// Where the log is elsewhere, and replicated.
  LogForce NOT_HERE = _ -> {};

  void force(StreamPartition shard) throws IOException;
}
