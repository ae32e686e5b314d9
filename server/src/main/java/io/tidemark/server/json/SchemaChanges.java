package io.tidemark.server.json;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// From one version of a JSON Schema to the next: the values that properties may have. What else a
/// schema says (lengths, ranges, patterns) is about which events are taken from now on, and may
/// change as it likes.
public final class SchemaChanges {
  private SchemaChanges() {}

  /// Why events of one schema might not be events of another, as far as properties are concerned
  /// whose values are listed (`enum`, `const`).
  ///
  /// @return a sentence without a full stop for each reason
  public static List<String> obstacles(String before, String after) {
    List<String> obstacles = new ArrayList<>();
    Map<String, JsonNode> old = LeafFinder.in(new SchemaDocument(before)).schemas();
    LeafFinder.in(new SchemaDocument(after))
        .schemas()
        .forEach(
            (path, schema) -> {
              JsonNode was = old.get(path);
              if (was != null && isList(schema)) {
                compare(path, was, schema, obstacles);
              }
            });
    return obstacles;
  }

  private static void compare(String path, JsonNode was, JsonNode is, List<String> obstacles) {
    if (!isList(was)) {
      obstacles.add(
          "%s could have any value and has a list of them now, but events that came before may have others: leave it open"
              .formatted(path));
      return;
    }
    Set<JsonNode> gone = values(was);
    gone.removeAll(values(is));
    if (!gone.isEmpty()) {
      obstacles.add(
          "%s had %s among its values, and events that came before may have it: keep it"
              .formatted(path, String.join(", ", gone.stream().map(JsonNode::toString).toList())));
    }
  }

  private static boolean isList(JsonNode schema) {
    return schema.path("enum").isArray() || schema.has("const");
  }

  private static Set<JsonNode> values(JsonNode schema) {
    Set<JsonNode> values = new LinkedHashSet<>();
    schema.path("enum").valueStream().forEach(values::add);
    if (schema.has("const")) {
      values.add(schema.get("const"));
    }
    return values;
  }

  /// A schema as text that is the same however it was laid out.
  public static String normal(String schema) {
    return new SchemaDocument(schema).root().toString();
  }
}
