package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Sql;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Instants and times of day that the driver does not give as they are. Within structs, lists and
/// maps it gives a TIMESTAMP in the time zone of this machine, in which some do not exist; with a
/// time zone they come as they are. Of coarser instants it cannot read those without end, and no
/// TIME of 24:00:00, and leaves seconds away where there are none.
final class Instants {
  private static final Pattern TYPE =
      Pattern.compile(
          "\\bTIMESTAMP WITH TIME ZONE\\b|\\bTIMESTAMP(_S|_MS|_NS)?\\b|\\bTIME(_NS)?\\b( WITH TIME ZONE)?");

  private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'");

  private Instants() {}

  /// A query whose columns can be read.
  ///
  /// @param types of columns that have been cast, what they were; by number, from 1 on
  record Rewritten(String sql, Map<Integer, String> types) {}

  /// Selects the columns of a query in types that can be read.
  ///
  /// @param columns those of the query
  /// @return the query itself where all are
  static Rewritten readable(String sql, ResultSetMetaData columns) throws SQLException {
    List<String> selected = new ArrayList<>();
    Map<Integer, String> cast = new HashMap<>();
    for (int c = 1; c <= columns.getColumnCount(); c++) {
      String name = Sql.identifier(columns.getColumnName(c));
      String type = columns.getColumnTypeName(c);
      String wanted = isNested(type) ? withinNested(type) : plain(type);
      if (wanted.equals(type)) {
        selected.add(name);
      } else {
        cast.put(c, type);
        selected.add("CAST(%s AS %s) AS %s".formatted(name, wanted, name));
      }
    }
    return cast.isEmpty()
        ? new Rewritten(sql, cast)
        : new Rewritten("SELECT " + String.join(", ", selected) + " FROM (" + sql + ")", cast);
  }

  private static boolean isNested(String type) {
    return type.endsWith("]")
        || type.startsWith("STRUCT(")
        || type.startsWith("MAP(")
        || type.startsWith("UNION(");
  }

  private static String plain(String type) {
    return switch (type) {
      case "TIMESTAMP_S", "TIMESTAMP_MS" -> "TIMESTAMP";
      case "TIME", "TIME_NS", "TIME WITH TIME ZONE" -> "VARCHAR";
      default -> type;
    };
  }

  /// Names and texts in quotes stay as they are.
  private static String withinNested(String type) {
    StringBuilder wanted = new StringBuilder();
    var quoted = QUOTED.matcher(type);
    int end = 0;
    while (quoted.find()) {
      wanted.append(types(type.substring(end, quoted.start()))).append(quoted.group());
      end = quoted.end();
    }
    return wanted.append(types(type.substring(end))).toString();
  }

  private static String types(String text) {
    return TYPE.matcher(text)
        .replaceAll(
            found ->
                found.group().startsWith("TIMESTAMP") ? "TIMESTAMP WITH TIME ZONE" : "VARCHAR");
  }
}
