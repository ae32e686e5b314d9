package io.tidemark.server.json;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.path.NodePath;
import io.tidemark.ingest.Refusal.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts a value to the networknt validator, which knows all of JSON Schema.
final class Judge {
  /// Reads numbers exactly.
  static final JsonMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final Schema schema;

  Judge(Schema schema) {
    this.schema = schema;
    schema.initializeValidators();
  }

  /// @param in holds a well-formed JSON value in this range
  /// @throws Refused where the schema does not take the value
  void check(byte[] in, int from, int to) {
    List<Error> errors;
    try {
      errors = schema.validate(normal(EXACT.readTree(in, from, to - from)));
    } catch (RuntimeException | StackOverflowError e) {
      throw new Refused(Reason.SCHEMA, "the validator cannot judge this value: " + e.getMessage());
    }
    if (!errors.isEmpty()) {
      Error first = errors.getFirst();
      throw new Refused(reason(first.getKeyword()), pointer(first), first.getMessage());
    }
  }

  /// The same tree with each number as the smallest node that holds it. The validator compares
  /// numbers by their nodes in places, and cannot bound a whole number that is written like 1e300.
  static JsonNode normal(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.propertyNames().stream()
          .toList()
          .forEach(name -> object.set(name, normal(object.path(name))));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, normal(array.path(i)));
      }
    } else if (node.isBigDecimal()) {
      BigDecimal value = node.decimalValue().stripTrailingZeros();
      return value.scale() > 0 ? DecimalNode.valueOf(value) : integer(value.toBigInteger());
    }
    return node;
  }

  private static JsonNode integer(BigInteger value) {
    if (value.bitLength() < 32) {
      return IntNode.valueOf(value.intValue());
    }
    return value.bitLength() < 64
        ? LongNode.valueOf(value.longValue())
        : BigIntegerNode.valueOf(value);
  }

  /// Where an error lies, as a JSON pointer.
  static String pointer(Error error) {
    StringBuilder pointer = new StringBuilder();
    NodePath path = error.getInstanceLocation();
    for (int i = 0; i < path.getNameCount(); i++) {
      pointer.append('/').append(Pointers.escape(path.getElement(i).toString()));
    }
    if (error.getProperty() != null) {
      pointer.append('/').append(Pointers.escape(error.getProperty()));
    }
    return pointer.toString();
  }

  private static Reason reason(String keyword) {
    return switch (keyword) {
      case "type" -> Reason.WRONG_TYPE;
      case "required" -> Reason.MISSING;
      case "additionalProperties", "unevaluatedProperties" -> Reason.UNKNOWN_PROPERTY;
      case "enum", "const" -> Reason.NOT_ALLOWED;
      case "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties" ->
          Reason.OUT_OF_RANGE;
      case "pattern" -> Reason.PATTERN;
      case "format" -> Reason.FORMAT;
      default -> Reason.SCHEMA;
    };
  }
}
