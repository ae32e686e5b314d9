package io.tidemark.server.json;

import io.tidemark.server.json.GeneratedSchemas.Literal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Random documents for a generated schema: mostly what it wants, with random changes.
final class GeneratedDocuments {
  static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "1",
          "2",
          "-7",
          "100",
          "2.5",
          "2.50",
          "10.0",
          "1e1",
          "0.1",
          "-0.0",
          "1E-3",
          "123456789012345678",
          "9007199254740993",
          "0.12345678901234567890",
          "1e-400",
          "1e300",
          "3.0000000000000001",
          "-9223372036854775808",
          "9223372036854775808",
          "12345678.9");

  private static final List<String> FORMATTED =
      List.of(
          "2022-03-22T12:15:00.000Z",
          "2022-03-22T12:15:00Z",
          "2022-03-22t12:15:00.123456z",
          "2022-03-22T12:15:00.123456789+02:00",
          "2024-02-29T23:59:59.999-00:30",
          "2023-02-29T00:00:00Z",
          "2022-03-22 12:15:00Z",
          "2022-03-22T12:15Z",
          "2022-03-22T24:00:00Z",
          "0000-01-01T00:00:00.000Z",
          "2022-13-01T00:00:00.000Z",
          "2022-03-22",
          "12:15:00Z",
          "jo@example.org",
          "123e4567-e89b-12d3-a456-426614174000",
          "https://example.org/a?b#c",
          "192.168.0.1",
          "256.1.1.1",
          "::1",
          "host.example",
          "-bad-");

  private final Random random;
  private final Map<String, Object> root;

  GeneratedDocuments(Random random, Map<String, Object> root) {
    this.random = random;
    this.root = root;
  }

  String next() {
    Object value = value(root, 5);
    for (int i = random.nextInt(3); i > 0; i--) {
      value = changed(value);
    }
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  @SuppressWarnings("unchecked")
  private @Nullable Object value(Object schemaValue, int depth) {
    if (!(schemaValue instanceof Map<?, ?>) || depth < 0) {
      return anything(1);
    }
    Map<String, Object> schema = (Map<String, Object>) schemaValue;
    if (schema.get("$ref") instanceof String reference) {
      String name =
          reference.substring(8).replace("%20", " ").replace("~1", "/").replace("~0", "~");
      var definitions = (Map<String, Object>) root.getOrDefault("$defs", Map.of());
      return value(definitions.getOrDefault(name, true), depth - 1);
    }
    if (schema.get("enum") instanceof List<?> values && !chance(8)) {
      return pick(values);
    }
    if (schema.containsKey("const")) {
      return schema.get("const");
    }
    for (String keyword : List.of("anyOf", "allOf", "oneOf")) {
      if (schema.get(keyword) instanceof List<?> schemas) {
        return value(pick(schemas), depth - 1);
      }
    }
    Object type = schema.get("type");
    if (type instanceof List<?> types) {
      type = pick(types);
    }
    return switch (String.valueOf(type)) {
      case "object" -> object(schema, depth);
      case "array" -> {
        List<Object> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(schema.getOrDefault("items", true), depth - 1));
        }
        yield items;
      }
      case "string" -> string();
      case "integer" -> new Literal(chance(4) ? pick(NUMBERS) : "" + (random.nextInt(20) - 4));
      case "number" -> new Literal(chance(2) ? pick(NUMBERS) : random.nextInt(9) + ".5");
      case "boolean" -> random.nextBoolean();
      case "null" -> null;
      default -> anything(1);
    };
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> object(Map<String, Object> schema, int depth) {
    Map<String, Object> object = new LinkedHashMap<>();
    var properties = (Map<String, Object>) schema.getOrDefault("properties", Map.of());
    var required = (List<String>) schema.getOrDefault("required", List.of());
    for (var property : properties.entrySet()) {
      if (required.contains(property.getKey()) ? !chance(30) : !chance(3)) {
        object.put(property.getKey(), value(property.getValue(), depth - 1));
      }
    }
    if (chance(5)) {
      object.put(pick(GeneratedSchemas.NAMES), anything(2));
    }
    return object;
  }

  private @Nullable Object anything(int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0, 1 -> string();
      case 2 -> new Literal(pick(NUMBERS));
      case 3 -> random.nextBoolean();
      case 4 -> null;
      case 5 -> new ArrayList<>(List.of(string(), new Literal(pick(NUMBERS))));
      case 6 -> new ArrayList<>();
      default -> {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          object.put(pick(GeneratedSchemas.NAMES), anything(depth - 1));
        }
        yield object;
      }
    };
  }

  private String string() {
    return switch (random.nextInt(3)) {
      case 0 -> pick(GeneratedSchemas.WORDS);
      case 1 -> pick(FORMATTED);
      default -> pick(GeneratedSchemas.WORDS) + pick(GeneratedSchemas.WORDS);
    };
  }

  /// The value with something in it replaced, added or taken away.
  @SuppressWarnings("unchecked")
  private @Nullable Object changed(@Nullable Object value) {
    if (value instanceof Map<?, ?> map && !map.isEmpty() && !chance(6)) {
      var object = new LinkedHashMap<>((Map<String, Object>) map);
      String name = pick(List.copyOf(object.keySet()));
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.put(pick(GeneratedSchemas.NAMES), anything(2));
        default -> object.put(name, changed(object.get(name)));
      }
      return object;
    }
    if (value instanceof List<?> list && !list.isEmpty() && chance(2)) {
      List<Object> items = new ArrayList<>((List<Object>) list);
      items.add(pick(items));
      return items;
    }
    return anything(2);
  }

  /// Writes JSON text, with random white space and random needless escapes.
  private void write(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Literal literal -> out.append(literal.text());
      case String text -> JsonValues.quote(text, c -> chance(40), out);
      case Map<?, ?> map -> {
        String separator = "{";
        for (var entry : map.entrySet()) {
          out.append(separator).append(space());
          JsonValues.quote((String) entry.getKey(), c -> chance(40), out);
          out.append(space()).append(':');
          write(entry.getValue(), out);
          separator = ",";
        }
        out.append(map.isEmpty() ? "{" : "").append(space()).append('}');
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          out.append(separator).append(space());
          write(item, out);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[" : "").append(space()).append(']');
      }
      default -> out.append(value);
    }
  }

  private String space() {
    return chance(8) ? " \t" : "";
  }

  private boolean chance(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
