package io.tidemark.server.json;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import io.tidemark.server.json.SchemaDocument.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Finds the mistakes in a schema: first those for which there is a good sentence, then whatever
/// the meta schema of 2020-12 says, one for each place.
final class SchemaChecks {
  private static final List<String> TYPES =
      List.of("string", "integer", "number", "boolean", "object", "array", "null");
  private static final String META_SCHEMA = "https://json-schema.org/draft/2020-12/schema";

  /// Keywords whose value is a schema, a list of schemas, or an object of schemas.
  private static final Set<String> ONE =
      Set.of(
          "additionalProperties",
          "contains",
          "contentSchema",
          "else",
          "if",
          "items",
          "not",
          "propertyNames",
          "then",
          "unevaluatedItems",
          "unevaluatedProperties");

  private static final Set<String> LIST = Set.of("allOf", "anyOf", "oneOf", "prefixItems");
  private static final Set<String> NAMED =
      Set.of("$defs", "definitions", "dependentSchemas", "patternProperties", "properties");

  private final SchemaDocument document;

  /// By pointer.
  private final Map<String, String> problems = new TreeMap<>();

  /// The names that references may use besides pointers.
  private final Set<String> anchors = new HashSet<>();

  private SchemaChecks(SchemaDocument document) {
    this.document = document;
  }

  /// What is wrong, by the pointer of the culprit.
  static Map<String, String> problems(SchemaDocument document) {
    SchemaChecks checks = new SchemaChecks(document);
    checks.anchors(document.root());
    checks.schema(document.rootPlace());
    checks.againstMetaSchema();
    if (checks.problems.isEmpty()) {
      checks.rootIsObject();
    }
    if (checks.problems.isEmpty()) {
      checks.compiles();
    }
    return checks.problems;
  }

  private void anchors(JsonNode node) {
    for (String keyword : List.of("$anchor", "$dynamicAnchor")) {
      if (node.path(keyword).isString()) {
        anchors.add("#" + node.path(keyword).stringValue());
      }
    }
    if (node.path("$id").isString()) {
      anchors.add(node.path("$id").stringValue());
    }
    node.valueStream().forEach(this::anchors);
  }

  private void schema(Place place) {
    JsonNode schema = place.schema();
    if (!schema.isObject()) {
      return;
    }
    type(place);
    pattern(place);
    reference(place);
    for (String keyword : schema.propertyNames()) {
      JsonNode value = schema.path(keyword);
      if (ONE.contains(keyword)) {
        schema(place.child(keyword));
      } else if (NAMED.contains(keyword)) {
        value.propertyNames().forEach(name -> schema(place.child(keyword, name)));
      } else if (LIST.contains(keyword)) {
        for (int i = 0; i < value.size(); i++) {
          schema(new Place(place.pointer() + "/" + keyword + "/" + i, value.path(i)));
        }
      }
    }
  }

  private void type(Place place) {
    JsonNode type = place.schema().path("type");
    if (type.isString()) {
      typeName(place.pointer() + "/type", type.stringValue());
    }
    for (int i = 0; i < type.size(); i++) {
      if (type.path(i).isString()) {
        typeName(place.pointer() + "/type/" + i, type.path(i).stringValue());
      }
    }
  }

  private void typeName(String pointer, String name) {
    if (!TYPES.contains(name)) {
      problems.put(pointer, "unknown type \"" + name + "\"; there are " + String.join(", ", TYPES));
    }
  }

  private void pattern(Place place) {
    JsonNode schema = place.schema();
    if (schema.path("pattern").isString()) {
      regex(place.pointer() + "/pattern", schema.path("pattern").stringValue());
    }
    for (String regex : schema.path("patternProperties").propertyNames()) {
      regex(place.pointer() + "/patternProperties/" + Pointers.escape(regex), regex);
    }
  }

  private void regex(String pointer, String regex) {
    try {
      var _ = new BoundedRegex(regex);
    } catch (java.util.regex.PatternSyntaxException e) {
      problems.put(
          pointer, "not a regular expression: " + e.getDescription() + " at index " + e.getIndex());
    }
  }

  private void reference(Place place) {
    if (!place.schema().path("$ref").isString()) {
      return;
    }
    String reference = place.schema().path("$ref").stringValue();
    String pointer = place.pointer() + "/$ref";
    boolean isAnchor =
        anchors.stream().anyMatch(a -> reference.equals(a) || reference.startsWith(a + "#"));
    if (document.target(reference) == null && !isAnchor) {
      problems.put(
          pointer,
          "\"" + reference + "\" names no schema in this file; write it like #/$defs/name");
    } else if (SchemaDocument.isPlainReference(document.follow(place).schema()) && !isAnchor) {
      problems.put(pointer, "\"" + reference + "\" leads back to itself");
    }
  }

  private void againstMetaSchema() {
    Schema meta = SchemaDocument.registry(Map.of()).getSchema(SchemaLocation.of(META_SCHEMA));
    for (Error error : meta.validate(document.root())) {
      String pointer = Judge.pointer(error);
      boolean known =
          problems.keySet().stream()
              .anyMatch(p -> p.equals(pointer) || p.startsWith(pointer + "/"));
      if (!known) {
        problems.put(pointer, keyword(pointer) + error.getMessage());
      }
    }
  }

  private void rootIsObject() {
    JsonNode root = document.follow(document.rootPlace()).schema();
    if (!root.path("type").asString("").equals("object")) {
      problems.put(
          root.has("type") ? "/type" : "",
          "events are objects: the schema has to say \"type\": \"object\"");
    }
  }

  /// Whatever else the validator stumbles over.
  private void compiles() {
    try {
      document.validator("").initializeValidators();
    } catch (RuntimeException e) {
      problems.put("", "the schema cannot be used: " + e.getMessage());
    }
  }

  private static String keyword(String pointer) {
    String last = Pointers.unescape(pointer.substring(pointer.lastIndexOf('/') + 1));
    return last.isEmpty() ? "" : "\"" + last + "\": ";
  }
}
