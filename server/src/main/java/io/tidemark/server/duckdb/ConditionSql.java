package io.tidemark.server.duckdb;

import io.tidemark.table.Condition;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Conditions as a part of a SQL query. Every value is a parameter, or all of them are literals.
public final class ConditionSql {
  private final TableShape shape;
  private final List<String> columns;

  /// Long or String, in the order of the question marks.
  private final List<Object> parameters = new ArrayList<>();

  private final boolean literal;

  ConditionSql(TableShape shape) {
    this(shape, false);
  }

  private ConditionSql(TableShape shape, boolean literal) {
    this.shape = shape;
    this.literal = literal;
    this.columns = Sql.columnNames(shape).stream().map(Sql::identifier).toList();
  }

  /// All of these conditions, for who cannot have parameters; at least one.
  public static String literal(TableShape shape, List<Condition> conditions) {
    return new ConditionSql(shape, true).all(conditions);
  }

  /// A long or a string as a part of the query.
  private String parameter(Object value) {
    if (literal) {
      return value instanceof String text ? Sql.literal(text) : "CAST(" + value + " AS BIGINT)";
    }
    parameters.add(value);
    return "?";
  }

  /// The WHERE clause of a query that has none of these conditions yet; empty where there are none.
  String where(List<Condition> conditions) {
    return conditions.isEmpty() ? "" : " WHERE " + all(conditions);
  }

  /// All of these conditions; at least one.
  String all(List<Condition> conditions) {
    return conditions.stream().map(c -> "(" + test(c) + ")").collect(Collectors.joining(" AND "));
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
      case Condition.NotAll(List<Condition> conditions) ->
          "NOT coalesce(" + all(conditions) + ", false)";
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
      return parameter(word);
    }
    if (Timestamps.isInfinite(word)) {
      return Timestamps.infinite(word);
    }
    return "make_timestamp(" + parameter(word) + ")";
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
    return wanted.size() == 1
        ? name + " = " + parameter(wanted.getFirst())
        : name
            + wanted.stream().map(this::parameter).collect(Collectors.joining(", ", " IN (", ")"));
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
        lowered =
            "translate(%s, %s, %s)"
                .formatted(lowered, parameter(lower.from()), parameter(lower.to()));
      }
      tests.add("contains(%s, %s)".formatted(lowered, parameter(needle)));
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
