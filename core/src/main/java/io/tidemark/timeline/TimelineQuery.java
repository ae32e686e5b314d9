package io.tidemark.timeline;

import java.util.List;

/// A question to a timeline.
///
/// @param key the key's text
/// @param from the start of the range, inclusive, in microseconds since 1970
/// @param to its end, exclusive
/// @param splits only events with one of these values of the split field, as
///   [io.tidemark.event.FieldType#textOf] writes them; empty: all events
/// @param limit how many events at most
public record TimelineQuery(byte[] key, long from, long to, List<byte[]> splits, int limit) {
  public TimelineQuery {
    splits = List.copyOf(splits);
    if (limit < 1 || from > to) {
      throw new IllegalArgumentException("limit " + limit + ", range " + from + ".." + to);
    }
  }
}
