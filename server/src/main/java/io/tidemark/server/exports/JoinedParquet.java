package io.tidemark.server.exports;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/// Makes one Parquet file of several that have the same columns.
public final class JoinedParquet {
  private JoinedParquet() {}

  /// @param parts in the order in which their rows shall be
  /// @return how many rows there are
  public static long write(List<Path> parts, Path file) throws IOException {
    String all = parts.stream().map(JoinedParquet::literal).collect(Collectors.joining(", "));
    try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = database.createStatement()) {
      return statement.executeLargeUpdate(
          "COPY (SELECT * FROM read_parquet([%s], hive_partitioning = false)) TO %s (FORMAT parquet, COMPRESSION zstd)"
              .formatted(all, literal(file)));
    } catch (SQLException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static String literal(Path file) {
    return '\'' + file.toString().replace("'", "''") + '\'';
  }
}
