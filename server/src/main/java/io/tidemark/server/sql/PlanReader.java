package io.tidemark.server.sql;

import io.tidemark.query.TimeBounds;
import io.tidemark.query.TimeRanges;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads from DuckDB's plan of a question which times of each table it looks at.
///
/// A filter of a scan, or one right above it, holds for all rows that matter, and names columns as
/// the scanned table does, unless a query calls others so. Of filters only what compares the event
/// time with constants is understood; whatever else there is leaves the ranges as they are, which
/// is always right.
final class PlanReader {
  private static final Pattern TIMESTAMP =
      Pattern.compile("(\\d{4}-\\d{2}-\\d{2}) (\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?)");

  /// The scans of one table.
  ///
  /// @param filters of each scan its conditions, in SQL
  record Scans(List<List<String>> filters) {}

  private PlanReader() {}

  /// Finds the scans in a plan.
  ///
  /// @param plan as `EXPLAIN (FORMAT json)` has it
  /// @param above whether to read filters right above scans, too: there, a query may have called
  ///   something else as a column of the table
  /// @return by name of the table
  static Map<String, Scans> scans(JsonNode plan, boolean above) {
    Map<String, Scans> scans = new HashMap<>();
    find(plan, List.of(), above, scans);
    return scans;
  }

  private static void find(
      JsonNode node, List<String> filtersAbove, boolean above, Map<String, Scans> scans) {
    JsonNode info = node.path("extra_info");
    String name = node.path("name").asString("").strip();
    List<String> filters = new ArrayList<>();
    if (name.equals("FILTER") && above) {
      addTexts(info.path("Expression"), filters);
    } else if (name.equals("SEQ_SCAN")) {
      filters.addAll(filtersAbove);
      addTexts(info.path("Filters"), filters);
      scans
          .computeIfAbsent(
              tableOf(info.path("Table").asString("")), _ -> new Scans(new ArrayList<>()))
          .filters()
          .add(filters);
    }
    for (JsonNode child : node.isArray() ? node : node.path("children")) {
      find(child, filters, above, scans);
    }
  }

  private static void addTexts(JsonNode texts, List<String> into) {
    if (texts.isString() && !texts.asString().isEmpty()) {
      into.add(texts.asString());
    }
    for (JsonNode text : texts) {
      into.add(text.asString(""));
    }
  }

  /// `user_tags` of `memory.main.user_tags`.
  private static String tableOf(String path) {
    return path.substring(path.lastIndexOf('.') + 1).replace("\"", "").toLowerCase(Locale.ROOT);
  }

  /// The times that a condition lets through.
  ///
  /// @param condition a syntax tree
  /// @param time the column that has the event time
  static TimeRanges ranges(JsonNode condition, String time) {
    if (!condition.path("alias").asString("").isEmpty()) {
      return TimeRanges.ALL;
    }
    String kind = condition.path("type").asString("");
    return switch (condition.path("class").asString("")) {
      case "CONJUNCTION" -> conjunction(kind.equals("CONJUNCTION_AND"), condition, time);
      case "COMPARISON" -> comparison(kind, condition.path("left"), condition.path("right"), time);
      case "BETWEEN" ->
          isTime(condition.path("input"), time)
              ? comparison("COMPARE_GREATERTHANOREQUALTO", constant(condition.path("lower")))
                  .and(comparison("COMPARE_LESSTHANOREQUALTO", constant(condition.path("upper"))))
              : TimeRanges.ALL;
      case "OPERATOR" ->
          kind.equals("COMPARE_IN") ? in(condition.path("children"), time) : TimeRanges.ALL;
      default -> TimeRanges.ALL;
    };
  }

  private static TimeRanges conjunction(boolean isAnd, JsonNode conjunction, String time) {
    TimeRanges all = isAnd ? TimeRanges.ALL : TimeRanges.NONE;
    for (JsonNode child : conjunction.path("children")) {
      TimeRanges one = ranges(child, time);
      all = isAnd ? all.and(one) : all.or(one);
    }
    return all;
  }

  private static TimeRanges in(JsonNode children, String time) {
    if (!isTime(children.path(0), time)) {
      return TimeRanges.ALL;
    }
    TimeRanges any = TimeRanges.NONE;
    for (int i = 1; i < children.size(); i++) {
      any = any.or(comparison("COMPARE_EQUAL", constant(children.path(i))));
    }
    return any;
  }

  private static TimeRanges comparison(String kind, JsonNode left, JsonNode right, String time) {
    if (isTime(left, time)) {
      return comparison(kind, constant(right));
    }
    return isTime(right, time) ? comparison(mirrored(kind), constant(left)) : TimeRanges.ALL;
  }

  private static TimeRanges comparison(String kind, @Nullable Long micros) {
    if (micros == null) {
      return TimeRanges.ALL;
    }
    return TimeRanges.of(
        switch (kind) {
          case "COMPARE_GREATERTHANOREQUALTO" -> new TimeBounds(micros, Long.MAX_VALUE);
          case "COMPARE_GREATERTHAN" -> new TimeBounds(micros + 1, Long.MAX_VALUE);
          case "COMPARE_LESSTHAN" -> new TimeBounds(Long.MIN_VALUE, micros);
          case "COMPARE_LESSTHANOREQUALTO" -> new TimeBounds(Long.MIN_VALUE, micros + 1);
          case "COMPARE_EQUAL" -> new TimeBounds(micros, micros + 1);
          default -> TimeBounds.ALL;
        });
  }

  private static String mirrored(String kind) {
    return switch (kind) {
      case "COMPARE_GREATERTHANOREQUALTO" -> "COMPARE_LESSTHANOREQUALTO";
      case "COMPARE_GREATERTHAN" -> "COMPARE_LESSTHAN";
      case "COMPARE_LESSTHAN" -> "COMPARE_GREATERTHAN";
      case "COMPARE_LESSTHANOREQUALTO" -> "COMPARE_GREATERTHANOREQUALTO";
      default -> kind;
    };
  }

  private static boolean isTime(JsonNode expression, String time) {
    JsonNode names = expression.path("column_names");
    return expression.path("class").asString("").equals("COLUMN_REF")
        && names.size() == 1
        && names.path(0).asString("").equals(time);
  }

  /// The type that an expression is cast to; null where it is not.
  private static @Nullable String castTo(JsonNode expression) {
    JsonNode type = expression.path("type_expr");
    boolean plain =
        expression.path("class").asString("").equals("CAST")
            && !expression.path("try_cast").asBoolean(true)
            && type.path("children").isEmpty();
    return plain ? type.path("type_name").asString("").toUpperCase(Locale.ROOT) : null;
  }

  /// The microseconds of a constant TIMESTAMP; null where it is none.
  private static @Nullable Long constant(JsonNode expression) {
    JsonNode literal = expression.path("child").path("literal");
    if (!"TIMESTAMP".equals(castTo(expression))
        || !literal.path("kind").asString("").equals("STRING")) {
      return null;
    }
    Matcher text = TIMESTAMP.matcher(literal.path("text").asString(""));
    if (!text.matches()) {
      return null;
    }
    try {
      long day = LocalDate.parse(text.group(1)).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
      return day * 1_000_000 + LocalTime.parse(text.group(2)).getLong(ChronoField.MICRO_OF_DAY);
    } catch (DateTimeException _) {
      return null;
    }
  }
}
