package io.tidemark.server.streams;

import io.tidemark.archive.ArchiveException;
import io.tidemark.archive.ArchiveTables;
import io.tidemark.archive.ArchiveTables.Published;
import io.tidemark.archive.ArchivedPart;
import io.tidemark.shard.Archival;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says in tables for other engines what the archive has: of shards that this node owns, soon after
/// that has changed. Nothing else waits for it.
final class TablePublisher implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(TablePublisher.class);

  /// How often a table is changed for one shard at most: what comes meanwhile comes together.
  private static final long PAUSE_MS = TimeUnit.SECONDS.toMillis(5);

  /// How often a table is looked at that need not be changed: others may have spoilt it.
  private static final long LOOK_MS = TimeUnit.MINUTES.toMillis(10);

  /// How often all of a table is looked through for what is nobody's.
  private static final long SWEEP_MS = TimeUnit.HOURS.toMillis(1);

  /// No change of a table takes so long.
  private static final long OLD_MS = TimeUnit.HOURS.toMillis(4);

  private final HostMetrics metrics;
  private final Optional<ArchiveTables> tables;
  private final InstantSource clock;
  private final Map<HostedShard, Done> done = new WeakHashMap<>();

  /// What was done about a shard last.
  ///
  /// @param part that its table has; null where that is not known
  /// @param saidMs when the table was looked at
  /// @param atMs when the shard was
  /// @param sweptMs when all of the table was looked through, or the shard came here
  private record Done(@Nullable ArchivedPart part, long saidMs, long atMs, long sweptMs) {}

  /// @param tables nothing where there is no archive
  TablePublisher(HostMetrics metrics, Optional<ArchiveTables> tables, InstantSource clock) {
    this.metrics = metrics;
    this.tables = tables;
    this.clock = clock;
  }

  @Override
  public boolean on(HostedShard shard) throws IOException {
    Optional<Archival> archival =
        tables.isPresent() && shard.role() == Role.ACTIVE
            ? shard.begin(Shard::archival)
            : Optional.empty();
    if (archival.isEmpty()) {
      done.remove(shard);
      return false;
    }
    long now = clock.millis();
    Done last = done.computeIfAbsent(shard, _ -> new Done(null, now, now - PAUSE_MS, now));
    if (now - last.atMs() < PAUSE_MS) {
      return false;
    }
    ArchivedPart part = archival.get().part();
    boolean isKnown = part.equals(last.part()) && now - last.saidMs() < LOOK_MS;
    done.put(shard, new Done(last.part(), last.saidMs(), now, last.sweptMs()));
    // Before anything is in the archive, nobody expects a table.
    boolean isChanged = !isKnown && part.next() > 0 && publish(shard, part, now, last.sweptMs());
    sweep(shard, part.shard().stream(), now);
    return isChanged;
  }

  private boolean publish(HostedShard shard, ArchivedPart part, long now, long sweptMs)
      throws IOException {
    Published published = tables.orElseThrow().publish(part);
    if (published != Published.LATER) {
      done.put(shard, new Done(part, now, now, sweptMs));
    }
    if (published == Published.CHANGED) {
      metrics.tableChanged(shard.id());
    }
    return published == Published.CHANGED;
  }

  /// One shard's owner does it for the whole table.
  private void sweep(HostedShard shard, String stream, long now) throws IOException {
    Done last = done.get(shard);
    if (shard.id().partition() != 0 || last == null || now - last.sweptMs() < SWEEP_MS) {
      return;
    }
    done.put(shard, new Done(last.part(), last.saidMs(), last.atMs(), now));
    int deleted = tables.orElseThrow().sweep(stream, now - OLD_MS);
    log.debug("shard {}: {} old objects of its table are deleted", shard.id(), deleted);
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    metrics.tableFailed(shard.id());
    String meanwhile = "other engines see what was there before, and it is tried again";
    if (failure instanceof ArchiveException) {
      log.warn("shard {}: {}; {}", shard.id(), failure.getMessage(), meanwhile);
    } else {
      log.warn(
          "shard {}: the table over the archive cannot be changed; {}",
          shard.id(),
          meanwhile,
          failure);
    }
  }
}
