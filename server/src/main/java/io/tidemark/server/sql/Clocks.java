package io.tidemark.server.sql;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes `now()` and the like, and what `_time` is compared with, the type that times of events
/// have: a TIMESTAMP in UTC. DuckDB's own have a time zone, or may have; what is compared with them
/// is not used to choose among files.
final class Clocks {
  private static final Set<String> ZONED =
      Set.of("now", "get_current_timestamp", "transaction_timestamp", "ago");

  private static final Set<String> ZONED_TYPES = Set.of("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE");
  private static final Set<String> ZONED_MAKERS = Set.of("to_timestamp", "make_timestamptz");
  private static final String NAMES = "column_names";

  private Clocks() {}

  /// Changes a syntax tree.
  static void withoutZone(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : Set.copyOf(object.properties())) {
        withoutZone(entry.getValue());
        if (isZoned(entry.getValue())) {
          object.set(entry.getKey(), cast(entry.getValue()));
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        withoutZone(array.get(i));
        if (isZoned(array.get(i))) {
          array.set(i, cast(array.get(i)));
        }
      }
    }
  }

  private static boolean isZoned(JsonNode node) {
    return switch (node.path("class").asString("")) {
      case "FUNCTION" ->
          ZONED.contains(node.path("function_name").asString("").toLowerCase(Locale.ROOT));
      case "COLUMN_REF" ->
          node.path("column_names").size() == 1
              && node.path("column_names")
                  .path(0)
                  .asString("")
                  .equalsIgnoreCase("current_timestamp");
      default -> false;
    };
  }

  /// Whether a query calls something `_time`.
  static boolean renamesTime(JsonNode node) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getKey().equals(NAMES)
          && (isTime(entry.getValue()) || renamesTime(entry.getValue()))) {
        return true;
      }
    }
    if (node.isArray()) {
      for (JsonNode child : node) {
        if (isTime(child) || renamesTime(child)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isTime(JsonNode name) {
    return name.isString() && name.asString().equalsIgnoreCase(SqlTable.TIME);
  }

  /// Changes a syntax tree in which every `_time` is a TIMESTAMP: what has a time zone and is
  /// compared with it loses the zone, which is UTC.
  ///
  /// @param structs names of columns that may have fields called so
  static void comparedWithoutZone(JsonNode node, Set<String> structs) {
    for (JsonNode child : node) {
      comparedWithoutZone(child, structs);
    }
    if (node instanceof ObjectNode object) {
      switch (object.path("class").asString("")) {
        case "COMPARISON" -> {
          if (isTimeColumn(object.path("left"), structs)) {
            unzone(object, "right");
          } else if (isTimeColumn(object.path("right"), structs)) {
            unzone(object, "left");
          }
        }
        case "BETWEEN" -> {
          if (isTimeColumn(object.path("input"), structs)) {
            unzone(object, "lower");
            unzone(object, "upper");
          }
        }
        case "OPERATOR" -> {
          if (object.path("children") instanceof ArrayNode children
              && isTimeColumn(children.path(0), structs)) {
            for (int i = 1; i < children.size(); i++) {
              if (hasZone(children.get(i))) {
                children.set(i, cast(children.get(i)));
              }
            }
          }
        }
        default -> {}
      }
    }
  }

  private static void unzone(ObjectNode comparison, String side) {
    if (hasZone(comparison.path(side))) {
      comparison.set(side, cast(comparison.path(side)));
    }
  }

  /// `_time`, or `t._time`.
  private static boolean isTimeColumn(JsonNode node, Set<String> structs) {
    JsonNode names = node.path(NAMES);
    return node.path("class").asString("").equals("COLUMN_REF")
        && (names.size() == 1
            || (names.size() == 2
                && !structs.contains(names.path(0).asString("").toLowerCase(Locale.ROOT))))
        && isTime(names.path(names.size() - 1));
  }

  /// Whether it is sure to have a time zone.
  private static boolean hasZone(JsonNode node) {
    return switch (node.path("class").asString("")) {
      case "CAST" ->
          ZONED_TYPES.contains(
              node.path("type_expr").path("type_name").asString("").toUpperCase(Locale.ROOT));
      case "FUNCTION" -> {
        String name = node.path("function_name").asString("").toLowerCase(Locale.ROOT);
        JsonNode arguments = node.path("arguments");
        yield ZONED_MAKERS.contains(name)
            || ((name.equals("+") || name.equals("-"))
                && (hasZone(arguments.path(0).path("expression"))
                    || hasZone(arguments.path(1).path("expression"))));
      }
      default -> false;
    };
  }

  private static ObjectNode cast(JsonNode node) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    ObjectNode type = expression(make, "TYPE", "TYPE");
    type.put("catalog", "").put("schema", "").put("type_name", "TIMESTAMP");
    type.set("children", make.arrayNode());
    type.set("qualified_name", make.objectNode().set("path", make.arrayNode().add("TIMESTAMP")));
    ObjectNode cast = expression(make, "CAST", "OPERATOR_CAST");
    cast.put("alias", node.path("alias").asString(""));
    ((ObjectNode) node).put("alias", "");
    cast.set("child", node);
    cast.put("try_cast", false);
    cast.set("type_expr", type);
    return cast;
  }

  private static ObjectNode expression(JsonNodeFactory make, String kind, String type) {
    return make.objectNode()
        .put("class", kind)
        .put("type", type)
        .put("alias", "")
        .put("query_location", 0)
        .put("query_location_length", 0);
  }
}
