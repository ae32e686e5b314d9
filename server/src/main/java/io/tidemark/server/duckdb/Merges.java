package io.tidemark.server.duckdb;

import io.tidemark.server.background.BackgroundThreads;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// Merges Parquet files in a DuckDB of its own, so that sorting a large one takes no memory from
/// scans and checkpoints: what does not fit goes to temporary files. It is started by the first
/// merge; one runs at a time, on a thread that gives way.
final class Merges implements AutoCloseable {
  private final DuckDbOptions options;
  private @Nullable Running running;
  private boolean closed;

  private record Running(DuckDBConnection database, RowsFunction rowsFunction, Workers worker) {}

  /// @param options of which the memory and the folder count
  Merges(DuckDbOptions options) {
    this.options = options;
  }

  void merge(Path file, List<Path> files, Merge merge, Rows more) throws IOException {
    try {
      Running duckDb = running();
      long number = duckDb.rowsFunction().add(more);
      try {
        ConditionSql conditions = new ConditionSql(more.shape());
        String copy =
            ParquetSegments.copy(
                select(files, merge, more, number, conditions), more.shape(), file);
        duckDb
            .worker()
            .run(
                task -> {
                  try (var statement = task.prepare(copy)) {
                    conditions.setParameters(statement);
                    long rows = statement.executeLargeUpdate();
                    if (rows != merge.rows()) {
                      throw new SQLException("%d rows instead of %d".formatted(rows, merge.rows()));
                    }
                  }
                });
        FileFilters.add(
            file,
            more.shape(),
            (column, visitor) ->
                duckDb.worker().run(task -> visit(task, file, more.shape(), column, visitor)));
      } finally {
        duckDb.rowsFunction().remove(number);
      }
    } catch (SQLException e) {
      throw new IOException(
          "cannot merge %d files into %s: %s".formatted(files.size(), file, e.getMessage()), e);
    }
  }

  private static void visit(
      Task task, Path file, TableShape shape, int column, FileFilters.Visitor visitor)
      throws SQLException {
    String sql =
        "SELECT %s FROM %s"
            .formatted(
                Sql.identifier(Sql.columnNames(shape).get(column)), Sql.readParquet(List.of(file)));
    try (var statement = task.prepare(sql);
        var result = statement.query()) {
      while (result.nextChunk()) {
        task.throwIfCancelled();
        var texts = result.chunk().vector(0);
        for (long row = 0; row < result.chunk().rowCount(); row++) {
          visitor.visit(
              texts.isNull(row) ? null : texts.getString(row).getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static String select(
      List<Path> files, Merge merge, Rows more, long number, ConditionSql conditions) {
    List<String> columns = Sql.columnNames(more.shape()).stream().map(Sql::identifier).toList();
    String of =
        "SELECT "
            + selected(columns, merge, conditions)
            + " FROM "
            + Sql.readParquet(more.shape(), files);
    String parts = of + conditions.where(merge.conditions());
    String all =
        more.count() == 0 ? parts : parts + " UNION ALL " + RowsFunction.select(number, more);
    return merge.order().stream()
        .map(columns::get)
        .collect(Collectors.joining(", ", "SELECT * FROM (" + all + ") ORDER BY ", ""));
  }

  private static String selected(List<String> columns, Merge merge, ConditionSql conditions) {
    List<String> selected = new ArrayList<>(columns);
    merge
        .blank()
        .ifPresent(
            blank ->
                blank
                    .columns()
                    .forEach(
                        column ->
                            selected.set(
                                column,
                                "CASE WHEN %s THEN %2$s END AS %2$s"
                                    .formatted(
                                        conditions.all(blank.unless()), columns.get(column)))));
    return String.join(", ", selected);
  }

  private synchronized Running running() throws SQLException, IOException {
    Running now = running;
    if (closed) {
      throw new IOException("DuckDB has been closed");
    }
    if (now == null) {
      Files.createDirectories(options.temporary());
      DuckDBConnection database = ParquetSegments.connect(options);
      try {
        now =
            new Running(
                database,
                RowsFunction.register(database),
                new Workers(
                    1, BackgroundThreads.factory("duckdb-merge"), database, "SET threads = 1"));
      } catch (SQLException | RuntimeException e) {
        database.close();
        throw e;
      }
      running = now;
    }
    return now;
  }

  /// Waits for a running merge.
  @Override
  public synchronized void close() throws SQLException {
    closed = true;
    if (running != null) {
      running.worker().close();
      running.database().close();
    }
  }
}
