package io.tidemark.table;

import io.tidemark.event.AnswerBytes;
import io.tidemark.event.StoredEvent;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// The newest events so far of those that a question may be answered with, from one shard or from
/// several, within what an answer may hold.
public final class NewestEvents {
  private static final Comparator<StoredEvent> NEWEST_FIRST = StoredEvent::newestFirst;

  private final int limit;
  private final EventQuery.@Nullable Cursor after;
  private final AnswerBytes bytes;
  private final PriorityQueue<StoredEvent> oldestFirst =
      new PriorityQueue<>(NEWEST_FIRST.reversed());

  public NewestEvents(EventQuery query) {
    this.limit = query.limit();
    this.after = query.after();
    this.bytes = new AnswerBytes(limit);
  }

  /// Whether an event at this place would be one of them.
  boolean wants(int partition, long time, long offset) {
    if (after != null
        && !isAfter(
            after.timeMicros(), after.offset(), after.partition(), time, offset, partition)) {
      return false;
    }
    if (oldestFirst.size() < limit) {
      return true;
    }
    StoredEvent oldest = oldestFirst.element();
    return isAfter(
        time, offset, partition, oldest.timeMicros(), oldest.offset(), oldest.partition());
  }

  /// Whether the second place comes after the first one where the newest come first.
  private static boolean isAfter(
      long time, long offset, int partition, long time2, long offset2, int partition2) {
    if (time2 != time) {
      return time2 < time;
    }
    return offset2 == offset ? partition2 < partition : offset2 < offset;
  }

  /// Whether nothing at or before a time is wanted any more.
  boolean isBeyond(long time) {
    return oldestFirst.size() == limit && oldestFirst.element().timeMicros() > time;
  }

  /// Takes one that is wanted.
  ///
  /// @throws AnswerBytes.TooLarge where the events are too large to be answered at once
  void add(StoredEvent event) {
    if (oldestFirst.size() == limit) {
      bytes.remove(oldestFirst.remove());
    }
    bytes.add(event);
    oldestFirst.add(event);
  }

  /// All of them, newest first.
  public List<StoredEvent> list() {
    return oldestFirst.stream().sorted(NEWEST_FIRST).toList();
  }
}
