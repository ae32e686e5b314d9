package io.tidemark.server.duckdb;

import io.tidemark.server.background.BackgroundThreads;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;

/// Segments as Parquet files: a column per column of the shape, under its name (see
/// [Sql#columnNames]), as BOOLEAN, BIGINT, DOUBLE, TIMESTAMP (microseconds, without time zone,
/// meaning UTC), VARCHAR and BLOB; compressed with zstd.
///
/// Files are of Parquet's version 2, but where a column is a DOUBLE: of version 2 DuckDB would make
/// BYTE_STREAM_SPLIT of one with many values, and Spark 4.1 cannot read that. Of version 1 a row
/// takes up to a quarter more.
///
/// A column gets a dictionary, and with it a Bloom filter, where a value comes twice on average;
/// one of short texts gets a Bloom filter at any rate, see [FileFilters]. A dictionary for each
/// column would have it made by DuckDB, but writing would take two thirds more time, files be 2.6
/// times as large, and every other question take up to three times as long.
public final class ParquetSegments implements SegmentFormat, AutoCloseable {
  /// DuckDB's own default. More rows per group need more memory to write, fewer compress worse.
  private static final int ROW_GROUP_ROWS = 122_880;

  private static final String COPY_OPTIONS =
      "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, DICTIONARY_SIZE_LIMIT %d, STRING_DICTIONARY_PAGE_SIZE_LIMIT %d, USE_TMP_FILE false"
          .formatted(ROW_GROUP_ROWS, ROW_GROUP_ROWS / 2, 16 << 20);

  private final DuckDBConnection database;
  private final RowsFunction rowsFunction;
  private final Workers readers;
  private final Workers writer;
  private final Merges merges;
  private final FileShapes shapes = new FileShapes();
  private final FileChoice choice = new FileChoice();

