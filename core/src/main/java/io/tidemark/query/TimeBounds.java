package io.tidemark.query;

/// A range of time in microseconds since 1970.
///
/// @param from its start, inclusive
/// @param to its end, exclusive; [Long#MAX_VALUE] for none
public record TimeBounds(long from, long to) {
  public static final TimeBounds ALL = new TimeBounds(Long.MIN_VALUE, Long.MAX_VALUE);
  public static final TimeBounds NONE = new TimeBounds(Long.MAX_VALUE, Long.MIN_VALUE);

  /// What lies in both.
  public TimeBounds and(TimeBounds that) {
    return new TimeBounds(Math.max(from, that.from), Math.min(to, that.to));
  }

  /// The smallest range that has both.
  public TimeBounds or(TimeBounds that) {
    return new TimeBounds(Math.min(from, that.from), Math.max(to, that.to));
  }

  /// Whether something from `min` to `max`, both inclusive, may lie in it.
  public boolean meets(long min, long max) {
    return from <= max && (min < to || to == Long.MAX_VALUE);
  }

  public boolean has(long time) {
    return meets(time, time);
  }
}
