package io.tidemark.server.streams;

import io.tidemark.shard.Compaction;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Merges segments of this node's shards, one compaction at a time.
///
/// @param room whether so many bytes more can be written to the disk
record Compactor(HostMetrics metrics, LongPredicate room) implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(Compactor.class);

  /// What a compaction may need on the disk for each byte that it reads: the merged segment, and
  /// rows on their way through the sort, which are not compressed.
  private static final int ROOM_PER_BYTE = 6;

  @Override
  public boolean on(HostedShard shard) throws IOException {
    Optional<Compaction> next = shard.begin(s -> s.compactions().begin());
    if (next.isPresent()) {
      compact(shard, next.get());
    }
    return next.isPresent();
  }

  private void compact(HostedShard shard, Compaction compaction) throws IOException {
    if (!room.test(ROOM_PER_BYTE * compaction.bytes())) {
      compaction.cancel();
      throw new Rounds.NotNow();
    }
    long start = System.nanoTime();
    Compaction.Report report = compaction.run();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    log.debug("shard {}: {} took {}", shard.id(), report, took);
    metrics.compacted(shard.id(), report, took);
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    log.warn("shard {}: compaction failed; it is tried again", shard.id(), failure);
    metrics.compactionFailed(shard.id());
  }
}
