package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.TimeBounds;
import io.tidemark.query.TimeRanges;
import io.tidemark.server.duckdb.Task;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What times the scans of a plan look at, by their filters.
///
/// @param conditions by filter, its syntax tree; of those only that are one condition in SQL
record ScanTimes(Map<String, JsonNode> conditions) {
  /// How far the clock may be set back between a plan and its execution.
  private static final long CLOCK_SLACK_MICROS = 60_000_000;

  /// Before a filter that is repeated above the scan: it leaves rows away, or does not.
  private static final String OPTIONAL = "optional: ";

  /// One tree for each text in a list, in JSON.
  private static final String TREES =
      """
      SELECT i, json_serialize_sql('SELECT ' || filter)
      FROM (SELECT unnest(filters) AS filter, generate_subscripts(filters, 1) - 1 AS i
            FROM (SELECT from_json(?, '["VARCHAR"]') AS filters))
      """;

  /// Reads the filters of some scans, all at once.
  static ScanTimes of(Task task, Collection<PlanReader.Scans> scans) throws SQLException {
    List<String> filters =
        scans.stream().flatMap(s -> s.filters().stream()).flatMap(List::stream).distinct().toList();
    Map<String, JsonNode> conditions = new HashMap<>();
    if (filters.isEmpty()) {
      return new ScanTimes(conditions);
    }
    List<String> texts =
        filters.stream()
            .map(f -> f.startsWith(OPTIONAL) ? f.substring(OPTIONAL.length()) : f)
            .toList();
    PreparedStatement statement = task.keep(TREES);
    statement.setString(1, SqlPlanner.MAPPER.writeValueAsString(texts));
    try (ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        JsonNode condition = condition(SqlPlanner.MAPPER.readTree(result.getString(2)));
        if (condition != null) {
          conditions.put(filters.get(result.getInt(1)), condition);
        }
      }
    }
    return new ScanTimes(conditions);
  }

  /// @return null where it is not one condition in SQL
  private static @Nullable JsonNode condition(JsonNode tree) {
    try {
      JsonNode statement = SqlPlanner.statement(SqlPlanner.requireTree(tree));
      JsonNode list = statement.path("node").path("select_list");
      return list.size() == 1 ? list.path(0) : null;
    } catch (SqlRefusedException _) {
      return null;
    }
  }

  /// The times at which the rows are that some scans of a table want.
  ///
  /// @param time the column that has it
  /// @param readsClock whether what they want depends on when it is asked
  TimeRanges ranges(PlanReader.Scans scans, String time, boolean readsClock) {
    TimeRanges any = TimeRanges.NONE;
    for (List<String> filters : scans.filters()) {
      TimeRanges one = TimeRanges.ALL;
      for (String filter : filters) {
        JsonNode condition = conditions.get(filter);
        if (condition == null) {
          // DuckDB separates filters by ends of lines, which a value may have, too: then what looks
          // like a filter may be a part of that value.
          one = TimeRanges.ALL;
          break;
        }
        one = one.and(PlanReader.ranges(condition, time));
      }
      any = any.or(one);
    }
    if (readsClock) {
      // Time goes on between here and the answer, and clocks may be set back.
      long from = any.whole().from();
      return TimeRanges.of(
          new TimeBounds(
              from < Long.MIN_VALUE + CLOCK_SLACK_MICROS ? from : from - CLOCK_SLACK_MICROS,
              Long.MAX_VALUE));
    }
    return any;
  }
}
