package io.tidemark.server.sql;

import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.archive.CacheTooSmallException;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Attempts;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.query.Shards.ViewFillingException;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;

/// Answers SQL with DuckDB. Starts with the first question.
public final class DuckSql implements SqlEngine, SqlExcerpts, AutoCloseable {
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
      SqlText text = SqlText.of(question);
      return asking(
          deadlineNanos,
          () -> {
            Databases.Pair pair = databases.get();
            Asked asked = new Asked(pair, text, format, after, deadlineNanos);
            return watching(pair, asked::answer);
          });
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
          Map<String, SqlTable> wanted = tables(needs);
          return watching(
              pair,
              () ->
                  here.read(
                      shards,
                      after,
                      reading(held -> writer.write(held, needs, wanted, deadlineNanos))));
        });
  }

  /// The tables that another node means.
  private Map<String, SqlTable> tables(SqlNeeds needs) throws Shards.UnavailableException {
    Map<String, SqlTable> wanted = new HashMap<>();
    for (SqlNeeds.Table table : needs.tables()) {
      String name = table.name();
      wanted.put(
          name,
          table(tables, name)
              .as(table.definition())
              .orElseThrow(
                  () ->
                      new Shards.UnavailableException(
                          "another node has another rollup " + name + " than this one can read")));
    }
    return wanted;
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

  /// One question under way.
  private final class Asked {
    private final Databases.Pair pair;
    private final SqlText text;
    private final SqlFormat format;
    private final Queries.After after;
    private final long deadlineNanos;

    Asked(
        Databases.Pair pair,
        SqlText text,
        SqlFormat format,
        Queries.After after,
        long deadlineNanos) {
      this.pair = pair;
      this.text = text;
      this.format = format;
      this.after = after;
      this.deadlineNanos = deadlineNanos;
    }

    /// Asks rollups as they are declared; those that are being filled as they were before.
    SqlAnswer answer()
        throws SqlRefusedException,
            Shards.NotVisibleException,
            Shards.UnavailableException,
            IOException,
            TimeoutException {
      Map<String, SqlTable> some = tables;
      Map<String, Attempts<RollupSpec>> attempts = new HashMap<>();
      Plan plan = pair.planner().plan(text, deadlineNanos);
      while (true) {
        try {
          return answer(plan, some);
        } catch (ViewFillingException e) {
          SqlTable table = tables.get(e.view());
          if (table == null || table.rollup().isEmpty()) {
            throw e;
          }
          Attempts<RollupSpec> ofView =
              attempts.computeIfAbsent(
                  table.name(), _ -> new Attempts<>(table.rollup().get(), table.stream().type()));
          ofView.failed(e);
          // Another map: who is still fetching for the attempt in vain reads that one.
          Map<String, SqlTable> others = new HashMap<>(some);
          others.put(table.name(), SqlTable.of(ofView.view(), table.stream()));
          others.keySet().retainAll(plan.needs().keySet());
          some = others;
          plan = planAgain(some, e);
        }
      }
    }

    private Plan planAgain(Map<String, SqlTable> some, ViewFillingException why)
        throws SqlRefusedException, ViewFillingException, IOException, TimeoutException {
      try (Databases.Borrowed borrowed = databases.planner(some)) {
        return borrowed.planner().plan(text, deadlineNanos);
      } catch (SqlRefusedException e) {
        if (e.reason() != Reason.BAD_SQL) {
          throw e;
        }
        throw Attempts.cannotAnswer(why, e);
      } catch (SQLException e) {
        throw new IOException("cannot end DuckDB: " + e.getMessage(), e);
      }
    }

    private SqlAnswer answer(Plan plan, Map<String, SqlTable> some)
        throws SqlRefusedException,
            Shards.NotVisibleException,
            Shards.UnavailableException,
            IOException {
      Map<SqlTable, TimeRanges> times = new LinkedHashMap<>();
      plan.needs().forEach((name, bounds) -> times.put(table(some, name), bounds));
      SqlNeeds needs = needs(plan, some);
      SqlExecutor executor = pair.executor();
      try (ExcerptReader excerpts =
          new ExcerptReader(some, needs, options.temporary(), room.lease())) {
        return everywhere.read(
            needs,
            after,
            deadlineNanos,
            excerpts,
            reading(
                held ->
                    text.isExplain()
                        ? executor.explain(plan, held, excerpts.taken(), times, deadlineNanos)
                        : executor.execute(
                            plan,
                            held,
                            excerpts.taken(),
                            times,
                            text.question().limit(),
                            format,
                            deadlineNanos)));
      }
    }

    private SqlNeeds needs(Plan plan, Map<String, SqlTable> some) {
      return new SqlNeeds(
          plan.needs().entrySet().stream()
              .map(
                  need -> {
                    SqlTable table = table(some, need.getKey());
                    return new SqlNeeds.Table(
                        table.name(),
                        table.definition(),
                        table.stream().name(),
                        need.getValue(),
                        plan.stored().getOrDefault(table.name(), List.of()));
                  })
              .toList(),
          !text.isExplain());
    }
  }

  private static SqlTable table(Map<String, SqlTable> tables, String name) {
    return Objects.requireNonNull(tables.get(name));
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
