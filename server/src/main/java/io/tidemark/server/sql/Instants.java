package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Sql;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Instants within structs, lists and maps. As TIMESTAMP the driver gives them in the time zone of
/// this machine, in which some do not exist; with a time zone they come as they are.
final class Instants {
  private static final Pattern WITHOUT_ZONE =
      Pattern.compile("\\bTIMESTAMP(_S|_MS|_NS)?\\b(?! WITH)");

  private Instants() {}

  /// Selects the columns of a query, nested instants with a time zone.
  ///
  /// @param columns those of the query
  /// @return the query itself where it has no such columns
  static String zoned(String sql, ResultSetMetaData columns) throws SQLException {
    List<String> selected = new ArrayList<>();
    boolean some = false;
    for (int c = 1; c <= columns.getColumnCount(); c++) {
      String name = Sql.identifier(columns.getColumnName(c));
      String type = columns.getColumnTypeName(c);
      String zoned = isNested(type) ? zoned(type) : type;
      boolean differs = !zoned.equals(type);
      some |= differs;
      selected.add(differs ? "CAST(%s AS %s) AS %s".formatted(name, zoned, name) : name);
    }
    return some ? "SELECT " + String.join(", ", selected) + " FROM (" + sql + ")" : sql;
  }

  private static boolean isNested(String type) {
    return type.endsWith("]") || type.startsWith("STRUCT(") || type.startsWith("MAP(");
  }

  /// Names in quotes stay as they are.
  private static String zoned(String type) {
    String[] parts = type.split("\"", -1);
    for (int i = 0; i < parts.length; i += 2) {
      parts[i] = WITHOUT_ZONE.matcher(parts[i]).replaceAll("TIMESTAMP WITH TIME ZONE");
    }
    return String.join("\"", parts);
  }
}
