package io.tidemark.server.json;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.server.json.SchemaDocument.Place;
import io.tidemark.server.json.SchemaNode.Role;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/// Turns a schema into [SchemaNode]s for the leaves of one type.
///
/// Keywords that are checked while parsing become rules. A subschema with any other keyword gets a
/// judge besides, which covers everything below it.
final class SchemaCompiler {
  /// Keywords that are not compiled. What is neither here nor compiled asserts nothing.
  private static final Set<String> JUDGED =
      Set.of(
          "$dynamicRef",
          "$ref",
          "allOf",
          "anyOf",
          "contains",
          "dependencies",
          "dependentRequired",
          "dependentSchemas",
          "else",
          "if",
          "not",
          "oneOf",
          "patternProperties",
          "prefixItems",
          "propertyNames",
          "then",
          "unevaluatedItems",
          "unevaluatedProperties",
          "uniqueItems");

  private final EventType type;
  private final SchemaDocument document;
  private final JsonFactory factory;

  /// Nodes without a place in the row, by pointer; filled before their children, so that a
  /// recursive schema finds itself.
  private final Map<String, SchemaNode> raws = new HashMap<>();

  SchemaCompiler(EventType type, SchemaDocument document, JsonFactory factory) {
    this.type = type;
    this.document = document;
    this.factory = factory;
  }

  SchemaNode compile() {
    Place root = document.follow(document.rootPlace());
    SchemaNode node = new SchemaNode();
    node.role = Role.GROUP;
    fill(node, root, "", false);
    node.types &= SchemaNode.OBJECT;
    return node;
  }

  /// @param path the dotted path where the value has a place in the row, else null
  /// @param covered whether a judge above has the last word anyway
  private SchemaNode node(Place start, @Nullable String path, boolean covered) {
    Place place = document.follow(start);
    Role role = path == null ? Role.RAW : role(path);
    if (path == null || role == Role.RAW) {
      if (place.schema().isBoolean()) {
        return place.schema().booleanValue() ? SchemaNode.ANY : SchemaNode.NEVER;
      }
      String key = (covered ? "covered " : "") + place.pointer();
      SchemaNode known = raws.get(key);
      if (known == null) {
        known = new SchemaNode();
        raws.put(key, known);
        fill(known, place, null, covered);
      }
      return known;
    }
    SchemaNode node = new SchemaNode();
    node.role = role;
    if (role == Role.LEAF) {
      node.leaf = type.indexOf(path);
      node.leafType = type.field(node.leaf).type();
    }
    if (!place.schema().isBoolean()) {
      fill(node, place, role == Role.GROUP ? path + "." : null, covered);
    } else if (!place.schema().booleanValue()) {
      node.types = 0;
    }
    return node;
  }

  private Role role(String path) {
    if (type.indexOf(path) >= 0) {
      return Role.LEAF;
    }
    String prefix = path + ".";
    return type.fields().stream().map(Field::path).anyMatch(p -> p.startsWith(prefix))
        ? Role.GROUP
        : Role.RAW;
  }

  /// @param prefix before the names of properties that have a place in the row; null: none has
  private void fill(SchemaNode node, Place place, @Nullable String prefix, boolean coveredAbove) {
    JsonNode schema = place.schema();
    boolean judged = schema.propertyNames().stream().anyMatch(JUDGED::contains);
    judged |= schema.has("$id") && !place.pointer().isEmpty();
    judged |= !Keywords.scalars(schema.path("enum")) || schema.path("const").isContainer();
    judged |= schema.path("format").asString("").equals("regex");
    boolean covered = coveredAbove || judged;
    if (judged && !coveredAbove) {
      node.judge = new Judge(document.validator(place.pointer()));
    }
    if (schema.has("type")) {
      node.types = Keywords.types(schema.path("type"));
    }
    if (Keywords.scalars(schema.path("enum")) && schema.path("enum").isArray()) {
      node.choice = new Choice(schema.path("enum").valueStream().toList());
    }
    if (schema.has("const") && !schema.path("const").isContainer()) {
      node.constant = new Choice(List.of(schema.path("const")));
    }
    node.strings = Keywords.strings(schema);
    node.numbers = Keywords.numbers(schema);
    boolean describesObjects =
        schema.has("properties")
            || schema.has("required")
            || schema.has("additionalProperties")
            || schema.has("minProperties")
            || schema.has("maxProperties");
    if (describesObjects || node.role == Role.GROUP) {
      node.objects = objects(place, prefix, covered);
    }
    if (schema.has("items") && !schema.has("prefixItems")) {
      node.items = node(place.child("items"), null, covered);
    }
    node.itemsMin = Keywords.bound(schema, "minItems", 0);
    node.itemsMax = Keywords.bound(schema, "maxItems", Integer.MAX_VALUE);
  }

  private ObjectRules objects(Place place, @Nullable String prefix, boolean covered) {
    JsonNode schema = place.schema();
    Set<String> names = new LinkedHashSet<>(schema.path("properties").propertyNames());
    schema.path("required").valueStream().map(JsonNode::stringValue).forEach(names::add);
    List<String> ordered = List.copyOf(names);
    @Nullable SchemaNode[] children = new SchemaNode[ordered.size()];
    long[] required = new long[(ordered.size() + 63) / 64];
    for (int i = 0; i < children.length; i++) {
      String name = ordered.get(i);
      if (schema.path("properties").has(name)) {
        String path = prefix == null || !Field.isName(name) ? null : prefix + name;
        children[i] = node(place.child("properties", name), path, covered);
      }
    }
    schema
        .path("required")
        .valueStream()
        .map(name -> ordered.indexOf(name.stringValue()))
        .forEach(i -> required[i / 64] |= 1L << i);
    boolean open = !schema.has("additionalProperties") || schema.has("patternProperties");
    SchemaNode additional =
        open ? SchemaNode.ANY : node(place.child("additionalProperties"), null, covered);
    return new ObjectRules(
        factory,
        ordered,
        children,
        required,
        additional,
        Keywords.bound(schema, "minProperties", 0),
        Keywords.bound(schema, "maxProperties", Integer.MAX_VALUE));
  }
}
