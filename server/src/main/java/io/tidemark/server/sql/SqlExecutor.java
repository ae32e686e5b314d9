package io.tidemark.server.sql;

import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.rollup.Groups;
import io.tidemark.server.duckdb.FileShapes;
import io.tidemark.server.duckdb.RowsFunction;
import io.tidemark.server.duckdb.Sql;
import io.tidemark.server.duckdb.Task;
import io.tidemark.server.duckdb.Workers;
import io.tidemark.server.sql.ResultWriter.Cells;
import io.tidemark.server.sql.SqlPlanner.Plan;
import io.tidemark.shard.HeldShards;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;

/// Executes questions that have passed, in a database that may read the node's segments and its own
/// temporary folder, and nothing else.
final class SqlExecutor implements AutoCloseable {
  /// Rows between two looks at whether to go on.
  private static final int LOOK_EVERY_ROWS = 1024;

  private final SqlOptions options;
  private final DuckDBConnection database;
  private final RowsFunction memory;
  private final Workers workers;
  private final FileShapes shapes = new FileShapes();
  private final ScheduledExecutorService timers;

  /// Numbers answers, one after the other also where a database has been replaced: older answers
  /// may still be read.
  private static final AtomicLong ANSWERS = new AtomicLong();

  private SqlExecutor(
      SqlOptions options,
      DuckDBConnection database,
      RowsFunction memory,
      Workers workers,
      ScheduledExecutorService timers) {
    this.options = options;
    this.database = database;
    this.memory = memory;
    this.workers = workers;
    this.timers = timers;
  }

