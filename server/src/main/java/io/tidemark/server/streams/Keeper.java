package io.tidemark.server.streams;

import java.util.Comparator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does for shards what time, not a record, makes due: checkpoints of tails that are old, or
/// largest while the node's budget is exceeded; and what else was left lying.
final class Keeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Keeper.class);
  private static final long TICK_MS = 50;

  /// How long a shard that was opened at the start may wait to be assigned.
  private static final long PARKED_TICKS = 30_000 / TICK_MS;

  private final Registry registry;
  private final TailBudget budget;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-keeper").daemon().unstarted(task));
  private long ticks;

  Keeper(Registry registry, TailBudget budget) {
    this.registry = registry;
    this.budget = budget;
  }

  void start() {
    var _ = thread.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      registry.all().forEach(HostedShard::tick);
      if (budget.isOver()) {
        registry.all().stream()
            .filter(s -> s.tailBytes() > 0 && !s.progress().isLost())
            .max(Comparator.comparingLong(HostedShard::tailBytes))
            .ifPresent(HostedShard::begin);
      }
      if (++ticks == PARKED_TICKS) {
        registry.closeParked();
      }
    } catch (RuntimeException e) {
      log.error("keeping shards", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
