package io.tidemark.server.yaml;

import static io.tidemark.event.FieldType.DOUBLE;
import static io.tidemark.event.FieldType.LONG;
import static io.tidemark.event.FieldType.TIMESTAMP;

import io.tidemark.app.Measure.Kind;
import io.tidemark.event.FieldType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The functions that measures are written with.
enum MeasureFunction {
  COUNT(Kind.COUNT, 0, 1),
  SUM(Kind.SUM, 1, 1),
  MIN(Kind.MIN, 1, 1),
  MAX(Kind.MAX, 1, 1),
  AVG(Kind.AVG, 1, 1),
  DISTINCT(Kind.DISTINCT, 1, 1),
  PERCENTILE(Kind.PERCENTILE, 2, 2),
  P50(Kind.PERCENTILE, 1, 1),
  P95(Kind.PERCENTILE, 1, 1),
  P99(Kind.PERCENTILE, 1, 1);

  private final Kind kind;
  private final int minArguments;
  private final int maxArguments;

  MeasureFunction(Kind kind, int minArguments, int maxArguments) {
    this.kind = kind;
    this.minArguments = minArguments;
    this.maxArguments = maxArguments;
  }

  static Optional<MeasureFunction> of(String name) {
    return Arrays.stream(values()).filter(f -> f.sign().equals(name)).findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(MeasureFunction::sign).toList();
  }

  /// How it is written.
  private String sign() {
    return name().toLowerCase(Locale.ROOT);
  }

  Kind kind() {
    return kind;
  }

  /// The types of field that it takes.
  Set<FieldType> types() {
    return switch (this) {
      case COUNT, DISTINCT -> Set.of(FieldType.values());
      case MIN, MAX -> Set.of(LONG, DOUBLE, TIMESTAMP);
      case SUM, AVG, PERCENTILE, P50, P95, P99 -> Set.of(LONG, DOUBLE);
    };
  }

  boolean takes(int arguments) {
    return arguments >= minArguments && arguments <= maxArguments;
  }

  /// The share of a percentile that has none in its arguments; 0 for what is no percentile.
  double share() {
    return switch (this) {
      case P50 -> 0.5;
      case P95 -> 0.95;
      case P99 -> 0.99;
      case COUNT, SUM, MIN, MAX, AVG, DISTINCT, PERCENTILE -> 0;
    };
  }

  /// What kind of field it needs, in words.
  String need() {
    return sign() + (types().contains(TIMESTAMP) ? " needs a number or a time" : " needs a number");
  }

  /// What arguments it takes, in words.
  String usage() {
    return switch (this) {
      case COUNT -> "count takes one field or none, as in count() or count(user_id)";
      case PERCENTILE ->
          "percentile takes a field and a percentage, as in percentile(duration_ms, 99)";
      case SUM, MIN, MAX, AVG, DISTINCT, P50, P95, P99 ->
          sign() + " takes one field, as in " + sign() + "(duration_ms)";
    };
  }
}
