package io.tidemark.server.sql;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes `now()` and the like the type that times of events have: a TIMESTAMP in UTC. DuckDB's own
/// have a time zone; what is compared with them is not used to choose among files.
final class Clocks {
  private static final Set<String> ZONED =
      Set.of("now", "get_current_timestamp", "transaction_timestamp", "ago");

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
