package io.tidemark.server.sql;

import io.tidemark.app.Catalog;
import io.tidemark.archive.CacheTooSmallException;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlEngine;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.server.sql.SqlPlanner.Plan;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers SQL with DuckDB. Starts with the first question.
public final class DuckSql implements SqlEngine, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DuckSql.class);

  private static final Pattern EXPLAIN =
      Pattern.compile("\\s*EXPLAIN\\s+(ANALYZE\\b)?", Pattern.CASE_INSENSITIVE);

  private final Map<String, SqlTable> tables;
  private final Snapshots snapshots;
  private final SqlOptions options;
  private @Nullable Databases open;
  private boolean closed;

  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sql-deadline").daemon().factory());

  /// Those who wait for an answer.
  private final Set<Thread> asking = ConcurrentHashMap.newKeySet();

  /// The two databases.
  private record Databases(SqlPlanner planner, SqlExecutor executor) implements AutoCloseable {
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

  public DuckSql(Catalog catalog, Snapshots snapshots, SqlOptions options) {
    this.tables = new TreeMap<>(SqlTable.of(catalog));
    this.snapshots = snapshots;
    this.options = options;
  }

  private synchronized Databases databases() throws IOException {
    if (closed) {
      throw new IOException("SQL has ended");
    }
    Databases there = open;
    if (there == null) {
      try {
        SqlPlanner planner = SqlPlanner.open(tables, options.questions());
        try {
          there = new Databases(planner, SqlExecutor.open(options, timers));
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

  /// How many questions are under way.
  public int running() {
    return asking.size();
  }

  /// The names of all tables.
  public Collection<String> tables() {
    return tables.keySet();
  }

  @Override
  public SqlAnswer answer(SqlQuestion question, SqlFormat format, Queries.After after)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException {
    long deadlineNanos = System.nanoTime() + question.timeoutMs() * 1_000_000L;
    Deadline deadline = new Deadline(deadlineNanos, timers);
    asking.add(Thread.currentThread());
    try (deadline) {
      return answer(question, format, after, deadlineNanos);
    } catch (RefusedInside e) {
      throw e.refusal;
    } catch (TimeoutException | LateInside _) {
      throw tooSlow(question);
    } catch (IOException | Shards.UnavailableException e) {
      // Whatever it was interrupted in.
      if (deadline.hasCome()) {
        throw tooSlow(question);
      }
      requireNoRefusal(e);
      throw e;
    } finally {
      asking.remove(Thread.currentThread());
    }
  }

  /// Where it is the question that is at fault, that is said.
  private static void requireNoRefusal(Exception failure) throws SqlRefusedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CacheTooSmallException) {
        throw new SqlRefusedException(Reason.ARCHIVE_TOO_LARGE, String.valueOf(cause.getMessage()));
      }
    }
  }

  private static SqlRefusedException tooSlow(SqlQuestion question) {
    return new SqlRefusedException(
        Reason.TOO_SLOW,
        "the query took more than %d ms; narrow _time, or give it more time with timeout_ms"
            .formatted(question.timeoutMs()));
  }

  private SqlAnswer answer(
      SqlQuestion question, SqlFormat format, Queries.After after, long deadlineNanos)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException,
          TimeoutException {
    String text = question.text();
    if (text.length() > SqlQuestion.MAX_TEXT) {
      throw new SqlRefusedException(
          Reason.BAD_SQL, "a query has at most %d characters".formatted(SqlQuestion.MAX_TEXT));
    }
    if (text.indexOf('\0') >= 0) {
      throw new SqlRefusedException(Reason.BAD_SQL, "it has a character with the code 0");
    }
    SqlGuard.checkDepth(text);
    Databases databases = databases();
    Matcher explain = EXPLAIN.matcher(text);
    boolean isExplain = explain.lookingAt();
    if (isExplain && explain.group(1) != null) {
      throw new SqlRefusedException(
          Reason.NOT_ALLOWED, "EXPLAIN ANALYZE is not allowed; EXPLAIN says what would be read");
    }
    int offset = isExplain ? explain.end() : 0;
    try {
      return answer(
          databases,
          text.substring(offset),
          offset,
          isExplain,
          question,
          format,
          after,
          deadlineNanos);
    } catch (SqlRefusedException e) {
      replaceIfBroken(databases, e.reason());
      throw e;
    } catch (RefusedInside e) {
      replaceIfBroken(databases, e.refusal.reason());
      throw e;
    }
  }

  /// A mistake of DuckDB's own makes a database useless: then the next question gets others.
  private void replaceIfBroken(Databases databases, Reason reason) {
    if (reason != Reason.FAILED || databases.work()) {
      return;
    }
    LOG.error("DuckDB has failed, and is started anew for the next query");
    synchronized (this) {
      if (databases.equals(open)) {
        open = null;
      }
    }
    Thread.startVirtualThread(
        () -> {
          try {
            databases.close();
          } catch (SQLException e) {
            LOG.warn("what is left of it cannot be closed", e);
          }
        });
  }

  private SqlAnswer answer(
      Databases databases,
      String text,
      int offset,
      boolean isExplain,
      SqlQuestion question,
      SqlFormat format,
      Queries.After after,
      long deadlineNanos)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException,
          TimeoutException {
    Plan plan = databases.planner().plan(text, offset, question, deadlineNanos);
    Map<SqlTable, TimeRanges> needs = new LinkedHashMap<>();
    plan.needs().forEach((name, bounds) -> needs.put(table(name), bounds));
    List<String> streams = needs.keySet().stream().map(t -> t.stream().name()).distinct().toList();
    SqlExecutor executor = databases.executor();
    HeldShards.Reading<SqlAnswer> reading =
        held -> {
          try {
            return isExplain
                ? executor.explain(plan, held, needs, deadlineNanos)
                : executor.execute(plan, held, needs, question.limit(), format, deadlineNanos);
          } catch (SqlRefusedException e) {
            throw new RefusedInside(e);
          } catch (TimeoutException e) {
            throw new LateInside(e);
          }
        };
    return snapshots.read(streams, after, reading);
  }

  private SqlTable table(String name) {
    return java.util.Objects.requireNonNull(tables.get(name));
  }

  /// Carries a refusal out of what holds the shards.
  private static final class RefusedInside extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient SqlRefusedException refusal;

    RefusedInside(SqlRefusedException refusal) {
      super(refusal);
      this.refusal = refusal;
    }
  }

  /// Carries the end of a question's time out of what holds the shards.
  private static final class LateInside extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LateInside(TimeoutException cause) {
      super(cause);
    }
  }

  /// Cuts running questions short and waits for their end.
  @Override
  public void close() throws IOException {
    Databases last;
    synchronized (this) {
      closed = true;
      last = open;
      open = null;
    }
    asking.forEach(Thread::interrupt);
    timers.shutdownNow();
    if (last != null) {
      try {
        last.close();
      } catch (SQLException e) {
        throw new UncheckedIOException(new IOException("cannot close DuckDB", e));
      }
    }
  }
}
