package io.tidemark.server.sql;

/// A range of time in microseconds since 1970.
///
/// @param from its start, inclusive
/// @param to its end, exclusive; [Long#MAX_VALUE] for none
record TimeBounds(long from, long to) {
  static final TimeBounds ALL = new TimeBounds(Long.MIN_VALUE, Long.MAX_VALUE);
  static final TimeBounds NONE = new TimeBounds(Long.MAX_VALUE, Long.MIN_VALUE);

  /// What lies in both.
  TimeBounds and(TimeBounds that) {
    return new TimeBounds(Math.max(from, that.from), Math.min(to, that.to));
  }

  /// The smallest range that has both.
  TimeBounds or(TimeBounds that) {
    return new TimeBounds(Math.min(from, that.from), Math.max(to, that.to));
  }

  /// Whether something from `min` to `max`, both inclusive, may lie in it.
  boolean meets(long min, long max) {
    return from <= max && (min < to || to == Long.MAX_VALUE);
  }

  boolean has(long time) {
    return meets(time, time);
  }
}
