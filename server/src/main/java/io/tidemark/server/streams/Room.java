package io.tidemark.server.streams;

import io.tidemark.shard.Shard;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.InterruptException;

/// Whether there is room in memory for more of a shard's records, and the wait for it: bounded, and
/// seen in health and metrics.
final class Room {
  /// Room in the node's budget comes with other shards' checkpoints: look now and then.
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Shard shard;
  private final HostContext context;
  private final ShardTrouble trouble;
  private final Condition changed;
  private boolean closed;

  /// @param lock the shard's; whoever calls holds it, and waiting gives it up meanwhile
  Room(Shard shard, HostContext context, ShardTrouble trouble, Lock lock) {
    this.shard = shard;
    this.context = context;
    this.trouble = trouble;
    this.changed = lock.newCondition();
  }

  boolean isFull() {
    return !closed && (shard.isFull() || context.budget().isExhausted());
  }

  /// Waits until there is room, or the shard is closed.
  ///
  /// @throws StalledException where it took too long
  void await() {
    await(this::isFull);
  }

  /// Waits until checkpoints have brought it to where something is not so any more, or the shard is
  /// closed.
  ///
  /// @throws StalledException where it took too long
  void await(BooleanSupplier isSo) {
    long start = System.nanoTime();
    Duration patience = context.options().maxStall();
    trouble.stalled(start);
    try {
      while (!closed && isSo.getAsBoolean()) {
        long left = start + patience.toNanos() - System.nanoTime();
        if (left <= 0) {
          throw new StalledException(shard.id(), patience);
        }
        long _ = changed.awaitNanos(Math.min(left, LOOK_NANOS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    } finally {
      trouble.unstalled();
      context.metrics().stalled(shard.id(), Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /// A checkpoint has ended.
  void changed() {
    changed.signalAll();
  }

  void close() {
    closed = true;
    changed.signalAll();
  }
}
