package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Workers;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;

/// Asks a database the simplest question there is.
final class Probe {
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private Probe() {}

  static boolean works(Workers workers) {
    try {
      workers.run(
          task -> {
            try (var statement = task.prepare("SELECT 1")) {
              statement.execute();
            }
          },
          System.nanoTime() + PATIENCE_NANOS);
      return true;
    } catch (TimeoutException _) {
      // It has more to do than to be asked.
      return true;
    } catch (SQLException | IOException _) {
      return false;
    }
  }
}
