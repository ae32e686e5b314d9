package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The scalar values that `enum` or `const` allow.
final class Choice {
  /// From this many strings on, a hash table is faster than comparing one after another.
  private static final int MANY = 12;

  private final byte[][] strings;
  private final @Nullable Set<String> manyStrings;
  private final BigDecimal[] numbers;
  private final boolean allowsTrue;
  private final boolean allowsFalse;
  private final boolean allowsNull;
  private final String shown;

  /// @param values scalars only
  Choice(List<JsonNode> values) {
    List<byte[]> texts = new ArrayList<>();
    List<BigDecimal> decimals = new ArrayList<>();
    for (JsonNode value : values) {
      if (value.isString()) {
        texts.add(value.stringValue().getBytes(StandardCharsets.UTF_8));
      } else if (value.isNumber()) {
        decimals.add(value.decimalValue());
      }
    }
    strings = texts.toArray(byte[][]::new);
    manyStrings = texts.size() < MANY ? null : new HashSet<>();
    if (manyStrings != null) {
      values.stream().filter(JsonNode::isString).forEach(v -> manyStrings.add(v.stringValue()));
    }
    numbers = decimals.toArray(BigDecimal[]::new);
    allowsTrue = values.stream().anyMatch(v -> v.isBoolean() && v.booleanValue());
    allowsFalse = values.stream().anyMatch(v -> v.isBoolean() && !v.booleanValue());
    allowsNull = values.stream().anyMatch(JsonNode::isNull);
    String all = String.join(", ", values.stream().map(JsonNode::toString).toList());
    shown = all.length() > 200 ? all.substring(0, 200) + "…" : all;
  }

  void check(byte[] in, int from, int to) {
    if (manyStrings != null) {
      if (manyStrings.contains(new String(in, from, to - from, StandardCharsets.UTF_8))) {
        return;
      }
    } else {
      for (byte[] string : strings) {
        if (string.length == to - from && Arrays.equals(string, 0, string.length, in, from, to)) {
          return;
        }
      }
    }
    throw other(StringRules.show(in, from, to));
  }

  void check(BigDecimal value) {
    for (BigDecimal number : numbers) {
      if (number.compareTo(value) == 0) {
        return;
      }
    }
    throw other(NumberRules.show(value));
  }

  void check(boolean value) {
    if (!(value ? allowsTrue : allowsFalse)) {
      throw other(String.valueOf(value));
    }
  }

  void checkNull() {
    if (!allowsNull) {
      throw other("null");
    }
  }

  /// What to throw for an object or an array, which is never one of the values.
  Refused other(String found) {
    return new Refused(Reason.NOT_ALLOWED, "expected one of " + shown + ", found " + found);
  }
}
