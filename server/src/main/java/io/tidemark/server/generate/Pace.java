package io.tidemark.server.generate;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Hands out turns at a rate, to many threads. A turn that is late is handed out at once, so that a
/// slow node gets the whole load; latencies count from when a turn was due.
public final class Pace {
  private final long startNanos = System.nanoTime();
  private final double nanosPerTurn;
  private final AtomicLong turns = new AtomicLong();

  /// @param perSecond how many turns a second
  public Pace(double perSecond) {
    this.nanosPerTurn = 1e9 / perSecond;
  }

  /// Waits for the next turn.
  ///
  /// @return when it was due, on the clock of [System#nanoTime]
  public long await() {
    long due = startNanos + (long) (turns.getAndIncrement() * nanosPerTurn);
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return due;
  }
}
