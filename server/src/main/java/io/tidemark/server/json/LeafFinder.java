package io.tidemark.server.json;

import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.server.json.SchemaDocument.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Derives the leaves of a schema, depth first in its order.
///
/// An object with named properties is a group, whose properties are leaves or groups in turn. A
/// property whose name cannot be part of a path, and one that leads back into a group around it, is
/// no leaf.
final class LeafFinder {
  /// A group nested deeper is held as one JSON leaf.
  private static final int DEPTH_MAX = 16;

  /// More leaves than this are a mistake.
  private static final int LEAVES_MAX = 2_000;

  /// More properties than this are not looked at: groups that refer to the next one several times
  /// multiply, even where none has a leaf.
  private static final int VISITED_MAX = 20_000;

  private final SchemaDocument document;
  private final List<Field> leaves = new ArrayList<>();
  private final Map<String, JsonNode> schemas = new LinkedHashMap<>();

  /// The groups around the present place.
  private final Set<String> open = new HashSet<>();

  private int visited;

  private LeafFinder(SchemaDocument document) {
    this.document = document;
  }

  /// The leaves; not all of them where there is a problem.
  List<Field> leaves() {
    return leaves;
  }

  /// The subschemas of the leaves, by their paths.
  Map<String, JsonNode> schemas() {
    return schemas;
  }

  /// What is wrong with them; empty where nothing is.
  String problem() {
    if (visited > VISITED_MAX) {
      return "more than %d properties, counting those of each $ref wherever it is; describe fewer of them"
          .formatted(VISITED_MAX);
    }
    return leaves.size() > LEAVES_MAX
        ? "more than " + LEAVES_MAX + " properties; describe fewer of them"
        : "";
  }

  static LeafFinder in(SchemaDocument document) {
    LeafFinder finder = new LeafFinder(document);
    finder.group(document.follow(document.rootPlace()), "", true);
    return finder;
  }

  private void group(Place place, String prefix, boolean required) {
    open.add(place.pointer());
    Set<String> names = new HashSet<>();
    place.schema().path("required").valueStream().forEach(n -> names.add(n.asString("")));
    for (String name : place.schema().path("properties").propertyNames()) {
      if (leaves.size() > LEAVES_MAX || visited++ >= VISITED_MAX) {
        break;
      }
      Place property = document.follow(place.child("properties", name));
      if (!Field.isName(name) || open.contains(property.pointer())) {
        continue;
      }
      JsonNode schema = property.schema();
      boolean always = required && names.contains(name) && !takesNull(schema);
      if (isGroup(schema) && open.size() < DEPTH_MAX) {
        group(property, prefix + name + ".", always);
      } else {
        leaves.add(new Field(prefix + name, type(schema), always));
        schemas.put(prefix + name, schema);
      }
    }
    open.remove(place.pointer());
  }

  private static boolean isGroup(JsonNode schema) {
    return typesWithoutNull(schema).equals(Set.of("object"))
        && !schema.path("properties").isEmpty()
        && !hasOwnBase(schema);
  }

  private static FieldType type(JsonNode schema) {
    Set<String> types = typesWithoutNull(schema);
    if (hasOwnBase(schema)) {
      return FieldType.JSON;
    }
    if (types.equals(Set.of("boolean"))) {
      return FieldType.BOOLEAN;
    }
    if (types.equals(Set.of("integer"))) {
      return FieldType.LONG;
    }
    if (types.equals(Set.of("number")) || types.equals(Set.of("number", "integer"))) {
      return FieldType.DOUBLE;
    }
    if (types.equals(Set.of("string"))) {
      return schema.path("format").asString("").equals("date-time")
          ? FieldType.TIMESTAMP
          : FieldType.STRING;
    }
    return !schema.has("type") && listsStringsOnly(schema) ? FieldType.STRING : FieldType.JSON;
  }

  /// Whether references within the schema are resolved against something else than the file.
  private static boolean hasOwnBase(JsonNode schema) {
    return schema.has("$id");
  }

  private static boolean listsStringsOnly(JsonNode schema) {
    JsonNode values = schema.path("enum");
    boolean list =
        values.isArray() && !values.isEmpty() && values.valueStream().allMatch(JsonNode::isString);
    return list || schema.path("const").isString();
  }

  private static boolean takesNull(JsonNode schema) {
    JsonNode type = schema.path("type");
    boolean typed = schema.has("type");
    boolean nullType =
        type.asString("").equals("null")
            || type.valueStream().anyMatch(t -> t.asString("").equals("null"));
    return typed ? nullType : !listsStringsOnly(schema);
  }

  private static Set<String> typesWithoutNull(JsonNode schema) {
    JsonNode type = schema.path("type");
    Set<String> types = new HashSet<>();
    if (type.isString()) {
      types.add(type.stringValue());
    }
    type.valueStream().forEach(t -> types.add(t.asString("")));
    types.remove("null");
    return types;
  }
}
