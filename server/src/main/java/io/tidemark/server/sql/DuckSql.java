package io.tidemark.server.sql;

import io.tidemark.app.Catalog;
import io.tidemark.archive.CacheTooSmallException;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlEngine;
import io.tidemark.query.SqlExcerpts;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.SqlShards;
import io.tidemark.query.TimeRanges;
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

/// Answers SQL with DuckDB. Starts with the first question.
public final class DuckSql implements SqlEngine, SqlExcerpts, AutoCloseable {
  private static final Pattern EXPLAIN =
      Pattern.compile("\\s*EXPLAIN\\s+(ANALYZE\\b)?", Pattern.CASE_INSENSITIVE);

  private final Map<String, SqlTable> tables;
  private final SqlShards everywhere;
  private final Snapshots here;
  private final SqlOptions options;
  private final TemporaryRoom room;
  private final Databases databases;

  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sql-deadline").daemon().factory());

  /// Those who wait for an answer.
  private final Set<Thread> asking = ConcurrentHashMap.newKeySet();

  /// @param everywhere all shards, for what is asked here
  /// @param here those of this node, for what other nodes ask
  public DuckSql(Catalog catalog, SqlShards everywhere, Snapshots here, SqlOptions options) {
    this.tables = new TreeMap<>(SqlTable.of(catalog));
    this.everywhere = everywhere;
    this.here = here;
    this.options = options;
    this.room = new TemporaryRoom(options.excerptBytes());
    this.databases = new Databases(tables, options, timers);
  }

  /// How many questions are under way.
  public int running() {
    return asking.size();
  }

  /// The names of all tables.
  public Collection<String> tables() {
    return tables.keySet();
  }

  /// Bytes of what other nodes have sent, and of what is made for them.
  public long excerptBytes() {
    return room.usedBytes();
  }

  @Override
  public SqlAnswer answer(SqlQuestion question, SqlFormat format, Queries.After after)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException {
    long deadlineNanos = System.nanoTime() + question.timeoutMs() * 1_000_000L;
    try {
      return asking(deadlineNanos, () -> answer(question, format, after, deadlineNanos));
    } catch (SqlRefusedException e) {
      // Also where it is another node that has said so.
      throw e.reason() == Reason.TOO_SLOW ? tooSlow(question) : e;
    }
  }

  @Override
  public Excerpt excerpt(
      SqlNeeds needs, Collection<StreamPartition> shards, Queries.After after, long deadlineNanos)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException {
    return asking(
        deadlineNanos,
        () -> {
          Databases.Pair pair = databases.get();
          ExcerptWriter writer = pair.executor().excerpts(room);
          return watching(
              pair,
              () ->
                  here.read(
                      shards,
                      after,
                      reading(held -> writer.write(held, needs, tables, deadlineNanos))));
        });
  }

  /// Something that ends early where its thread is interrupted.
  @FunctionalInterface
  private interface Asking<T> {
    T ask()
        throws SqlRefusedException,
            Shards.NotVisibleException,
            Shards.UnavailableException,
            IOException,
            TimeoutException;
  }

  private <T> T asking(long deadlineNanos, Asking<T> work)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException {
    Deadline deadline = new Deadline(deadlineNanos, timers);
    asking.add(Thread.currentThread());
    try (deadline) {
      return work.ask();
    } catch (RefusedInside e) {
      throw e.refusal;
    } catch (TimeoutException | LateInside _) {
      throw tooSlow();
    } catch (IOException | Shards.UnavailableException e) {
      // Whatever it was interrupted in.
      if (deadline.hasCome()) {
        throw tooSlow();
      }
      requireNoRefusal(e);
      throw e;
    } finally {
      asking.remove(Thread.currentThread());
    }
  }

  /// What is done with shards while they are held.
  @FunctionalInterface
  private interface Holding<T> {
    T read(HeldShards held) throws SqlRefusedException, IOException, TimeoutException;
  }

  private static <T> HeldShards.Reading<T> reading(Holding<T> holding) {
    return held -> {
      try {
        return holding.read(held);
      } catch (SqlRefusedException e) {
        throw new RefusedInside(e);
      } catch (TimeoutException e) {
        throw new LateInside(e);
      }
    };
  }

  /// Where it is the question that is at fault, that is said.
  private static void requireNoRefusal(Exception failure) throws SqlRefusedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CacheTooSmallException) {
        throw new SqlRefusedException(Reason.ARCHIVE_TOO_LARGE, String.valueOf(cause.getMessage()));
      }
    }
  }

  private static SqlRefusedException tooSlow() {
    return new SqlRefusedException(Reason.TOO_SLOW, "it takes longer than there is time for");
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
    Databases.Pair pair = databases.get();
    Matcher explain = EXPLAIN.matcher(text);
    boolean isExplain = explain.lookingAt();
    if (isExplain && explain.group(1) != null) {
      throw new SqlRefusedException(
          Reason.NOT_ALLOWED, "EXPLAIN ANALYZE is not allowed; EXPLAIN says what would be read");
    }
    int offset = isExplain ? explain.end() : 0;
    return watching(
        pair,
        () ->
            answer(
                pair,
                text.substring(offset),
                offset,
                isExplain,
                question,
                format,
                after,
                deadlineNanos));
  }

  private <T> T watching(Databases.Pair pair, Asking<T> work)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException,
          TimeoutException {
    try {
      return work.ask();
    } catch (SqlRefusedException e) {
      databases.replaceIfBroken(pair, e.reason());
      throw e;
    } catch (RefusedInside e) {
      databases.replaceIfBroken(pair, e.refusal.reason());
      throw e;
    }
  }

  private SqlAnswer answer(
      Databases.Pair pair,
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
    Plan plan = pair.planner().plan(text, offset, question, deadlineNanos);
    Map<SqlTable, TimeRanges> times = new LinkedHashMap<>();
    plan.needs().forEach((name, bounds) -> times.put(table(name), bounds));
    SqlNeeds needs = needs(plan, !isExplain);
    SqlExecutor executor = pair.executor();
    try (ExcerptReader excerpts =
        new ExcerptReader(tables, needs, options.temporary(), room.lease())) {
      return everywhere.read(
          needs,
          after,
          deadlineNanos,
          excerpts,
          reading(
              held ->
                  isExplain
                      ? executor.explain(plan, held, excerpts.taken(), times, deadlineNanos)
                      : executor.execute(
                          plan,
                          held,
                          excerpts.taken(),
                          times,
                          question.limit(),
                          format,
                          deadlineNanos)));
    }
  }

  private SqlNeeds needs(Plan plan, boolean rows) {
    return new SqlNeeds(
        plan.needs().entrySet().stream()
            .map(
                need -> {
                  SqlTable table = table(need.getKey());
                  return new SqlNeeds.Table(
                      table.name(),
                      table.stream().name(),
                      need.getValue(),
                      plan.stored().getOrDefault(table.name(), List.of()));
                })
            .toList(),
        rows);
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
    databases.end();
    asking.forEach(Thread::interrupt);
    timers.shutdownNow();
    try {
      databases.close();
    } catch (SQLException e) {
      throw new UncheckedIOException(new IOException("cannot close DuckDB", e));
    }
  }
}