  static SqlExecutor open(SqlOptions options, ScheduledExecutorService timers)
      throws SQLException, IOException {
    Files.createDirectories(options.temporary());
    if (ANSWERS.get() == 0) {
      deleteAnswers(options.temporary());
    }
    Properties settings = new Properties();
    settings.setProperty("memory_limit", options.memoryBytes() + "B");
    settings.setProperty("threads", Integer.toString(options.threads()));
    settings.setProperty("temp_directory", options.temporary().toString());
    settings.setProperty("max_temp_directory_size", options.temporaryBytes() + "B");
    settings.setProperty("preserve_insertion_order", "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("enable_external_file_cache", "false");
    DuckDBConnection database =
        DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
    try {
      RowsFunction memory = RowsFunction.register(database, options.threads());
      Workers workers =
          new Workers(
              options.questions(),
              Thread.ofPlatform().name("sql-run-", 1).daemon().factory(),
              database,
              "SET TimeZone = 'UTC'");
      try (Statement statement = database.createStatement()) {
        statement.execute(
            Stream.concat(options.files().stream(), Stream.of(options.temporary()))
                .map(folder -> Sql.literal(folder.toString()))
                .collect(Collectors.joining(", ", "SET allowed_directories = [", "]")));
        statement.execute("SET enable_external_access = false");
        statement.execute("SET lock_configuration = true");
      }
      return new SqlExecutor(options, database, memory, workers, timers);
    } catch (SQLException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /// What a process that was killed has left.
  private static void deleteAnswers(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "answer-*")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Executes a question on shards that are held.
  ///
  /// @param limit how many rows there may be
  SqlAnswer execute(
      Plan plan,
      HeldShards held,
      Map<SqlTable, TimeRanges> needs,
      int limit,
      SqlFormat format,
      long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Path file = options.temporary().resolve("answer-" + ANSWERS.getAndIncrement());
    boolean done = false;
    try (SqlViews views = SqlViews.of(held, plan, needs, memory, false)) {
      String sql = "SELECT * FROM (%s) LIMIT %d".formatted(plan.sql(), limit + 1L);
      long rows =
          held.files(
              views.wanted(),
              paths ->
                  run(
                      views,
                      paths,
                      task ->
                          format == SqlFormat.PARQUET
                              ? copy(task, sql, plan, file)
                              : write(task, sql, plan, limit, format, file),
                      deadlineNanos));
      if (rows > limit) {
        throw new SqlRefusedException(
            Reason.TOO_MANY_ROWS,
            "the answer has more than %d rows; ask for fewer, or raise limit".formatted(limit));
      }
      long length = Files.size(file);
      if (length > options.answerBytes()) {
        throw tooLarge();
      }
      done = true;
      return new ResultFile(file, format, views.mark(), length);
    } catch (Groups.TooMany _) {
      throw new SqlRefusedException(
          Reason.TOO_MUCH_MEMORY,
          "a rollup has more groups in this time than fit into memory; narrow _time");
    } catch (DoubtedException e) {
      throw e.refusal;
    } catch (WrappedException e) {
      throw e.refusal();
    } finally {
      if (!done) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Something that is done with the views of a question.
  private interface Work<T> {
    T run(Task task) throws SQLException, IOException;
  }

  private <T> T run(SqlViews views, List<Path> paths, Work<T> work, long deadlineNanos)
      throws IOException {
    Object[] result = new Object[1];
    try {
      workers.run(
          task -> {
            for (String view : views.statements(task, shapes, paths)) {
              try (var statement = task.prepare(view)) {
                statement.execute();
              }
              task.throwIfCancelled();
            }
            try {
              result[0] = work.run(task);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          },
          deadlineNanos);
    } catch (SQLException e) {
      // Shards' files are doubted where reading them fails, not where the question is at fault.
      SqlRefusedException refusal = SqlFailures.refusal(e);
      if (SqlFailures.mayBeOfFiles(e)) {
        throw new DoubtedException(refusal);
      }
      throw new WrappedException(refusal);
    } catch (TimeoutException e) {
      throw new WrappedException(e);
    } catch (BoundedOutput.Full _) {
      throw new WrappedException(tooLarge());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    @SuppressWarnings("unchecked")
    T value = (T) result[0];
    return value;
  }

  private SqlRefusedException tooLarge() {
    return new SqlRefusedException(
        Reason.TOO_LARGE,
        "the answer has more than %d MB; ask for fewer rows or columns"
            .formatted(options.answerBytes() >> 20));
  }

  private long write(Task task, String sql, Plan plan, int limit, SqlFormat format, Path file)
      throws SQLException, IOException {
    ColumnCasts.Rewritten readable;
    try (PreparedStatement statement = task.prepare(sql)) {
      SqlParameters.set(statement, plan.values());
      readable =
          ColumnCasts.rewrite(
              sql,
              statement.getMetaData(),
              format == SqlFormat.ARROW ? ArrowResult::exact : Instants::readable);
      if (readable.types().isEmpty()) {
        return write(task, statement, readable.types(), limit, format, file);
      }
    }
    try (PreparedStatement statement = task.prepare(readable.sql())) {
      SqlParameters.set(statement, plan.values());
      return write(task, statement, readable.types(), limit, format, file);
    }
  }

  private long write(
      Task task,
      PreparedStatement statement,
      Map<Integer, String> types,
      int limit,
      SqlFormat format,
      Path file)
      throws SQLException, IOException {
    long rows = 0;
    try (OutputStream out =
            new BufferedOutputStream(
                new BoundedOutput(Files.newOutputStream(file), options.answerBytes()), 1 << 16);
        ResultSet result = statement.executeQuery()) {
      if (format == SqlFormat.ARROW) {
        return ArrowResult.write(task, result, out);
      }
      Cells cells = Cells.of(result, types);
      ResultWriter writer =
          switch (format) {
            case JSON -> new JsonResult(out);
            case NDJSON -> new JsonResult.Lines(out);
            case CSV -> new CsvResult(out);
            case PARQUET, ARROW -> throw new IllegalArgumentException();
          };
      writer.begin(cells);
      for (; rows <= limit && result.next(); rows++) {
        writer.row(cells);
        if (rows % LOOK_EVERY_ROWS == 0) {
          task.throwIfCancelled();
        }
      }
      writer.end(rows);
    }
    return rows;
  }

  private long copy(Task task, String sql, Plan plan, Path file) throws SQLException {
    String exact;
    try (PreparedStatement statement = task.prepare(sql)) {
      SqlParameters.set(statement, plan.values());
      exact = ColumnCasts.rewrite(sql, statement.getMetaData(), WideIntegers::exact).sql();
    }
    String copy =
        "COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)"
            .formatted(exact, Sql.literal(file.toString()));
    try (PreparedStatement statement = task.prepare(copy);
        GrowthWatch watch = new GrowthWatch(file, options.answerBytes(), statement, timers)) {
      SqlParameters.set(statement, plan.values());
      try {
        return statement.executeLargeUpdate();
      } catch (SQLException e) {
        if (watch.isFull()) {
          throw new BoundedOutput.Full();
        }
        throw e;
      }
    }
  }

  /// Says what a question would read.
  SqlAnswer explain(Plan plan, HeldShards held, Map<SqlTable, TimeRanges> needs, long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Path file = options.temporary().resolve("answer-" + ANSWERS.getAndIncrement());
    try (SqlViews views = SqlViews.of(held, plan, needs, memory, true)) {
      String text =
          held.files(
              views.wanted(),
              paths -> run(views, paths, task -> explain(task, plan), deadlineNanos));
      byte[] document = Explanation.of(views, text);
      Files.write(file, document);
      return new ResultFile(file, SqlFormat.JSON, views.mark(), document.length);
    } catch (DoubtedException e) {
      throw e.refusal;
    } catch (WrappedException e) {
      throw e.refusal();
    }
  }

  private static String explain(Task task, Plan plan) throws SQLException {
    try (PreparedStatement statement = task.prepare("EXPLAIN " + plan.sql())) {
      SqlParameters.set(statement, plan.values());
      try (ResultSet result = statement.executeQuery()) {
        StringBuilder text = new StringBuilder();
        while (result.next()) {
          text.append(result.getString(2));
        }
        return text.toString();
      }
    }
  }

  /// Files may be at fault: whoever hands them over looks at them again. Where nothing is wrong
  /// with them the question is refused.
  private static final class DoubtedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient SqlRefusedException refusal;

    DoubtedException(SqlRefusedException refusal) {
      super(refusal);
      this.refusal = refusal;
    }
  }

  /// Carries out of the reading of files what is not the files' fault.
  private static final class WrappedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrappedException(Exception cause) {
      super(cause);
    }

    SqlRefusedException refusal() throws TimeoutException {
      if (getCause() instanceof TimeoutException e) {
        throw e;
      }
      return (SqlRefusedException) java.util.Objects.requireNonNull(getCause());
    }
  }

  /// Whether it can be asked anything.
  boolean works() {
    return Probe.works(workers);
  }

  /// Waits for what is being executed.
  @Override
  public void close() throws SQLException {
    workers.close();
    database.close();
  }
}
