package io.tidemark.server.duckdb;

import io.tidemark.event.ColumnNames;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Names and paths as parts of SQL.
public final class Sql {
  /// What DuckDB calls the number of a row's file among those that are read; a column of the files
  /// that is called so is in its place.
  public static final String FILE_INDEX = "file_index";

  private Sql() {}

  /// Whether files of a shape do not show which of them a row is of, by [#FILE_INDEX].
  public static boolean hidesFiles(TableShape shape) {
    return columnNames(shape).stream().anyMatch(FILE_INDEX::equalsIgnoreCase);
  }

  /// The names of a shape's columns in a file, see [ColumnNames].
  public static List<String> columnNames(TableShape shape) {
    return ColumnNames.distinct(shape.columns().stream().map(TableShape.ColumnSpec::name).toList());
  }

  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  public static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  /// A column in a set of columns.
  static String columnWithType(String name, String type) {
    return name + " " + type;
  }

  /// The columns that a file of a shape has.
  static Set<String> columnsWithTypes(TableShape shape) {
    List<String> names = columnNames(shape);
    Set<String> columns = new TreeSet<>();
    for (int c = 0; c < names.size(); c++) {
      columns.add(columnWithType(names.get(c), type(shape.columns().get(c).type())));
    }
    return columns;
  }

  /// The files as a table, with their own columns and nothing that DuckDB guesses from their paths.
  public static String readParquet(List<Path> files) {
    return list(files) + ", hive_partitioning = false)";
  }

  private static String list(List<Path> files) {
    return files.stream()
        .map(file -> literal(file.toString()))
        .collect(Collectors.joining(", ", "read_parquet([", "]"));
  }

  /// The files as a table with the columns of a shape, and nothing that DuckDB guesses from their
  /// paths. A file of an earlier shape has nulls in columns that it does not have, and what was
  /// narrower is widened.
  static String readParquet(TableShape shape, List<Path> files) {
    List<String> names = columnNames(shape);
    String columns =
        IntStream.range(0, names.size())
            .mapToObj(c -> column(names.get(c), shape.columns().get(c).type()))
            .collect(Collectors.joining(", ", "MAP {", "}"));
    return "%s, schema = %s, hive_partitioning = false)".formatted(list(files), columns);
  }

  private static String column(String name, Type type) {
    return "%1$s: {name: %1$s, type: '%2$s', default_value: NULL}"
        .formatted(literal(name), type(type));
  }

  /// How a column is stored.
  public static String type(Type type) {
    return switch (type) {
      case BOOLEAN -> "BOOLEAN";
      case LONG -> "BIGINT";
      case DOUBLE -> "DOUBLE";
      case TIMESTAMP -> "TIMESTAMP";
      case TEXT -> "VARCHAR";
      case BYTES -> "BLOB";
    };
  }
}
