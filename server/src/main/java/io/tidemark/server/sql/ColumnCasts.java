package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Sql;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Columns of a query in other types than they have.
final class ColumnCasts {
  private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'");

  private ColumnCasts() {}

  /// A query with such columns.
  ///
  /// @param types of columns that have been cast, what they were; by number, from 1 on
  record Rewritten(String sql, Map<Integer, String> types) {}

  /// @param columns those of the query
  /// @param wanted the type that is wanted instead of another, or that one
  /// @return the query itself where all columns have the types that are wanted
  static Rewritten rewrite(String sql, ResultSetMetaData columns, UnaryOperator<String> wanted)
      throws SQLException {
    List<String> selected = new ArrayList<>();
    Map<Integer, String> cast = new HashMap<>();
    for (int c = 1; c <= columns.getColumnCount(); c++) {
      String name = Sql.identifier(columns.getColumnName(c));
      String type = columns.getColumnTypeName(c);
      String other = wanted.apply(type);
      if (other.equals(type)) {
        selected.add(name);
      } else {
        cast.put(c, type);
        selected.add("CAST(%s AS %s) AS %s".formatted(name, other, name));
      }
    }
    return cast.isEmpty()
        ? new Rewritten(sql, cast)
        : new Rewritten("SELECT " + String.join(", ", selected) + " FROM (" + sql + ")", cast);
  }

  static boolean isNested(String type) {
    return type.endsWith("]")
        || type.startsWith("STRUCT(")
        || type.startsWith("MAP(")
        || type.startsWith("UNION(");
  }

  /// Changes the text of a type, but not names and texts within it that are in quotes.
  static String unquoted(String type, UnaryOperator<String> change) {
    StringBuilder wanted = new StringBuilder();
    Matcher quoted = QUOTED.matcher(type);
    int end = 0;
    while (quoted.find()) {
      wanted.append(change.apply(type.substring(end, quoted.start()))).append(quoted.group());
      end = quoted.end();
    }
    return wanted.append(change.apply(type.substring(end))).toString();
  }
}
