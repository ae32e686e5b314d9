package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards.DataDamagedException;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardClosedException;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How far a shard is, against its log and for those who wait for it.
///
/// A shard answers once it has caught up: has everything that the log had when it was first looked
/// at after the shard came here, or became active here. From then on marks say what an answer has.
final class Progress {
  private final Shard shard;
  private final ReentrantLock lock = new ReentrantLock();

  /// It has caught up, is lost, or is closed.
  private final Condition changed = lock.newCondition();

  private final LogWatch watch = new LogWatch();
  private final VisibleWaiters waiters = new VisibleWaiters();
  private boolean closed;

  /// Counts how often it had to begin anew.
  private long armed;

  private volatile String lost = "";

  Progress(Shard shard) {
    this.shard = shard;
  }

  /// What a look at the log tells.
  record Seen(long visible, long logEnd, long oldestAgeMs, boolean caughtUp, String lost) {}

  Seen seen(long nowMs) {
    lock.lock();
    try {
      return new Seen(
          shard.visibleNext(), watch.end(), watch.oldestAgeMs(nowMs), watch.hasCaughtUp(), lost);
    } finally {
      lock.unlock();
    }
  }

  boolean hasCaughtUp() {
    lock.lock();
    try {
      return watch.hasCaughtUp() && lost.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// It must see the log's end again before it answers.
  void rearm() {
    lock.lock();
    try {
      armed++;
      watch.rearm();
    } finally {
      lock.unlock();
    }
  }

  /// It must not answer or apply any more.
  ///
  /// @return whether this is new
  boolean lose(String why) {
    lock.lock();
    try {
      boolean isNew = lost.isEmpty();
      if (isNew) {
        lost = why;
        changed.signalAll();
      }
      return isNew;
    } finally {
      lock.unlock();
    }
  }

  /// Whether it must be opened again: its files are damaged, or it knows more than its log, and
  /// would take new records for known ones.
  boolean isLost() {
    return !lost.isEmpty();
  }

  /// The state before a look at the log.
  ///
  /// @param next the next offset to apply
  record Before(long next, long armed) {}

  /// @param next the next offset to apply
  Before before(long next) {
    lock.lock();
    try {
      return new Before(next, armed);
    } finally {
      lock.unlock();
    }
  }

  /// Takes a look's result, unless it began before the shard had to begin anew: another look is on
  /// its way.
  ///
  /// @param askedAtMs when the look was begun
  /// @return why the shard must not go on, where the log has lost records that it knows
  Optional<String> look(long logEnd, Before before, long askedAtMs) {
    lock.lock();
    try {
      if (before.armed() != armed) {
        return Optional.empty();
      }
      if (before.next() > logEnd) {
        return Optional.of(
            "shard %s: it knows %d records, but the log ends at %d: the log has lost records"
                .formatted(id(), before.next(), logEnd));
      }
      watch.look(logEnd, askedAtMs, shard.visibleNext());
      changed.signalAll();
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// The shard has published.
  void advance() {
    long visible = shard.visibleNext();
    waiters.release(visible);
    lock.lock();
    try {
      if (!watch.hasCaughtUp()) {
        changed.signalAll();
      }
      watch.advance(visible);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the shard may answer.
  ///
  /// @param wanted the next offset that readers must see
  void awaitAnswerable(long wanted, long deadlineNanos)
      throws InterruptedException, ShardClosedException, NotVisibleException, UnavailableException {
    awaitCaughtUp(deadlineNanos);
    if (shard.visibleNext() < wanted) {
      waiters.await(wanted, shard::visibleNext, deadlineNanos);
      requireOpen();
    }
    long visible = shard.visibleNext();
    if (visible < wanted) {
      throw new NotVisibleException(
          "shard %s is at offset %d, not yet at %d".formatted(shard.id(), visible, wanted));
    }
  }

  private void awaitCaughtUp(long deadlineNanos)
      throws InterruptedException, ShardClosedException, UnavailableException {
    lock.lock();
    try {
      requireOpen();
      while (!watch.hasCaughtUp() || isLost()) {
        long left = deadlineNanos - System.nanoTime();
        if (isLost()) {
          throw new DataDamagedException("shard " + shard.id() + " " + lost);
        }
        if (left <= 0) {
          throw new UnavailableException("shard " + shard.id() + " " + trouble());
        }
        long _ = changed.awaitNanos(left);
        requireOpen();
      }
    } finally {
      lock.unlock();
    }
  }

  private String trouble() {
    long end = watch.end();
    return "is restoring, at offset %d of %s"
        .formatted(shard.visibleNext(), end == LogWatch.UNKNOWN ? "?" : Long.toString(end));
  }

  private void requireOpen() throws ShardClosedException {
    lock.lock();
    try {
      if (closed) {
        throw new ShardClosedException(id());
      }
    } finally {
      lock.unlock();
    }
  }

  private StreamPartition id() {
    return shard.id();
  }

  /// How many wait for a mark.
  int waiting() {
    return waiters.size();
  }

  /// Nobody waits for it any more.
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    waiters.releaseAll();
  }
}
