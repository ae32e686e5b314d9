package io.tidemark.server.duckdb;

import io.tidemark.table.Condition;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// A scan as a SQL query. Every value is a parameter.
///
/// The first column is true for the rows that were found; after them comes one more row, in which
/// it is false. A result without that row is not complete: DuckDB's chunked results end without a
/// word where reading fails after the first chunk.
final class ScanSql {
  private final TableShape shape;
  private final List<String> columns;

  /// Long or String, in the order of the question marks.
  private final List<Object> parameters = new ArrayList<>();

  private final String text;

  ScanSql(TableShape shape, List<Path> files, Scan scan) {
    this.shape = shape;
    this.columns = Sql.columnNames(shape).stream().map(Sql::identifier).toList();
    StringBuilder sql = new StringBuilder("(SELECT true");
    scan.columns().forEach(c -> sql.append(", ").append(selected(c)));
    sql.append(" FROM ").append(Sql.readParquet(files));
    if (!scan.conditions().isEmpty()) {
      sql.append(
          scan.conditions().stream()
              .map(c -> "(" + test(c) + ")")
              .collect(Collectors.joining(" AND ", " WHERE ", "")));
    }
    if (scan.newestFirst()) {
      sql.append(" ORDER BY ").append(columns.get(TableShape.TIME)).append(" DESC, ");
      sql.append(columns.get(TableShape.OFFSET)).append(" DESC");
    }
    if (scan.limit() != Scan.ALL) {
      sql.append(" LIMIT ").append(scan.limit());
    }
    sql.append(") UNION ALL SELECT false");
    scan.columns().forEach(_ -> sql.append(", NULL"));
    this.text = sql.toString();
  }

  String text() {
    return text;
  }

  void setParameters(PreparedStatement statement) throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      switch (parameters.get(i)) {
        case Long word -> statement.setLong(i + 1, word);
        case String string -> statement.setString(i + 1, string);
        default -> throw new IllegalStateException();
      }
    }
  }

  /// A column as [ChunkRow] reads it.
  private String selected(int column) {
    String name = columns.get(column);
    return switch (type(column)) {
      case BOOLEAN, LONG, DOUBLE, TEXT -> name;
      case TIMESTAMP -> Timestamps.toMicros(name);
      case BYTES -> "to_base64(" + name + ")";
    };
  }

  private String test(Condition condition) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          "%1$s >= %2$s AND %1$s < %3$s"
              .formatted(word(column), value(column, from), value(column, to));
      case Condition.WordIs(int column, long word) -> wordIs(column, word);
      case Condition.WordIn(int column, List<Long> words) -> wordIn(column, words);
      case Condition.TextIn(int column, List<byte[]> texts) -> textIn(column, texts);
      case Condition.AnyContains(List<Integer> any, String needle) -> anyContains(any, needle);
      case Condition.OlderThan(long time, long offset) -> olderThan(time, offset);
    };
  }

  /// A column as the number that its word is, or what orders like it.
  private String word(int column) {
    String name = columns.get(column);
    return switch (type(column)) {
      case LONG, TIMESTAMP -> name;
      case BOOLEAN -> "CAST(" + name + " AS BIGINT)";
      // The raw bits: SQL finds 0 and -0 equal, and all NaNs.
      case DOUBLE -> "CAST(CAST(" + name + " AS BIT) AS BIGINT)";
      case TEXT, BYTES -> throw new IllegalArgumentException(name + " has no words");
    };
  }

  /// A parameter that is compared with [#word].
  private String value(int column, long word) {
    if (type(column) != Type.TIMESTAMP) {
      parameters.add(word);
      return "?";
    }
    if (Timestamps.isInfinite(word)) {
      return Timestamps.infinite(word);
    }
    parameters.add(word);
    return "make_timestamp(?)";
  }

  private String wordIs(int column, long word) {
    return word(column) + " = " + value(column, word);
  }

  private String wordIn(int column, List<Long> words) {
    if (words.isEmpty()) {
      return "false";
    }
    return words.size() == 1
        ? wordIs(column, words.getFirst())
        : word(column)
            + words.stream()
                .map(w -> value(column, w))
                .collect(Collectors.joining(", ", " IN (", ")"));
  }

  private String textIn(int column, List<byte[]> texts) {
    String name = text(column);
    List<String> wanted = new ArrayList<>();
    for (byte[] text : texts) {
      String string = new String(text, StandardCharsets.UTF_8);
      // What is not UTF-8 is in no file.
      if (Arrays.equals(text, string.getBytes(StandardCharsets.UTF_8))) {
        wanted.add(string);
      }
    }
    if (wanted.isEmpty()) {
      return "false";
    }
    parameters.addAll(wanted);
    return wanted.size() == 1
        ? name + " = ?"
        : name + wanted.stream().map(_ -> "?").collect(Collectors.joining(", ", " IN (", ")"));
  }

  private String anyContains(List<Integer> any, String needle) {
    if (any.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(needle)) {
      return "false";
    }
    List<String> tests = new ArrayList<>();
    for (int column : any) {
      LowerCase lower = LowerCase.forNeedle(needle);
      String lowered = "lower(" + text(column) + ")";
      if (!lower.isPlain()) {
        lowered = "translate(" + lowered + ", ?, ?)";
        parameters.add(lower.from());
        parameters.add(lower.to());
      }
      tests.add("contains(" + lowered + ", ?)");
      parameters.add(needle);
    }
    return String.join(" OR ", tests);
  }

  private String olderThan(long time, long offset) {
    String at = word(TableShape.TIME);
    // The first part repeats what the rest implies, as a bound that skips row groups.
    return "%1$s <= %2$s AND (%1$s < %3$s OR %4$s < %5$s)"
        .formatted(
            at,
            value(TableShape.TIME, time),
            value(TableShape.TIME, time),
            word(TableShape.OFFSET),
            value(TableShape.OFFSET, offset));
  }

  private String text(int column) {
    if (type(column) != Type.TEXT) {
      throw new IllegalArgumentException(columns.get(column) + " is not text");
    }
    return columns.get(column);
  }

  private Type type(int column) {
    return shape.columns().get(column).type();
  }
}
