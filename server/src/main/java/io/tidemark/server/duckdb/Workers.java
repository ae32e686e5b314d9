package io.tidemark.server.duckdb;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;

/// Platform threads with a connection each, on which DuckDB runs for callers that wait.
///
/// What waits for a thread is bounded by the number of callers, since each waits for its own work.
public final class Workers implements AutoCloseable {
  private final ExecutorService threads;
  private final List<Seat> seats = new ArrayList<>();
  private final BlockingQueue<Seat> idle;

  /// What a thread works with.
  ///
  /// @param kept statements that are prepared once, by their text
  record Seat(DuckDBConnection connection, Map<String, DuckDBPreparedStatement> kept)
      implements AutoCloseable {
    Seat(DuckDBConnection connection) {
      this(connection, new HashMap<>());
    }

    /// Forgets statements, of which one has failed.
    void forget() {
      for (DuckDBPreparedStatement statement : kept.values()) {
        try {
          statement.close();
        } catch (SQLException _) {
          // Nobody uses it any more.
        }
      }
      kept.clear();
    }

    @Override
    public void close() throws SQLException {
      forget();
      connection.close();
    }
  }

  /// @param setting what each connection is told first
  public Workers(int count, ThreadFactory factory, DuckDBConnection database, String setting)
      throws SQLException {
    for (int i = 0; i < count; i++) {
      DuckDBConnection connection = database.duplicate();
      seats.add(new Seat(connection));
      try (Statement statement = connection.createStatement()) {
        statement.execute(setting);
      }
    }
    this.idle = new ArrayBlockingQueue<>(count, false, seats);
    this.threads = Executors.newFixedThreadPool(count, factory);
  }

  /// Runs work on a thread of ours and waits for its end. What the work throws is thrown here.
  ///
  /// @throws InterruptedIOException where the caller was interrupted; the work has been cut short
  ///   and has ended
  void run(Task.Work work) throws SQLException, IOException {
    try {
      run(work, Task.NEVER);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The same for work that must end at some time.
  ///
  /// @param deadlineNanos when it is cut short, on the clock of [System#nanoTime]
  /// @throws TimeoutException where it has been, and has ended
  public void run(Task.Work work, long deadlineNanos)
      throws SQLException, IOException, TimeoutException {
    Task task = new Task(work, idle);
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IOException("DuckDB has been closed", e);
    }
    task.await(deadlineNanos);
  }

  /// Waits for the running work, then closes the connections.
  @Override
  public void close() throws SQLException {
    threads.close();
    for (Seat seat : seats) {
      seat.close();
    }
  }
}
