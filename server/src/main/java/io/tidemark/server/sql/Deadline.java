package io.tidemark.server.sql;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Interrupts the thread that made it, at a time, unless it has been closed before. So whatever a
/// question waits for or reads has an end, be it in DuckDB or not.
final class Deadline implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final Future<?> timer;
  private boolean closed;
  private boolean hasCome;

  /// @param nanos when, on the clock of [System#nanoTime]
  Deadline(long nanos, ScheduledExecutorService timers) {
    this.timer = timers.schedule(this::come, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private synchronized void come() {
    if (!closed) {
      hasCome = true;
      thread.interrupt();
    }
  }

  synchronized boolean hasCome() {
    return hasCome;
  }

  /// From now on the thread is not interrupted.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (hasCome) {
        boolean _ = Thread.interrupted();
      }
    }
    timer.cancel(false);
  }
}
