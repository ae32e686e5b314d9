package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.jspecify.annotations.Nullable;

/// A Parquet file, read by a DuckDB of its own in chunks of some thousand rows, in their order.
final class ParquetFile implements EventFile {
  /// For a row group's columns; DuckDB gives up what it has read once that is used.
  private static final String MEMORY = "512MB";

  private static final Pattern WILD = Pattern.compile("[\\[*?]");

  private final Path file;
  private final DuckDBConnection database;
  private final DuckDBPreparedStatement statement;
  private final DuckDBChunkedResult result;
  private final RowJson json;
  private final List<@Nullable String> row = new ArrayList<>();
  private final long rows;
  private final long bytes;
  private @Nullable DuckDBDataChunkReader chunk;
  private long inChunk;
  private long number;

  private ParquetFile(Path file, DuckDBConnection database, Map<String, FieldType> types)
      throws SQLException, IOException {
    this.file = file;
    this.database = database;
    this.bytes = Files.size(file);
    String source =
        "read_parquet('%s', hive_partitioning = false)".formatted(pattern(file).replace("'", "''"));
    ParquetColumns columns = new ParquetColumns(types);
    try (Statement describe = database.createStatement()) {
      try (ResultSet found = describe.executeQuery("DESCRIBE SELECT * FROM " + source)) {
        while (found.next()) {
          columns.add(found.getString(1), found.getString(2));
        }
      }
      try (ResultSet count = describe.executeQuery("SELECT count(*) FROM " + source)) {
        count.next();
        this.rows = count.getLong(1);
      }
    }
    this.json = new RowJson(columns.paths(), columns.kinds());
    columns.paths().forEach(_ -> row.add(null));
    this.statement =
        database.prepare(
            "SELECT %s FROM %s".formatted(String.join(", ", columns.expressions()), source));
    this.result = statement.query();
  }

  /// The pattern that stands for a file alone: DuckDB takes any name for a pattern.
  private static String pattern(Path file) {
    return WILD.matcher(file.toAbsolutePath().toString()).replaceAll("[$0]");
  }

  static ParquetFile open(Path file, Map<String, FieldType> types) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("threads", "1");
    // What does not fit fails rather than fills a folder.
    settings.setProperty("temp_directory", "");
    settings.setProperty("preserve_insertion_order", "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    try {
      DuckDBConnection database =
          DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
      try {
        return new ParquetFile(file, database, types);
      } catch (SQLException | IOException | RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failure(file, e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static IOException failure(Path file, SQLException e) {
    return new IOException("cannot read %s: %s".formatted(file, e.getMessage()), e);
  }

  @Override
  public @Nullable Event next() throws IOException {
    DuckDBDataChunkReader current = chunk;
    while (current == null || inChunk == current.rowCount()) {
      if (!result.nextChunk()) {
        if (number != rows) {
          // A result that breaks off ends as one that is whole.
          throw new IOException("%s: only %d of %d rows can be read".formatted(file, number, rows));
        }
        return null;
      }
      current = result.chunk();
      chunk = current;
      inChunk = 0;
    }
    for (int column = 0; column < row.size(); column++) {
      var vector = current.vector(column);
      row.set(column, vector.isNull(inChunk) ? null : vector.getString(inChunk));
    }
    inChunk++;
    number++;
    return new Event(number, json.event(row));
  }

  @Override
  public long bytesRead() {
    return rows == 0 ? bytes : (long) ((double) bytes / rows * number);
  }

  @Override
  public void close() throws IOException {
    try (database;
        statement;
        result) {
      chunk = null;
    } catch (SQLException e) {
      throw failure(file, e);
    }
  }
}
