package io.tidemark.server.streams;

import io.tidemark.shard.Compaction;
import io.tidemark.shard.DamagedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Merges segments of this node's shards, one compaction at a time.
final class Compactor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Compactor.class);
  private static final long PAUSE_MS = 1000;

  /// For how many rounds a shard is left alone after a compaction of it has failed.
  private static final int LEFT_ALONE = 30;

  /// What a compaction may need on the disk for each byte that it reads: the merged segment, and
  /// rows on their way through the sort, which are not compressed.
  private static final int ROOM_PER_BYTE = 6;

  private final Registry registry;
  private final HostMetrics metrics;
  private final LongPredicate room;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-compact").daemon().unstarted(task));

  /// How many rounds are left.
  private final Map<HostedShard, Integer> leftAlone = new WeakHashMap<>();

  private volatile @Nullable Turn turn;

  /// @param room whether so many bytes more can be written to the disk
  Compactor(Registry registry, HostMetrics metrics, LongPredicate room) {
    this.registry = registry;
    this.metrics = metrics;
    this.room = room;
  }

  void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, PAUSE_MS, PAUSE_MS, TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      everyShard();
    } catch (RuntimeException | Error e) {
      log.error("compacting shards", e);
    }
  }

  private void everyShard() {
    leftAlone.replaceAll((_, rounds) -> rounds - 1);
    leftAlone.values().removeIf(rounds -> rounds == 0);
    for (HostedShard shard : registry.all()) {
      if (!thread.isShutdown() && !leftAlone.containsKey(shard)) {
        Turn its = new Turn(shard);
        turn = its;
        its.run();
        turn = null;
      }
    }
  }

  /// Returns when no compaction of a shard runs any more; it begins none from now on.
  void settle(HostedShard shard) {
    Turn running = turn;
    if (running != null && running.shard.equals(shard)) {
      running.cancel();
    }
  }

  /// What is being merged is cut short.
  @Override
  public void close() {
    thread.shutdownNow();
  }

  /// A compaction of a shard, if one is due.
  private final class Turn {
    private final HostedShard shard;
    private final Thread worker = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean over;

    Turn(HostedShard shard) {
      this.shard = shard;
    }

    void run() {
      try {
        Optional<Compaction> next = shard.beginCompaction();
        if (next.isPresent()) {
          compact(next.get());
        }
      } catch (IOException | RuntimeException | Error e) {
        // Of errors, too little memory: there may be more later.
        failed(e);
      } finally {
        end();
      }
    }

    private void compact(Compaction compaction) throws IOException {
      if (!room.test(ROOM_PER_BYTE * compaction.bytes())) {
        compaction.cancel();
        leftAlone.put(shard, LEFT_ALONE);
        return;
      }
      long start = System.nanoTime();
      Compaction.Report report = compaction.run();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      log.debug("shard {}: {} took {}", shard.id(), report, took);
      metrics.compacted(shard.id(), report, took);
    }

    private void failed(Throwable e) {
      if (isCancelled()) {
        log.debug("shard {}: a compaction was cut short", shard.id());
        return;
      }
      DamagedException.in(e).ifPresent(shard::damaged);
      log.warn("shard {}: compaction failed; it is tried again", shard.id(), e);
      metrics.compactionFailed(shard.id());
      leftAlone.put(shard, LEFT_ALONE);
    }

    private boolean isCancelled() {
      return Thread.currentThread().isInterrupted();
    }

    /// From here on nobody interrupts it.
    private synchronized void end() {
      over = true;
      if (!thread.isShutdown()) {
        boolean _ = Thread.interrupted();
      }
      ended.countDown();
    }

    void cancel() {
      synchronized (this) {
        if (!over) {
          worker.interrupt();
        }
      }
      // Whatever its caller is told meanwhile: who goes on would give up the folder under it.
      boolean interrupted = false;
      while (true) {
        try {
          ended.await();
          break;
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
