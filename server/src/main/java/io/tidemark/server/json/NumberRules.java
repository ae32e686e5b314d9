package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// What a schema demands of a number. Bounds and values are compared exactly, never as doubles.
final class NumberRules {
  /// Bounds below this have a long next to them on both sides.
  private static final BigDecimal SMALL = BigDecimal.valueOf(1L << 62);

  private final @Nullable BigDecimal min;
  private final boolean minExclusive;
  private final @Nullable BigDecimal max;
  private final boolean maxExclusive;
  private final @Nullable BigDecimal multipleOf;

  /// Longs in this range, both ends included, need no exact comparison; it may be empty.
  private final long longMin;

  private final long longMax;

  NumberRules(
      @Nullable BigDecimal min,
      boolean minExclusive,
      @Nullable BigDecimal max,
      boolean maxExclusive,
      @Nullable BigDecimal multipleOf) {
    this.min = min;
    this.minExclusive = minExclusive;
    this.max = max;
    this.maxExclusive = maxExclusive;
    this.multipleOf = multipleOf;
    if (isSmall(min) && isSmall(max) && multipleOf == null) {
      longMin = min == null ? Long.MIN_VALUE : whole(min, RoundingMode.CEILING, minExclusive);
      longMax = max == null ? Long.MAX_VALUE : whole(max, RoundingMode.FLOOR, maxExclusive);
    } else {
      longMin = Long.MAX_VALUE;
      longMax = Long.MIN_VALUE;
    }
  }

  void check(long value) {
    if (value < longMin || value > longMax) {
      check(BigDecimal.valueOf(value));
    }
  }

  void check(BigDecimal value) {
    if (min != null) {
      int order = value.compareTo(min);
      if (order < 0 || (order == 0 && minExclusive)) {
        throw outside(minExclusive ? "more than " : "at least ", min, value);
      }
    }
    if (max != null) {
      int order = value.compareTo(max);
      if (order > 0 || (order == 0 && maxExclusive)) {
        throw outside(maxExclusive ? "less than " : "at most ", max, value);
      }
    }
    if (multipleOf != null && value.remainder(multipleOf).signum() != 0) {
      throw outside("a multiple of ", multipleOf, value);
    }
  }

  private static Refused outside(String relation, BigDecimal bound, BigDecimal value) {
    return new Refused(
        Reason.OUT_OF_RANGE, "expected " + relation + show(bound) + ", found " + show(value));
  }

  static String show(BigDecimal value) {
    return Math.abs((long) value.scale()) > 40 ? value.toString() : value.toPlainString();
  }

  /// The whole number next to a bound, on its inner side.
  private static long whole(BigDecimal bound, RoundingMode inwards, boolean exclusive) {
    BigInteger rounded = bound.setScale(0, inwards).toBigInteger();
    boolean onBound = exclusive && bound.compareTo(new BigDecimal(rounded)) == 0;
    long step = inwards == RoundingMode.CEILING ? 1 : -1;
    return onBound ? rounded.longValue() + step : rounded.longValue();
  }

  private static boolean isSmall(@Nullable BigDecimal bound) {
    return bound == null || bound.abs().compareTo(SMALL) < 0;
  }
}
