package io.tidemark.server.streams;

import com.sun.management.OperatingSystemMXBean;
import io.tidemark.archive.ArchiveException;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.BackfillStep;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fills views that were declared after their stream had events, some events of a shard at a time.
/// Where the processors have enough to do without it, it rests most of the time.
final class Backfiller implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(Backfiller.class);

  /// What a step may need on the disk: segments, and rows on their way through a sort.
  private static final long ROOM = 256L << 20;

  /// From this load of the processors on, 0 to 1, it gives way.
  private static final double BUSY = 0.75;

  /// How much longer than a step took it rests then: it takes a sixth of one processor.
  private static final int REST = 5;

  private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// How often it says how far it has come.
  private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final HostMetrics metrics;
  private final LongPredicate room;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final Map<StreamPartition, Long> said = new HashMap<>();

  /// @param room whether so many bytes more can be written to the disk
  Backfiller(HostMetrics metrics, LongPredicate room) {
    this.metrics = metrics;
    this.room = room;
  }

  @Override
  public boolean on(HostedShard shard) throws IOException {
    Optional<BackfillStep> next = shard.begin(s -> s.backfilling().begin());
    if (next.isEmpty()) {
      return false;
    }
    if (!room.test(ROOM)) {
      next.get().cancel();
      throw new Rounds.NotNow();
    }
    long start = System.nanoTime();
    BackfillStep.Report report = next.get().run();
    metrics.backfilled(shard.id(), report);
    say(shard);
    // Since the last step.
    if (system.getCpuLoad() > BUSY) {
      rest(Math.min(LONGEST_REST_NANOS, (System.nanoTime() - start) * REST));
    }
    return true;
  }

  private static void rest(long nanos) throws IOException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("resting");
    }
  }

  private void say(HostedShard shard) {
    long now = System.nanoTime();
    if (shard.shard().backfilling().left() == 0) {
      said.remove(shard.id());
      log.info("shard {}: new views have all that was there before them", shard.id());
    } else if (now - said.computeIfAbsent(shard.id(), _ -> now) > SAY_NANOS) {
      said.put(shard.id(), now);
      shard
          .shard()
          .backfilling()
          .progress()
          .forEach(
              p ->
                  log.info(
                      "shard {}: view {} has {} of {} records",
                      shard.id(),
                      p.view(),
                      p.records(),
                      p.of()));
    }
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    metrics.backfillFailed(shard.id());
    if (failure instanceof ArchiveException) {
      log.warn("shard {}: {}; views that are new wait for it", shard.id(), failure.getMessage());
    } else {
      log.warn("shard {}: filling views failed; it is tried again", shard.id(), failure);
    }
  }
}
