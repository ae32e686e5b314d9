package io.tidemark.table;

import io.tidemark.event.AnswerBytes;
import io.tidemark.event.StoredEvent;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// The newest events so far of those that a question may be answered with, from one shard or from
/// several, within what an answer may hold: where they come to more, the oldest are left away, and
/// it is too much only if nothing newer comes in their place.
public final class NewestEvents {
  private static final Comparator<StoredEvent> NEWEST_FIRST = StoredEvent::newestFirst;

  private final int limit;
  private final EventQuery.@Nullable Cursor after;
  private final long mostBytes;
  private final PriorityQueue<StoredEvent> oldestFirst =
      new PriorityQueue<>(NEWEST_FIRST.reversed());
  private long bytes;

  /// Only what is newer is wanted: the oldest of as many as may be, or what was left away since
  /// there were too many bytes.
  private EventQuery.@Nullable Cursor bound;

  public NewestEvents(EventQuery query) {
    this.limit = query.limit();
    this.after = query.after();
    this.mostBytes = AnswerBytes.limit(limit);
  }

  /// Whether an event at this place would be one of them.
  boolean wants(int partition, long time, long offset) {
    return (after == null || compare(after, time, offset, partition) > 0)
        && (bound == null || compare(bound, time, offset, partition) < 0);
  }

  /// @return more than 0 where the second place is the older one
  private static int compare(EventQuery.Cursor one, long time, long offset, int partition) {
    int byTime = Long.compare(one.timeMicros(), time);
    int byOffset = byTime != 0 ? byTime : Long.compare(one.offset(), offset);
    return byOffset != 0 ? byOffset : Integer.compare(one.partition(), partition);
  }

  /// Whether nothing at or before a time is wanted any more.
  boolean isBeyond(long time) {
    return bound != null && bound.timeMicros() > time;
  }

  /// How many there are not yet.
  int missing() {
    return limit - oldestFirst.size();
  }

  /// Takes one that is wanted.
  void add(StoredEvent event) {
    if (oldestFirst.size() == limit) {
      bytes -= oldestFirst.remove().value().length;
    }
    bytes += event.value().length;
    oldestFirst.add(event);
    while (bytes > mostBytes) {
      StoredEvent oldest = oldestFirst.remove();
      bytes -= oldest.value().length;
      bound = placeOf(oldest);
    }
    if (oldestFirst.size() == limit) {
      bound = placeOf(oldestFirst.element());
    }
  }

  private static EventQuery.Cursor placeOf(StoredEvent event) {
    return new EventQuery.Cursor(event.timeMicros(), event.offset(), event.partition());
  }

  /// All of them, newest first.
  ///
  /// @throws AnswerBytes.TooLarge where they are too large to be answered at once
  public List<StoredEvent> list() {
    if (bound != null && oldestFirst.size() < limit) {
      throw new AnswerBytes.TooLarge(mostBytes);
    }
    return oldestFirst.stream().sorted(NEWEST_FIRST).toList();
  }
}
