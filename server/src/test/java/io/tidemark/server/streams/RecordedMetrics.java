package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.Compaction;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Remembers what happened.
final class RecordedMetrics implements HostMetrics {
  final AtomicLong published = new AtomicLong();
  final AtomicInteger checkpoints = new AtomicInteger();
  final AtomicInteger failedCheckpoints = new AtomicInteger();
  final AtomicInteger compactions = new AtomicInteger();
  final AtomicInteger failedCompactions = new AtomicInteger();
  final AtomicInteger stalls = new AtomicInteger();
  final AtomicInteger failedThreads = new AtomicInteger();
  final AtomicInteger damages = new AtomicInteger();
  final Map<StreamPartition, Long> trimmed = new ConcurrentHashMap<>();

  @Override
  public void published(StreamPartition shard, int records, long ms) {
    published.addAndGet(records);
  }

  @Override
  public void checkpointed(StreamPartition shard, Checkpoint.Report report, Duration took) {
    checkpoints.incrementAndGet();
  }

  @Override
  public void checkpointFailed(StreamPartition shard) {
    failedCheckpoints.incrementAndGet();
  }

  @Override
  public void compacted(StreamPartition shard, Compaction.Report report, Duration took) {
    compactions.incrementAndGet();
  }

  @Override
  public void compactionFailed(StreamPartition shard) {
    failedCompactions.incrementAndGet();
  }

  @Override
  public void damaged(StreamPartition shard) {
    damages.incrementAndGet();
  }

  @Override
  public void stalled(StreamPartition shard, Duration took) {
    stalls.incrementAndGet();
  }

  @Override
  public void trimmed(StreamPartition shard, long logStart) {
    trimmed.put(shard, logStart);
  }

  @Override
  public void threadFailed(String stream) {
    failedThreads.incrementAndGet();
  }
}
