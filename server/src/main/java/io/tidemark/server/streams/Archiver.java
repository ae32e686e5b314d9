package io.tidemark.server.streams;

import io.tidemark.archive.ArchiveException;
import io.tidemark.shard.Archival;
import io.tidemark.shard.ArchiveErasureStep;
import io.tidemark.shard.ArchiveStep;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node does about its shards' parts of the archive: of shards that it owns, it puts what
/// has come to its end there, one batch at a time, and removes what was asked to be gone; of others
/// it learns what the owner has done.
final class Archiver implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(Archiver.class);

  /// What a batch may need on the disk: a file of it, and rows on their way through the sort.
  private static final long ROOM = 256L << 20;

  /// What writing a file again may need on the disk for each byte that it has: itself, the other
  /// one, and rows on their way through the sort, see [Compactor].
  private static final int ROOM_PER_BYTE = 8;

  /// How often all of the archive is looked through for what is nobody's: a list of a shard's
  /// stream.
  private static final long SWEEP_MS = TimeUnit.HOURS.toMillis(6);

  private final HostMetrics metrics;
  private final LongPredicate room;
  private final InstantSource clock;

  /// When shards were swept last, or came here.
  private final Map<HostedShard, Long> swept = new WeakHashMap<>();

  /// Whether something is being erased.
  private boolean isErasing;

  /// @param room whether so many bytes more can be written to the disk
  Archiver(HostMetrics metrics, LongPredicate room, InstantSource clock) {
    this.metrics = metrics;
    this.room = room;
    this.clock = clock;
  }

  @Override
  public boolean on(HostedShard shard) throws IOException {
    isErasing = false;
    sweep(shard);
    if (archive(shard)) {
      return true;
    }
    isErasing = true;
    return erase(shard);
  }

  private boolean archive(HostedShard shard) throws IOException {
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

  private boolean erase(HostedShard shard) throws IOException {
    Optional<ArchiveErasureStep> next =
        shard.begin(s -> s.archiveErasing().flatMap(a -> a.begin(shard.role() == Role.ACTIVE)));
    if (next.isEmpty()) {
      return false;
    }
    if (!room.test(ROOM_PER_BYTE * next.get().bytes())) {
      throw new Rounds.NotNow();
    }
    ArchiveErasureStep.Report report = next.get().run();
    if (report.looked() > 0) {
      log.info(
          "shard {}: {} erased events have gone from {} of {} files in the archive",
          shard.id(),
          report.events(),
          report.written(),
          report.looked());
      metrics.erasedFromArchive(shard.id(), report);
    }
    return report.isDone();
  }

  /// Has deleted what was left by who was killed, or was too late, with nobody after him who could
  /// know of it.
  private void sweep(HostedShard shard) throws IOException {
    long now = clock.millis();
    long last = swept.computeIfAbsent(shard, _ -> now);
    Optional<Archival> archival =
        shard.role() == Role.ACTIVE ? shard.begin(Shard::archival) : Optional.empty();
    if (now - last < SWEEP_MS || archival.isEmpty()) {
      return;
    }
    swept.put(shard, now);
    int deleted = archival.get().sweep();
    if (deleted > 0) {
      log.info(
          "shard {}: {} files in the archive were nobody's and are deleted", shard.id(), deleted);
    }
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    if (isErasing) {
      metrics.erasingFailed(shard.id());
      log.warn(
          "shard {}: erasing from the archive failed; no answer has what is erased, and it is tried"
              + " again",
          shard.id(),
          failure);
      return;
    }
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
