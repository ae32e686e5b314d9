package io.tidemark.server.it;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Rows as JSON in one form, whoever has written them: a name for each leaf, nothing for null,
/// instants as `Instant` has them, and JSON that is within a text as what it is.
final class PlainRow {
  private static final Pattern INSTANT = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");

  private PlainRow() {}

  /// @param nested names of columns whose values are objects with columns
  /// @param json names of columns that may be JSON within a text
  static Map<String, JsonNode> of(String line, Collection<String> nested, Collection<String> json) {
    return of(Http.JSON.readTree(line), nested, json);
  }

  static Map<String, JsonNode> of(
      JsonNode row, Collection<String> nested, Collection<String> json) {
    Map<String, JsonNode> plain = new TreeMap<>();
    add("", (ObjectNode) row, nested, json, plain);
    return plain;
  }

  private static void add(
      String prefix,
      ObjectNode row,
      Collection<String> nested,
      Collection<String> json,
      Map<String, JsonNode> plain) {
    row.forEachEntry(
        (name, value) -> {
          String path = prefix + name;
          if (nested.contains(path)) {
            add(path + ".", (ObjectNode) value, nested, json, plain);
          } else if (json.contains(path) && value.isString()) {
            plain.put(path, Http.JSON.readTree(value.asString()));
          } else if (value.isString() && INSTANT.matcher(value.asString()).matches()) {
            plain.put(path, StringNode.valueOf(Instant.parse(value.asString()).toString()));
          } else {
            plain.put(path, value);
          }
        });
    plain.values().removeIf(JsonNode::isNull);
  }
}
