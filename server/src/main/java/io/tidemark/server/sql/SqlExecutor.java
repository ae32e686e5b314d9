package io.tidemark.server.sql;

import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.TimeRanges;
import io.tidemark.rollup.Groups;
import io.tidemark.server.duckdb.FileShapes;
import io.tidemark.server.duckdb.ParquetSegments;
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
  private final FilesRun files;
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
    this.files = new FilesRun(workers);
    this.timers = timers;
  }

  static SqlExecutor open(SqlOptions options, ScheduledExecutorService timers)
      throws SQLException, IOException {
    Files.createDirectories(options.temporary());
    if (ANSWERS.getAndIncrement() == 0) {
      delete(options.temporary(), "answer-*");
      delete(options.temporary(), "excerpt-*");
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
      ParquetSegments.keepFooters(database);
      RowsFunction memory = RowsFunction.register(database, options.threads());
      Workers workers =
          new Workers(
              2 * options.questions(),
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
  private static void delete(Path folder, String names) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, names)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Executes a question on shards that are held.
  ///
  /// @param taken what other nodes have sent of the others
  /// @param limit how many rows there may be
  SqlAnswer execute(
      Plan plan,
      HeldShards held,
      List<ExcerptReader.Taken> taken,
      Map<SqlTable, TimeRanges> needs,
      int limit,
      SqlFormat format,
      long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Path file = options.temporary().resolve("answer-" + ANSWERS.getAndIncrement());
    boolean done = false;
    try (SqlViews views = SqlViews.of(held, taken, needs, memory, false)) {
      String sql = "SELECT * FROM (%s) LIMIT %d".formatted(plan.sql(), limit + 1L);
      long rows =
          files.run(
              held,
              views.wanted(),
              (task, paths) -> {
                create(task, views, plan, paths);
                return format == SqlFormat.PARQUET
                    ? copy(task, sql, plan, file)
                    : write(task, sql, plan, limit, format, file);
              },
              deadlineNanos);
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
      return new ResultFile(file, format, views.mark(), views.areOfEarlier(), length);
    } catch (Groups.TooMany _) {
      throw tooManyGroups();
    } catch (BoundedOutput.Full _) {
      throw tooLarge();
    } finally {
      if (!done) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void create(Task task, SqlViews views, SqlPlanner.Plan plan, List<Path> paths)
      throws SQLException {
    for (String view : views.statements(plan.fields(), plan.stored(), task, shapes, paths)) {
      try (var statement = task.prepare(view)) {
        statement.execute();
      }
      task.throwIfCancelled();
    }
  }

  static SqlRefusedException tooManyGroups() {
    return new SqlRefusedException(
        Reason.TOO_MUCH_MEMORY,
        "a rollup has more groups in this time than fit into memory; narrow _time");
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
        GrowthWatch watch =
            new GrowthWatch(file, size -> size <= options.answerBytes(), statement, timers)) {
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
  SqlAnswer explain(
      Plan plan,
      HeldShards held,
      List<ExcerptReader.Taken> taken,
      Map<SqlTable, TimeRanges> needs,
      long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Path file = options.temporary().resolve("answer-" + ANSWERS.getAndIncrement());
    try (SqlViews views = SqlViews.of(held, taken, needs, memory, true)) {
      String text =
          files.run(
              held,
              views.wanted(),
              (task, paths) -> {
                create(task, views, plan, paths);
                return explain(task, plan);
              },
              deadlineNanos);
      byte[] document = Explanation.of(views, text);
      Files.write(file, document);
      return new ResultFile(
          file, SqlFormat.JSON, views.mark(), views.areOfEarlier(), document.length);
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

  /// Writes excerpts for other nodes.
  ExcerptWriter excerpts(TemporaryRoom room) {
    return new ExcerptWriter(files, memory, shapes, options.temporary(), room, timers);
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
