package io.tidemark.server.json;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A JSON Schema as a tree, in which subschemas are named by their JSON pointers.
final class SchemaDocument {
  /// Keywords that say nothing about whether a value is valid.
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$comment",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$defs",
          "definitions",
          "$schema",
          "contentMediaType",
          "contentEncoding",
          "contentSchema");

  private static final String BASE = "https://tidemark.invalid/schema";

  private final String source;
  private final JsonNode root;

  SchemaDocument(String source) {
    this.root = Judge.normal(Judge.EXACT.readTree(source));
    this.source = root.toString();
  }

  JsonNode root() {
    return root;
  }

  /// A subschema and where it stands.
  record Place(String pointer, JsonNode schema) {
    Place child(String keyword) {
      return new Place(pointer + "/" + keyword, schema.path(keyword));
    }

    Place child(String keyword, String name) {
      return new Place(
          pointer + "/" + keyword + "/" + Pointers.escape(name), schema.path(keyword).path(name));
    }
  }

  Place rootPlace() {
    return new Place("", root);
  }

  /// Follows references that stand alone; a reference beside other keywords stays as it is.
  Place follow(Place start) {
    Place place = start;
    Set<String> seen = new HashSet<>();
    while (isPlainReference(place.schema()) && seen.add(place.pointer())) {
      Place target = target(place.schema().path("$ref").stringValue());
      if (target == null) {
        return place;
      }
      place = target;
    }
    return place;
  }

  /// What a reference names, where that is a place in this document.
  @Nullable Place target(String reference) {
    if (!reference.equals("#") && !reference.startsWith("#/")) {
      return null;
    }
    String pointer = percentDecoded(reference.substring(1));
    JsonNode node = root;
    if (!pointer.isEmpty()) {
      for (String part : pointer.substring(1).split("/", -1)) {
        String name = Pointers.unescape(part);
        boolean isIndex = node.isArray() && name.matches("0|[1-9][0-9]{0,8}");
        node = isIndex ? node.path(Integer.parseInt(name)) : node.path(name);
      }
    }
    return node.isObject() || node.isBoolean() ? new Place(pointer, node) : null;
  }

  /// Whether there is nothing to a schema but its reference.
  static boolean isPlainReference(JsonNode schema) {
    return schema.path("$ref").isString()
        && schema.propertyNames().stream()
            .allMatch(name -> name.equals("$ref") || ANNOTATIONS.contains(name));
  }

  /// A validator for the subschema at this pointer.
  Schema validator(String pointer) {
    String fragment =
        URLEncoder.encode(pointer, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("%2F", "/")
            .replace("%7E", "~");
    return registry(Map.of(BASE, source)).getSchema(SchemaLocation.of(BASE + "#" + fragment));
  }

  /// All of 2020-12 with formats asserted, and no loading of anything from elsewhere.
  static SchemaRegistry registry(Map<String, String> schemas) {
    SchemaRegistryConfig config =
        SchemaRegistryConfig.builder()
            .formatAssertionsEnabled(true)
            .regularExpressionFactory(BoundedRegex.FACTORY)
            .locale(java.util.Locale.ROOT)
            .build();
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        builder ->
            builder
                .schemaRegistryConfig(config)
                .nodeReader(reader -> reader.jsonMapper(Judge.EXACT))
                .schemas(schemas));
  }

  private static String percentDecoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return text;
    }
  }
}
