package io.tidemark.server.json;

import com.networknt.schema.format.Format;
import com.networknt.schema.format.Formats;
import com.networknt.schema.regex.RegularExpression;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the values of keywords that are checked while parsing.
final class Keywords {
  private static final Map<String, Integer> TYPES =
      Map.of(
          "null", SchemaNode.NULL,
          "boolean", SchemaNode.BOOLEAN,
          "string", SchemaNode.STRING,
          "integer", SchemaNode.INTEGER,
          "number", SchemaNode.INTEGER | SchemaNode.NUMBER,
          "object", SchemaNode.OBJECT,
          "array", SchemaNode.ARRAY);

  private Keywords() {}

  static @Nullable StringRules strings(JsonNode schema) {
    String format = schema.path("format").asString("");
    boolean dateTime = format.equals("date-time");
    Format check =
        dateTime || format.equals("regex")
            ? null
            : Formats.DEFAULT.stream()
                .filter(f -> f.getName().equals(format))
                .findFirst()
                .orElse(null);
    int min = bound(schema, "minLength", 0);
    int max = bound(schema, "maxLength", Integer.MAX_VALUE);
    if (!schema.has("pattern")
        && check == null
        && !dateTime
        && min == 0
        && max == Integer.MAX_VALUE) {
      return null;
    }
    String pattern = schema.has("pattern") ? schema.path("pattern").stringValue() : null;
    FixedPattern fixed = pattern == null ? null : FixedPattern.compile(pattern);
    RegularExpression regex = pattern == null || fixed != null ? null : new BoundedRegex(pattern);
    return new StringRules(min, max, pattern, fixed, regex, check, dateTime);
  }

  static @Nullable NumberRules numbers(JsonNode schema) {
    BigDecimal min = decimal(schema, "minimum");
    BigDecimal above = decimal(schema, "exclusiveMinimum");
    BigDecimal max = decimal(schema, "maximum");
    BigDecimal below = decimal(schema, "exclusiveMaximum");
    BigDecimal multipleOf = decimal(schema, "multipleOf");
    if (min == null && above == null && max == null && below == null && multipleOf == null) {
      return null;
    }
    boolean minExclusive = above != null && (min == null || above.compareTo(min) >= 0);
    boolean maxExclusive = below != null && (max == null || below.compareTo(max) <= 0);
    return new NumberRules(
        minExclusive ? above : min,
        minExclusive,
        maxExclusive ? below : max,
        maxExclusive,
        multipleOf);
  }

  private static @Nullable BigDecimal decimal(JsonNode schema, String keyword) {
    return schema.path(keyword).isNumber() ? schema.path(keyword).decimalValue() : null;
  }

  static int bound(JsonNode schema, String keyword, int otherwise) {
    BigDecimal bound = decimal(schema, keyword);
    BigDecimal most = BigDecimal.valueOf(Integer.MAX_VALUE);
    return bound == null ? otherwise : bound.min(most).intValue();
  }

  static int types(JsonNode type) {
    if (type.isString()) {
      return TYPES.getOrDefault(type.stringValue(), 0);
    }
    return type.valueStream().mapToInt(Keywords::types).reduce(0, (a, b) -> a | b);
  }

  static boolean scalars(JsonNode values) {
    return values.valueStream().noneMatch(JsonNode::isContainer);
  }
}