  /// Has a database remember the footers of files; the least recently used ones go where it has too
  /// little memory, for which it counts about a quarter of what they take. Otherwise reading them
  /// is half of what a question about some minutes costs.
  ///
  /// It knows a file by the second when it was written, unless that is just now. So another one may
  /// come to be under the same name only with another time: as segments do, which are made again
  /// when the log is applied again, or not at all, as what is fetched from an archive.
  public static void keepFooters(DuckDBConnection database) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute("SET GLOBAL parquet_metadata_cache = true");
    }
  }

  private ParquetSegments(DuckDBConnection database, DuckDbOptions options) throws SQLException {
    this.database = database;
    this.merges = new Merges(options.forMerges());
    this.rowsFunction = RowsFunction.register(database);
    // Up to this size a result is found before its first row is given, and only as long as DuckDB
    // searches can it be interrupted.
    long buffer = options.memoryBytes() / 4 / options.readers();
    String setting = "SET streaming_buffer_size = '%dB'".formatted(buffer);
    this.readers =
        new Workers(
            options.readers(),
            Thread.ofPlatform().name("duckdb-scan-", 1).daemon().factory(),
            database,
            setting);
    this.writer = new Workers(1, BackgroundThreads.factory("duckdb-write"), database, setting);
  }

  /// Starts a DuckDB in memory.
  public static ParquetSegments open(DuckDbOptions options) throws IOException {
    Files.createDirectories(options.temporary());
    try {
      return open(connect(options), options);
    } catch (SQLException e) {
      throw new IOException("cannot start DuckDB: " + e.getMessage(), e);
    }
  }

  private static ParquetSegments open(DuckDBConnection database, DuckDbOptions options)
      throws SQLException {
    try {
      keepFooters(database);
      return new ParquetSegments(database, options);
    } catch (SQLException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /// A DuckDB in memory that loads nothing from elsewhere.
  static DuckDBConnection connect(DuckDbOptions options) throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", options.memoryBytes() + "B");
    settings.setProperty("threads", Integer.toString(options.threads()));
    settings.setProperty("temp_directory", options.temporary().toString());
    settings.setProperty("preserve_insertion_order", "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    // A file may be replaced by another of its name, within the same second.
    settings.setProperty("enable_external_file_cache", "false");
    return DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
  }

  @Override
  public String extension() {
    return ".parquet";
  }

  @Override
  public void write(Path file, Rows rows) throws IOException {
    long number = rowsFunction.add(rows);
    String copy = copy(RowsFunction.select(number, rows), rows.shape(), file);
    try {
      writer.run(
          task -> {
            try (var statement = task.prepare(copy)) {
              statement.execute();
            }
          });
      FileFilters.add(
          file,
          rows.shape(),
          (column, visitor) -> writer.run(task -> visit(task, rows, column, visitor)));
    } catch (SQLException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    } finally {
      rowsFunction.remove(number);
    }
  }

  private static void visit(Task task, Rows rows, int column, FileFilters.Visitor visitor) {
    for (int row = 0; row < rows.count(); row++) {
      task.throwIfCancelled();
      visitor.visit(rows.isNull(column, row) ? null : rows.bytes(column, row));
    }
  }

  /// A statement that writes the result of a query to a file.
  ///
  /// @param shape of the file
  static String copy(String select, TableShape shape, Path file) {
    boolean hasDoubles = shape.columns().stream().anyMatch(c -> c.type() == TableShape.Type.DOUBLE);
    return "COPY (%s) TO %s (PARQUET_VERSION %s, %s)"
        .formatted(select, Sql.literal(file.toString()), hasDoubles ? "V1" : "V2", COPY_OPTIONS);
  }

  @Override
  public void merge(Path file, List<Path> files, Merge merge, Rows more) throws IOException {
    merges.merge(file, files, merge, more);
  }

  @Override
  public void scan(TableShape shape, List<Path> files, Scan scan, Scan.Visitor visitor)
      throws IOException {
    if (files.isEmpty()) {
      return;
    }
    ChunkRow row = new ChunkRow(shape, scan);
    try {
      readers.run(
          task -> {
            List<Integer> chosen =
                choice.mayHave(shape, files, scan.conditions(), task::throwIfCancelled);
            if (chosen.isEmpty()) {
              row.end();
              return;
            }
            ScanSql sql = sql(task, shape, files, chosen, scan);
            try (var statement = task.prepare(sql.text())) {
              sql.setParameters(statement);
              try (var result = statement.query()) {
                while (result.nextChunk()) {
                  task.throwIfCancelled();
                  row.visit(result.chunk(), visitor);
                }
              }
            }
            task.throwIfCancelled();
            if (!row.isComplete()) {
              throw new SQLException("the result broke off: a damaged file, or too little memory");
            }
          });
    } catch (SQLException e) {
      throw new IOException(
          "cannot read %s%s: %s"
              .formatted(
                  files.getFirst(),
                  files.size() == 1 ? "" : " and %d more".formatted(files.size() - 1),
                  e.getMessage()),
          e);
    }
  }

  /// @param chosen the places of the files to be read
  private ScanSql sql(
      Task task, TableShape shape, List<Path> files, List<Integer> chosen, Scan scan)
      throws SQLException {
    if (!scan.columns().contains(Scan.FILE) || !Sql.hidesFiles(shape)) {
      List<Path> some = chosen.stream().map(files::get).toList();
      String number =
          "CAST(%s[1 + CAST(%s AS BIGINT)] AS BIGINT)".formatted(chosen, Sql.FILE_INDEX);
      return new ScanSql(shape, shapes.table(task, shape, some), number, scan);
    }
    // A name that no column has.
    String number =
        Sql.identifier("_".repeat(1 + String.join("", Sql.columnNames(shape)).length()));
    List<String> tables = new ArrayList<>();
    for (int i : chosen) {
      tables.add(
          "SELECT *, CAST(%d AS BIGINT) AS %s FROM %s"
              .formatted(i, number, shapes.table(task, shape, files.subList(i, i + 1))));
    }
    return new ScanSql(shape, "(" + String.join(" UNION ALL BY NAME ", tables) + ")", number, scan);
  }

  /// Waits for running scans and writes.
  @Override
  public void close() throws IOException {
    try {
      readers.close();
      writer.close();
      merges.close();
      database.close();
    } catch (SQLException e) {
      throw new IOException("cannot close DuckDB: " + e.getMessage(), e);
    }
  }
}
