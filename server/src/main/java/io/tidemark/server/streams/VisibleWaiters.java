package io.tidemark.server.streams;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Threads that wait until readers of a shard see an offset. Whoever gives up is forgotten, so that
/// marks which are never reached cost nothing.
final class VisibleWaiters {
  private static final class Waiter {
    final long next;
    final CountDownLatch called = new CountDownLatch(1);

    Waiter(long next) {
      this.next = next;
    }
  }

  private final PriorityQueue<Waiter> queue =
      new PriorityQueue<>(Comparator.comparingLong((Waiter w) -> w.next));

  /// So that publishing need not lock where nobody waits.
  private volatile boolean some;

  /// Waits until `visible` is at least `next`, or somebody calls [#releaseAll], or the deadline.
  void await(long next, LongSupplier visible, long deadlineNanos) throws InterruptedException {
    Waiter waiter = new Waiter(next);
    synchronized (queue) {
      queue.add(waiter);
      some = true;
    }
    try {
      // Read after `some` is set: whichever side comes second sees the other.
      if (visible.getAsLong() < next) {
        boolean _ = waiter.called.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } finally {
      synchronized (queue) {
        queue.remove(waiter);
        some = !queue.isEmpty();
      }
    }
  }

  void release(long visible) {
    if (!some) {
      return;
    }
    synchronized (queue) {
      while (!queue.isEmpty() && queue.element().next <= visible) {
        queue.remove().called.countDown();
      }
      some = !queue.isEmpty();
    }
  }

  /// How many wait.
  int size() {
    synchronized (queue) {
      return queue.size();
    }
  }

  void releaseAll() {
    release(Long.MAX_VALUE);
  }
}
