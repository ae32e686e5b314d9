package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Lets a syntax tree pass that is one SELECT over declared tables, of functions that are allowed.
/// What it does not know it refuses.
///
/// A tree is what DuckDB's `json_serialize_sql` says. Expressions have a `class`; all other nodes
/// have a `type`.
final class SqlGuard {
  /// More than anybody joins; planning takes time that grows with the tables faster than anything.
  private static final int MAX_TABLES = 50;

  /// The same for queries within queries, and those that UNION joins.
  private static final int MAX_QUERIES = 100;

  private static final int MAX_NODES = 50_000;

  /// Of brackets within brackets: DuckDB's parser takes time that grows with their square.
  private static final int MAX_DEPTH = 200;

  /// Of a name, as `a.b.c`.
  private static final int MAX_PARTS = 32;

  /// What may be put in the place of something that is found: each byte of a text could become as
  /// many, and DuckDB does not count them.
  private static final int MAX_REPLACEMENT = 64;

  /// How the names of DuckDB's own tables begin, and of those that questions are tried on.
  private static final List<String> RESERVED =
      List.of("duckdb_", "pg_", "sqlite_", "pragma_", "_", "information_schema");

  private static final Set<String> CLASSES =
      Set.of(
          "BETWEEN",
          "CASE",
          "CAST",
          "COLLATE",
          "COLUMN_REF",
          "COMPARISON",
          "CONJUNCTION",
          "CONSTANT",
          "FUNCTION",
          "LAMBDA",
          "LAMBDA_REF",
          "OPERATOR",
          "PARAMETER",
          "POSITIONAL_REFERENCE",
          "STAR",
          "SUBQUERY",
          "TYPE",
          "WINDOW");

  private static final Set<String> TYPES =
      Set.of(
          // Queries.
          "SELECT_NODE",
          "SET_OPERATION_NODE",
          "RECURSIVE_CTE_NODE",
          "CTE_NODE",
          // What they select from.
          "BASE_TABLE",
          "EMPTY",
          "EXPRESSION_LIST",
          "JOIN",
          "SUBQUERY",
          "TABLE_FUNCTION",
          // What is done to the rows in the end.
          "DISTINCT_MODIFIER",
          "LIMIT_MODIFIER",
          "LIMIT_PERCENT_MODIFIER",
          "ORDER_MODIFIER",
          "ASCENDING",
          "DESCENDING",
          "ORDER_DEFAULT");

  /// What looks like the name of a file is none of a query's own tables.
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Set<String> declared;
  private final Set<String> ownTables = new TreeSet<>();
  private final Map<String, Integer> references = new TreeMap<>();
  private final SortedSet<String> parameters = new TreeSet<>(SqlGuard::compareNames);
  private boolean readsClock;
  private int tables;
  private int queries;
  private int nodes;

  private SqlGuard(Collection<String> declared) {
    this.declared = Set.copyOf(declared);
  }

  /// What a question is about.
  ///
  /// @param references how often each declared table is named
  /// @param parameters the names of its placeholders, numbers by their value
  /// @param readsClock whether its answer may depend on when it is asked
  record Passed(
      Map<String, Integer> references, SortedSet<String> parameters, boolean readsClock) {}

  /// Looks at a statement.
  ///
  /// @param declared the names of tables, in lower case
  /// @throws SqlRefusedException where it may not pass
  static Passed check(JsonNode statement, Collection<String> declared) throws SqlRefusedException {
    SqlGuard guard = new SqlGuard(declared);
    JsonNode query = statement.path("node");
    guard.findOwnTables(query);
    guard.look(query);
    return new Passed(guard.references, guard.parameters, guard.readsClock);
  }

  private static int compareNames(String a, String b) {
    boolean numbers = isNumber(a) && isNumber(b);
    return numbers ? Integer.compare(Integer.parseInt(a), Integer.parseInt(b)) : a.compareTo(b);
  }

