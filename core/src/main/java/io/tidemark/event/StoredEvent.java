package io.tidemark.event;

import java.util.List;
import java.util.stream.Stream;

/// An event at its place in the log.
///
/// @param partition the shard it is in
/// @param offset its place in the partition; with the partition, the event's identity
/// @param timeMicros its event time, in microseconds since 1970
/// @param value what the log holds of it; see [EventCodec]; not to be changed
public record StoredEvent(int partition, long offset, long timeMicros, byte[] value) {
  /// Of an answer that is larger, the room grows as it is needed.
  private static final int MOST_AHEAD = 1 << 20;

  /// The newest of some events, newest first.
  ///
  /// @param count how many at most
  public static List<StoredEvent> newest(Stream<StoredEvent> events, int count) {
    return events.sorted(StoredEvent::newestFirst).limit(count).toList();
  }

  /// About how many bytes some events have as JSON, to make room for them: with names, quotes and
  /// dates in letters, two to four times their values.
  public static int bytesAsJson(List<StoredEvent> events) {
    long values = 0;
    for (StoredEvent event : events) {
      values += event.value.length;
    }
    return (int) Math.min(4 * values + 128, MOST_AHEAD);
  }

  /// Newest first: by time, then by offset, then by partition.
  public static int newestFirst(StoredEvent a, StoredEvent b) {
    int byTime = Long.compare(b.timeMicros, a.timeMicros);
    int byOffset = byTime != 0 ? byTime : Long.compare(b.offset, a.offset);
    return byOffset != 0 ? byOffset : Integer.compare(b.partition, a.partition);
  }
}
