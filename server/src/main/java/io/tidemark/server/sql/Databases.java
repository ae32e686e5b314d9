package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException.Reason;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The two databases, opened for whoever needs them first, and others in their place where they
/// have become useless.
final class Databases implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Databases.class);

  private static final int MAX_OTHERS = 4;

  private final Map<String, SqlTable> tables;
  private final SqlOptions options;
  private final ScheduledExecutorService timers;
  private @Nullable Pair open;

  /// For what rollups were before they changed, by the tables; as few as there are changes.
  private final Map<Set<SqlTable>, SqlPlanner> others = new HashMap<>();

  private boolean closed;

  /// One that plans, and one that executes.
  record Pair(SqlPlanner planner, SqlExecutor executor) implements AutoCloseable {
    boolean work() {
      return planner.works() && executor.works();
    }

    @Override
    public void close() throws SQLException {
      try (planner) {
        executor.close();
      }
    }
  }

  Databases(Map<String, SqlTable> tables, SqlOptions options, ScheduledExecutorService timers) {
    this.tables = tables;
    this.options = options;
    this.timers = timers;
  }

  synchronized Pair get() throws IOException {
    if (closed) {
      throw new IOException("SQL has ended");
    }
    Pair there = open;
    if (there == null) {
      try {
        SqlPlanner planner = SqlPlanner.open(tables, options.questions());
        try {
          there = new Pair(planner, SqlExecutor.open(options, timers));
        } catch (SQLException | IOException | RuntimeException e) {
          planner.close();
          throw e;
        }
      } catch (SQLException e) {
        throw new IOException("cannot start DuckDB: " + e.getMessage(), e);
      }
      open = there;
    }
    return there;
  }

  /// Something to plan with where rollups answer as they were declared before.
  ///
  /// @param some the tables of one question
  Borrowed planner(Map<String, SqlTable> some) throws IOException {
    Set<SqlTable> key = Set.copyOf(some.values());
    synchronized (this) {
      SqlPlanner there = others.get(key);
      if (there != null) {
        return new Borrowed(there, false);
      }
    }
    try {
      SqlPlanner planner = SqlPlanner.open(some, options.questions());
      synchronized (this) {
        boolean isKept = !closed && others.size() < MAX_OTHERS && !others.containsKey(key);
        if (isKept) {
          others.put(key, planner);
        }
        return new Borrowed(planner, !isKept);
      }
    } catch (SQLException e) {
      throw new IOException("cannot start DuckDB: " + e.getMessage(), e);
    }
  }

  /// A planner, which goes with this where it is nobody else's.
  record Borrowed(SqlPlanner planner, boolean isOwn) implements AutoCloseable {
    @Override
    public void close() throws SQLException {
      if (isOwn) {
        planner.close();
      }
    }
  }

  /// A mistake of DuckDB's own makes a database useless: then the next question gets others.
  ///
  /// @param reason why it has not answered
  void replaceIfBroken(Pair pair, Reason reason) {
    if (reason != Reason.FAILED || pair.work()) {
      return;
    }
    LOG.error("DuckDB has failed, and is started anew for the next query");
    synchronized (this) {
      if (pair.equals(open)) {
        open = null;
      }
    }
    Thread.startVirtualThread(
        () -> {
          try {
            pair.close();
          } catch (SQLException e) {
            LOG.warn("what is left of it cannot be closed", e);
          }
        });
  }

  /// None is opened any more.
  synchronized void end() {
    closed = true;
  }

  /// Waits for what is being worked at.
  @Override
  public void close() throws SQLException {
    Pair last;
    List<SqlPlanner> rest;
    synchronized (this) {
      closed = true;
      last = open;
      open = null;
      rest = List.copyOf(others.values());
      others.clear();
    }
    for (SqlPlanner planner : rest) {
      planner.close();
    }
    if (last != null) {
      last.close();
    }
  }
}
