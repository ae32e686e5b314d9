package io.tidemark.server.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/// Random schemas over all keywords, as maps and lists. Numbers are [Literal]s.
final class GeneratedSchemas {
  static final List<String> NAMES =
      List.of("a", "b", "price", "x/y", "t~1", "é", "two words", "$d", "n%41", "\"q\"");
  static final List<String> FORMATS =
      List.of(
          "date-time", "date", "time", "email", "uuid", "uri", "ipv4", "ipv6", "hostname", "no");
  static final List<String> WORDS = List.of("", "VIEW", "BUY", "žluť", "a\nb", "😀", "x", "\"\\/");
  static final List<String> PATTERNS =
      List.of("^[A-Z]{3}$", "U", "^\\d{2}", "\\.\\d{3}Z$", "^(a|b)+$", "^.{2,3}$", "^\\w$", "a$");

  private final Random random;

  GeneratedSchemas(Random random) {
    this.random = random;
  }

  /// A number as it is written.
  record Literal(String text) {}

  Map<String, Object> root() {
    Map<String, Object> schema = object(3);
    Map<String, Object> definitions = new LinkedHashMap<>();
    definitions.put("scalar", scalar());
    definitions.put("nested", object(1));
    definitions.put("a/b ~", object(0));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("type", "object");
    tree.put("properties", Map.of("a", Map.of("$ref", "#/$defs/tree"), "b", scalar()));
    definitions.put("tree", tree);
    schema.put("$defs", definitions);
    return schema;
  }

  private Object any(int depth) {
    int kind = random.nextInt(depth > 0 ? 16 : 9);
    return switch (kind) {
      case 0, 1, 2, 3, 4 -> scalar();
      case 5 -> union();
      case 6 -> Map.of("$ref", "#/$defs/" + pick(List.of("scalar", "scalar", "a~1b%20~0")));
      case 7 -> free();
      case 8 -> choices();
      case 9, 10, 11 -> object(depth - 1);
      case 12, 13 -> array(depth - 1);
      case 14 -> Map.of("$ref", "#/$defs/" + pick(List.of("nested", "tree")));
      default -> combined(depth - 1);
    };
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> schema = new LinkedHashMap<>();
    Map<String, Object> properties = new LinkedHashMap<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      properties.put(pick(NAMES), any(depth));
    }
    schema.put("type", depth < 3 && chance(6) ? List.of("object", "null") : "object");
    schema.put("properties", properties);
    if (chance(2)) {
      List<String> required = new ArrayList<>(properties.keySet());
      required.removeIf(name -> chance(2));
      if (chance(8) && !required.contains("a")) {
        required.add("a");
      }
      schema.put("required", required);
    }
    maybe(schema, 3, "additionalProperties", () -> chance(2) ? random.nextBoolean() : scalar());
    maybe(schema, 10, "minProperties", () -> small(3));
    maybe(schema, 10, "maxProperties", () -> small(5));
    maybe(schema, 15, "patternProperties", () -> Map.of("^[a-p]", any(0)));
    maybe(schema, 15, "propertyNames", () -> Map.of("maxLength", small(8)));
    maybe(schema, 20, "dependentRequired", () -> Map.of("a", List.of("b")));
    maybe(schema, 20, "unevaluatedProperties", () -> false);
    maybe(schema, 20, "if", () -> Map.of("required", List.of("a")));
    maybe(schema, 10, "then", () -> Map.of("required", List.of("b")));
    return schema;
  }

  private Map<String, Object> array(int depth) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "array");
    maybe(schema, 2, "items", () -> any(depth));
    maybe(schema, 4, "minItems", () -> small(3));
    maybe(schema, 4, "maxItems", () -> small(4));
    maybe(schema, 6, "uniqueItems", () -> true);
    maybe(schema, 10, "prefixItems", () -> List.of(any(0), any(0)));
    maybe(schema, 10, "contains", this::scalar);
    return schema;
  }

  private Map<String, Object> scalar() {
    Map<String, Object> schema = new LinkedHashMap<>();
    switch (random.nextInt(5)) {
      case 0 -> schema.put("type", "boolean");
      case 1 -> numeric(schema, "integer");
      case 2 -> numeric(schema, "number");
      default -> {
        schema.put("type", chance(6) ? List.of("string", "null") : "string");
        maybe(schema, 4, "minLength", () -> small(4));
        maybe(schema, 4, "maxLength", () -> small(6));
        maybe(schema, 5, "pattern", () -> pick(PATTERNS));
        maybe(schema, 3, "format", () -> pick(FORMATS));
        maybe(schema, 8, "enum", () -> List.of(pick(WORDS), "VIEW!", pick(WORDS) + "2"));
      }
    }
    return schema;
  }

  private void numeric(Map<String, Object> schema, String type) {
    schema.put("type", chance(6) ? List.of(type, "null") : type);
    maybe(schema, 4, "minimum", () -> pick(BOUNDS));
    maybe(schema, 6, "exclusiveMinimum", () -> pick(BOUNDS));
    maybe(schema, 4, "maximum", () -> pick(BOUNDS));
    maybe(schema, 6, "exclusiveMaximum", () -> pick(BOUNDS));
    maybe(schema, 6, "multipleOf", () -> pick(List.of(new Literal("2"), new Literal("0.5"))));
    maybe(schema, 10, "enum", () -> List.of(new Literal("1"), new Literal("2.50")));
  }

  static final List<Literal> BOUNDS =
      List.of(new Literal("-5"), new Literal("0"), new Literal("2.5"), new Literal("1e2"));

  private Map<String, Object> union() {
    List<String> types =
        new ArrayList<>(List.of("string", "integer", "number", "boolean", "null", "array"));
    types.removeIf(type -> chance(2));
    if (types.contains("integer")) {
      types.remove("number"); // beside "integer" the reference validator bounds 0.1 as if it were 0
    }
    Map<String, Object> schema = scalar();
    schema.put("type", types.isEmpty() ? List.of("object") : types);
    return schema;
  }

  private Object free() {
    return switch (random.nextInt(4)) {
      case 0 -> true;
      case 1 -> chance(4) ? false : Map.of();
      case 2 -> Map.of("minimum", pick(BOUNDS), "maxLength", small(3), "description", "any");
      default -> Map.of("type", "object", "minProperties", small(2));
    };
  }

  private Object choices() {
    return switch (random.nextInt(4)) {
      case 0 -> Map.of("enum", List.of("VIEW", "BUY", "žluť"));
      case 1 -> Map.of("const", pick(WORDS));
      case 2 -> Map.of("enum", List.of("VIEW", new Literal("1.0"), true));
      default -> Map.of("enum", List.of(List.of("x"), Map.of("a", new Literal("1")), "BUY"));
    };
  }

  private Object combined(int depth) {
    return switch (random.nextInt(4)) {
      case 0 -> Map.of("anyOf", List.of(any(depth), any(depth)));
      case 1 -> Map.of("allOf", List.of(any(depth), scalar()));
      case 2 -> Map.of("oneOf", List.of(any(depth), any(depth)), "type", "string");
      default -> Map.of("not", any(depth));
    };
  }

  private void maybe(Map<String, Object> schema, int n, String keyword, Supplier<Object> value) {
    if (chance(n)) {
      schema.put(keyword, value.get());
    }
  }

  private Literal small(int bound) {
    return new Literal(Integer.toString(random.nextInt(bound)));
  }

  private boolean chance(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
