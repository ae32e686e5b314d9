package io.tidemark.table;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A question to a stream's table: events, newest first.
///
/// @param from the start of the range, inclusive, in microseconds since 1970
/// @param to its end, exclusive
/// @param where all must hold; columns as in [TableShape#events]
/// @param limit how many events at most
/// @param after the last event of the page before, or null for the first page
public record EventQuery(
    long from, long to, List<Condition> where, int limit, @Nullable Cursor after) {
  public static final int DEFAULT_LIMIT = 100;
  public static final int MAX_LIMIT = 10_000;

  public EventQuery {
    where = List.copyOf(where);
    if (limit < 1 || from > to) {
      throw new IllegalArgumentException("limit " + limit + ", range " + from + ".." + to);
    }
  }

  /// An event's place in the order of an answer.
  public record Cursor(long timeMicros, long offset, int partition) {}
}
