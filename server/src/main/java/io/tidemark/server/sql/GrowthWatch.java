package io.tidemark.server.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/// Looks at a file that a statement writes, and ends the statement when the file becomes too large.
final class GrowthWatch implements AutoCloseable {
  private static final long LOOK_EVERY_MS = 20;

  private final Path file;
  private final LongPredicate fits;
  private final Statement statement;
  private final Future<?> looks;
  private boolean closed;
  private boolean full;

  /// @param fits whether the file may have so many bytes
  GrowthWatch(Path file, LongPredicate fits, Statement statement, ScheduledExecutorService timers) {
    this.file = file;
    this.fits = fits;
    this.statement = statement;
    this.looks =
        timers.scheduleWithFixedDelay(
            this::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
  }

  private synchronized void look() {
    try {
      if (!closed && (full || !fits.test(Files.size(file)))) {
        full = true;
        statement.cancel();
      }
    } catch (IOException | SQLException _) {
      // It is not there yet, or has just ended.
    }
  }

  /// Whether the statement has been ended.
  synchronized boolean isFull() {
    return full;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    looks.cancel(false);
  }
}
