package io.tidemark.server.duckdb;

import io.tidemark.table.TableShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Names and paths as parts of SQL.
public final class Sql {
  private Sql() {}

  /// The names of a shape's columns in a file: those of the shape, but where a name is empty or
  /// differs from one before it only by case, which SQL does not tell apart, it is `_` or gets
  /// `_2`, `_3`, … at its end.
  public static List<String> columnNames(TableShape shape) {
    Set<String> taken = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (TableShape.ColumnSpec column : shape.columns()) {
      String wanted = column.name().isEmpty() ? "_" : column.name().replace('\0', '_');
      String name = wanted;
      for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
        name = wanted + "_" + i;
      }
      names.add(name);
    }
    return names;
  }

  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  public static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  /// The files as a table, with their own columns and nothing that DuckDB guesses from their paths.
  public static String readParquet(List<Path> files) {
    return files.stream()
        .map(file -> literal(file.toString()))
        .collect(Collectors.joining(", ", "read_parquet([", "], hive_partitioning = false)"));
  }
}