  private static boolean isNumber(String text) {
    return text.length() < 6 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private void findOwnTables(JsonNode node) throws SqlRefusedException {
    for (JsonNode entry : node.path("cte_map").path("map")) {
      String name = entry.path("key").asString("");
      String plain = name.toLowerCase(Locale.ROOT);
      if (RESERVED.stream().anyMatch(plain::startsWith)) {
        throw refused("a table of WITH cannot be called " + name, entry);
      }
      if (!NAME.matcher(name).matches()) {
        throw refused("the table " + name + " of WITH needs a plain name", entry);
      }
      ownTables.add(plain);
    }
    for (JsonNode child : node) {
      findOwnTables(child);
    }
  }

  private void look(JsonNode node) throws SqlRefusedException {
    if (node.isObject()) {
      if (++nodes > MAX_NODES) {
        throw refused("it is too long", node);
      }
      if (node.has("class")) {
        lookAtExpression(node);
      } else if (node.path("type").isString()) {
        lookAtNode(node);
      }
    }
    boolean hasFunction = node.path("type").asString("").equals("TABLE_FUNCTION");
    for (Map.Entry<String, JsonNode> child : node.properties()) {
      // The function behind FROM need not be one of those for expressions; its arguments must.
      look(
          hasFunction && child.getKey().equals("function")
              ? child.getValue().path("arguments")
              : child.getValue());
    }
    if (node.isArray()) {
      for (JsonNode child : node) {
        look(child);
      }
    }
  }

  private void lookAtExpression(JsonNode node) throws SqlRefusedException {
    String kind = node.path("class").asString("");
    if (!CLASSES.contains(kind)) {
      throw refused(kind.toLowerCase(Locale.ROOT) + " is not allowed", node);
    }
    switch (kind) {
      case "FUNCTION", "WINDOW" -> {
        String name = node.path("function_name").asString("");
        requirePlain(name, node);
        if (!Functions.isAllowed(name)) {
          throw refused("function " + name + " does not exist, or is not allowed", node);
        }
        if (Functions.REPLACING.contains(name.toLowerCase(Locale.ROOT))) {
          lookAtReplacement(node.path("arguments").path(2).path("expression"), node);
        }
        readsClock |= Functions.isClock(name);
      }
      case "TYPE" -> {
        if (node.path("type_name").asString("").equalsIgnoreCase("VARIANT")) {
          throw refused("VARIANT is not allowed", node);
        }
      }
      case "COLUMN_REF" -> {
        JsonNode names = node.path("column_names");
        if (names.size() > MAX_PARTS) {
          throw refused("a name has more than " + MAX_PARTS + " parts", node);
        }
        readsClock |= names.size() == 1 && Functions.isClock(names.path(0).asString(""));
      }
      case "PARAMETER" -> parameters.add(node.path("identifier").asString(""));
      default -> {}
    }
  }

  private static void lookAtReplacement(JsonNode replacement, JsonNode call)
      throws SqlRefusedException {
    boolean isShort =
        replacement.path("class").asString("").equals("CONSTANT")
            && replacement.path("literal").path("text").asString("").length() <= MAX_REPLACEMENT;
    if (!isShort) {
      throw refused(
          "what replaces something must be a text of up to %d characters, written out"
              .formatted(MAX_REPLACEMENT),
          call);
    }
  }

  /// Looks at a text before DuckDB does.
  static void checkDepth(String text) throws SqlRefusedException {
    int depth = 0;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(' || c == '[' || c == '{') {
        depth++;
        if (depth > MAX_DEPTH) {
          throw new SqlRefusedException(
              Reason.BAD_SQL, "it has more than " + MAX_DEPTH + " brackets within one another");
        }
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      }
    }
  }

  private void lookAtNode(JsonNode node) throws SqlRefusedException {
    String type = node.path("type").asString("");
    if (!TYPES.contains(type)) {
      throw refused(wordsOf(type) + " is not allowed", node);
    }
    switch (type) {
      case "SELECT_NODE" -> {
        if (++queries > MAX_QUERIES) {
          throw refused("it has more than " + MAX_QUERIES + " queries within it", node);
        }
      }
      case "BASE_TABLE" -> lookAtTable(node);
      case "TABLE_FUNCTION" -> {
        String name = node.path("function").path("function_name").asString("");
        requirePlain(name, node.path("function"));
        if (!Functions.OF_TABLES.contains(name.toLowerCase(Locale.ROOT))) {
          throw refused("function " + name + " is not allowed behind FROM", node);
        }
        countTable(node);
      }
      default -> {}
    }
  }

  private void lookAtTable(JsonNode node) throws SqlRefusedException {
    String name = node.path("table_name").asString("");
    requirePlain(name, node);
    if (!node.path("at_clause").isNull()) {
      throw refused("AT is not allowed", node);
    }
    countTable(node);
    String plain = name.toLowerCase(Locale.ROOT);
    if (declared.contains(plain)) {
      references.merge(plain, 1, Integer::sum);
    } else if (!ownTables.contains(plain)) {
      throw new SqlRefusedException(Reason.UNKNOWN_TABLE, name, position(node));
    }
  }

  private void countTable(JsonNode node) throws SqlRefusedException {
    if (++tables > MAX_TABLES) {
      throw refused("it names more than " + MAX_TABLES + " tables", node);
    }
  }

  /// The name of a table or function is not qualified: there is nothing to choose from.
  private void requirePlain(String name, JsonNode node) throws SqlRefusedException {
    JsonNode path = node.path("qualified_name").path("path");
    boolean qualified =
        !node.path("schema").asString("").isEmpty()
            || !node.path("catalog").asString("").isEmpty()
            || !node.path("schema_name").asString("").isEmpty()
            || !node.path("catalog_name").asString("").isEmpty()
            || path.size() > 1;
    if (qualified) {
      throw refused("write " + name + " without a schema", node);
    }
  }

  private static String wordsOf(String type) {
    return switch (type) {
      case "SHOW_REF" -> "DESCRIBE, SUMMARIZE or SHOW";
      default ->
          type.replaceAll("_(QUERY_)?(NODE|REF)$", "").replace('_', ' ').toUpperCase(Locale.ROOT);
    };
  }

  private static SqlRefusedException refused(String why, JsonNode node) {
    return new SqlRefusedException(Reason.NOT_ALLOWED, why, position(node));
  }

  private static OptionalInt position(JsonNode node) {
    JsonNode at = node.path("query_location");
    return at.isInt() && at.asInt() >= 0 ? OptionalInt.of(at.asInt()) : OptionalInt.empty();
  }
}
