package io.tidemark.server.json;

import io.tidemark.server.json.GeneratedSchemas.Literal;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// JSON text of generated values, and whether two values are the same.
final class JsonValues {
  private JsonValues() {}

  static String text(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  /// Equal strings, numbers of equal value, the same items in order, the same properties in any.
  static boolean same(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (a.isArray() && b.isArray() && a.size() == b.size()) {
      for (int i = 0; i < a.size(); i++) {
        if (!same(a.path(i), b.path(i))) {
          return false;
        }
      }
      return true;
    }
    if (a.isObject() && b.isObject() && a.size() == b.size()) {
      return a.propertyNames().stream().allMatch(n -> b.has(n) && same(a.path(n), b.path(n)));
    }
    return a.equals(b);
  }

  static void quote(String text, IntPredicate escape, StringBuilder out) {
    out.append('"');
    boolean escapeSurrogates = escape.test(0x10000); // both of a pair or neither
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean chosen = Character.isSurrogate(c) ? escapeSurrogates : escape.test(c);
      if (c < ' ' || c == '"' || c == '\\' || chosen) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Literal literal -> out.append(literal.text());
      case String text -> quote(text, c -> false, out);
      case Map<?, ?> map -> {
        String separator = "{";
        for (var entry : map.entrySet()) {
          out.append(separator);
          quote((String) entry.getKey(), c -> false, out);
          out.append(':');
          write(entry.getValue(), out);
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          out.append(separator);
          write(item, out);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      default -> out.append(value);
    }
  }
}
