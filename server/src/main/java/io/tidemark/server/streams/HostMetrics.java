package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.ArchiveErasureStep;
import io.tidemark.shard.ArchiveStep;
import io.tidemark.shard.BackfillStep;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.Compaction;
import io.tidemark.shard.ErasureStep;
import io.tidemark.shard.Verification;
import java.time.Duration;

/// Port: what happens to hosted shards, for metrics. Called on the threads it happens on; must be
/// short.
public interface HostMetrics {
  /// For who does not measure.
  HostMetrics NONE = new HostMetrics() {};

  /// A batch became visible.
  ///
  /// @param freshnessMs how long before that the log took its last record
  default void published(StreamPartition shard, int records, long freshnessMs) {}

  default void checkpointed(StreamPartition shard, Checkpoint.Report report, Duration took) {}

  default void checkpointFailed(StreamPartition shard) {}

  default void compacted(StreamPartition shard, Compaction.Report report, Duration took) {}

  default void compactionFailed(StreamPartition shard) {}

  default void archived(StreamPartition shard, ArchiveStep.Report report, Duration took) {}

  default void archivingFailed(StreamPartition shard) {}

  /// A table over the archive has changed.
  default void tableChanged(StreamPartition shard) {}

  default void tableFailed(StreamPartition shard) {}

  default void erased(StreamPartition shard, ErasureStep.Report report) {}

  default void erasedFromArchive(StreamPartition shard, ArchiveErasureStep.Report report) {}

  default void erasingFailed(StreamPartition shard) {}

  default void backfilled(StreamPartition shard, BackfillStep.Report report) {}

  default void backfillFailed(StreamPartition shard) {}

  /// Applying had to wait for room in memory.
  default void stalled(StreamPartition shard, Duration took) {}

  default void trimmed(StreamPartition shard, long logStart) {}

  default void trimFailed(StreamPartition shard) {}

  /// Files of a shard were found not to be what it wrote.
  default void damaged(StreamPartition shard) {}

  /// Files were read again, to find damage.
  default void scrubbed(long bytes) {}

  /// A sample of a view was compared with its events.
  default void audited(Verification.Report report) {}

  /// A thread that applies records failed and is replaced.
  default void threadFailed(String stream) {}
}
