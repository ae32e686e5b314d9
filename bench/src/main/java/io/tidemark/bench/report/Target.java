package io.tidemark.bench.report;

import java.util.Locale;

/// What a measured value is to be.
///
/// @param limit the least value that will do, or the greatest
/// @param unit as it is written behind values
public record Target(Bound bound, double limit, String unit) {
  public enum Bound {
    AT_LEAST("≥"),
    AT_MOST("≤"),
    BELOW("<"),
    /// Nothing is promised.
    NONE("");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }
  }

  public static Target atLeast(double limit, String unit) {
    return new Target(Bound.AT_LEAST, limit, unit);
  }

  public static Target atMost(double limit, String unit) {
    return new Target(Bound.AT_MOST, limit, unit);
  }

  public static Target below(double limit, String unit) {
    return new Target(Bound.BELOW, limit, unit);
  }

  /// A value that is only shown.
  public static Target none(String unit) {
    return new Target(Bound.NONE, 0, unit);
  }

  /// A value with its unit.
  public String format(double value) {
    return number(value) + (unit.isEmpty() || unit.startsWith("/") ? unit : " " + unit);
  }

  /// Whether a value meets the target, and by how much of the limit it misses it.
  public String verdict(double value) {
    boolean met =
        switch (bound) {
          case AT_LEAST -> value >= limit;
          case AT_MOST -> value <= limit;
          case BELOW -> value < limit;
          case NONE -> true;
        };
    if (bound == Bound.NONE) {
      return "";
    } else if (met) {
      return "met";
    }
    return limit == 0
        ? "**missed**"
        : String.format(
            Locale.ROOT, "**missed by %.0f %%**", Math.ceil(100 * Math.abs(value - limit) / limit));
  }

  @Override
  public String toString() {
    return bound == Bound.NONE ? "" : bound.sign + " " + format(limit);
  }

  /// A number as people read it: three digits that count, whole ones whole, thousands apart.
  public static String number(double value) {
    double size = Math.abs(value);
    boolean whole = size >= 100 || value == Math.rint(value);
    String form = whole ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, form, value);
  }
}
