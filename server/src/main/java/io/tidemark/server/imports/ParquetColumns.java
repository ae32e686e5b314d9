package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import io.tidemark.server.imports.RowJson.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The leaves of a file's columns, each as a path and an SQL expression that makes a text of it.
/// Structs are taken apart; lists and maps are JSON texts as a whole.
final class ParquetColumns {
  private static final Set<String> INTEGERS =
      Set.of(
          "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "HUGEINT",
          "UTINYINT",
          "USMALLINT",
          "UINTEGER",
          "UBIGINT",
          "UHUGEINT");

  private final Map<String, FieldType> types;
  private final List<List<String>> paths = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private final List<String> expressions = new ArrayList<>();

  /// @param types of the stream's fields, by their paths
  ParquetColumns(Map<String, FieldType> types) {
    this.types = types;
  }

  /// Adds a column.
  ///
  /// @param type as DuckDB describes it, as `STRUCT(a BIGINT, "b c" VARCHAR[])`
  void add(String name, String type) throws IOException {
    add(RowJson.path(name), '"' + name.replace("\"", "\"\"") + '"', type);
  }

  List<List<String>> paths() {
    return paths;
  }

  List<Kind> kinds() {
    return kinds;
  }

  List<String> expressions() {
    return expressions;
  }

  private void add(List<String> path, String value, String type) throws IOException {
    if (type.startsWith("STRUCT(") && type.endsWith(")")) {
      Members members = new Members(type.substring("STRUCT(".length(), type.length() - 1));
      while (members.next()) {
        List<String> inner = new ArrayList<>(path);
        inner.addAll(RowJson.path(members.name));
        add(inner, value + "['" + members.name.replace("'", "''") + "']", members.type);
      }
      return;
    }
    FieldType wanted = types.get(String.join(".", path));
    paths.add(path);
    if (type.endsWith("]") || type.startsWith("MAP(") || type.startsWith("UNION(")) {
      leaf(Kind.JSON, "CAST(to_json(%s) AS VARCHAR)".formatted(value));
    } else if (type.startsWith("TIMESTAMP")) {
      String utc =
          type.equals("TIMESTAMP WITH TIME ZONE")
              ? "timezone('UTC', %s)".formatted(value)
              : "CAST(%s AS TIMESTAMP)".formatted(value);
      if (wanted == FieldType.LONG) {
        leaf(Kind.NUMBER, "CAST(epoch_ms(%s) AS VARCHAR)".formatted(utc));
      } else {
        leaf(
            Kind.TEXT,
            ("CASE WHEN epoch_us(%1$s) %% 1000 = 0 THEN strftime(%1$s, '%%Y-%%m-%%dT%%H:%%M:%%S.%%gZ')"
                    + " ELSE strftime(%1$s, '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ') END")
                .formatted(utc));
      }
    } else if (type.equals("BLOB")) {
      leaf(Kind.TEXT, "base64(%s)".formatted(value));
    } else {
      leaf(scalar(type, wanted), "CAST(%s AS VARCHAR)".formatted(value));
    }
  }

  private static Kind scalar(String type, @Nullable FieldType wanted) {
    if (INTEGERS.contains(type)
        || type.equals("FLOAT")
        || type.equals("DOUBLE")
        || type.startsWith("DECIMAL(")) {
      return Kind.NUMBER;
    }
    if (type.equals("BOOLEAN")) {
      return Kind.BOOLEAN;
    }
    return type.equals("JSON") || wanted == FieldType.JSON ? Kind.JSON : Kind.TEXT;
  }

  private void leaf(Kind kind, String expression) {
    kinds.add(kind);
    expressions.add(expression);
  }

  /// The members of a struct as DuckDB writes them: `name TYPE, "a name" TYPE`.
  private static final class Members {
    private final String text;
    private int at;
    private String name = "";
    private String type = "";

    Members(String text) {
      this.text = text;
    }

    boolean next() {
      if (at >= text.length()) {
        return false;
      }
      if (text.charAt(at) == '"') {
        int end = endOfQuoted(at, '"');
        name = text.substring(at + 1, end - 1).replace("\"\"", "\"");
        at = end + 1;
      } else {
        int end = text.indexOf(' ', at);
        name = text.substring(at, end);
        at = end + 1;
      }
      int end = endOfType(at);
      type = text.substring(at, end);
      at = end + ", ".length();
      return true;
    }

    /// Behind the closing quote; one that is written twice closes nothing.
    private int endOfQuoted(int from, char quote) {
      int end = from + 1;
      while (text.charAt(end) != quote
          || (end + 1 < text.length() && text.charAt(end + 1) == quote)) {
        end += text.charAt(end) == quote ? 2 : 1;
      }
      return end + 1;
    }

    /// At the comma behind a type, or at the end.
    private int endOfType(int from) {
      int depth = 0;
      int end = from;
      while (end < text.length() && (depth > 0 || text.charAt(end) != ',')) {
        char c = text.charAt(end);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        end = c == '"' || c == '\'' ? endOfQuoted(end, c) : end + 1;
      }
      return end;
    }
  }
}
