package io.tidemark.server.duckdb;

/// Microseconds as SQL's TIMESTAMP and back, all 64 bits of them: DuckDB keeps a timestamp as such
/// a number, orders it so, and gives two of the numbers a meaning of their own.
final class Timestamps {
  private static final long INFINITY = Long.MAX_VALUE;
  private static final long MINUS_INFINITY = -Long.MAX_VALUE;

  private Timestamps() {}

  /// A TIMESTAMP from a column of BIGINT.
  static String fromMicros(String column) {
    return ("CASE WHEN %1$s = %2$d THEN TIMESTAMP 'infinity'"
            + " WHEN %1$s = %3$d THEN TIMESTAMP '-infinity' ELSE make_timestamp(%1$s) END")
        .formatted(column, INFINITY, MINUS_INFINITY);
  }

  /// A BIGINT from a column of TIMESTAMP.
  static String toMicros(String column) {
    // The infinite ones have no microseconds. Not coalesce: DuckDB takes it away where the column
    // has no NULL.
    return ("CASE WHEN %1$s = TIMESTAMP 'infinity' THEN %2$d"
            + " WHEN %1$s = TIMESTAMP '-infinity' THEN %3$d ELSE epoch_us(%1$s) END")
        .formatted(column, INFINITY, MINUS_INFINITY);
  }

  /// Whether a number has no other way into SQL than [#infinite].
  static boolean isInfinite(long micros) {
    return micros == INFINITY || micros == MINUS_INFINITY;
  }

  static String infinite(long micros) {
    return micros == INFINITY ? "TIMESTAMP 'infinity'" : "TIMESTAMP '-infinity'";
  }
}
