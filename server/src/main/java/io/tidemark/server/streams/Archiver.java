package io.tidemark.server.streams;

import io.tidemark.archive.ArchiveException;
import io.tidemark.shard.ArchiveStep;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts what has come to its end into the archive, one batch of a shard at a time: of shards that
/// this node owns; of others it learns what the owner has put.
///
/// @param room whether so many bytes more can be written to the disk
record Archiver(HostMetrics metrics, LongPredicate room) implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(Archiver.class);

  /// What a batch may need on the disk: a file of it, and rows on their way through the sort.
  private static final long ROOM = 256L << 20;

  @Override
  public boolean on(HostedShard shard) throws IOException {
    if (!room.test(ROOM)) {
      throw new Rounds.NotNow();
    }
    Optional<ArchiveStep> next =
        shard.begin(s -> s.archival().flatMap(a -> a.begin(shard.role() == Role.ACTIVE)));
    if (next.isEmpty()) {
      return false;
    }
    long start = System.nanoTime();
    ArchiveStep.Report report = next.get().run();
    if (report.isEmpty()) {
      return false;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    log.debug("shard {}: {} took {}", shard.id(), report, took);
    metrics.archived(shard.id(), report, took);
    return true;
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    metrics.archivingFailed(shard.id());
    if (failure instanceof ArchiveException) {
      log.warn(
          "shard {}: {}; nothing is removed here before it is there, and it is tried again",
          shard.id(),
          failure.getMessage());
    } else {
      log.warn("shard {}: archiving failed; it is tried again", shard.id(), failure);
    }
  }
}
