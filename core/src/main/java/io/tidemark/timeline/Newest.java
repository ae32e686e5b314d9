package io.tidemark.timeline;

import io.tidemark.event.AnswerBytes;
import io.tidemark.event.StoredEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/// Keeps the newest events of each split value, whatever order they come in. The same event twice
/// counts once.
final class Newest {
  private final int keep;
  private final AnswerBytes bytes;
  private final TreeMap<Integer, Bounded> bySplit = new TreeMap<>();

  /// The newest `keep` of one split value, as a heap with the oldest on top.
  private static final class Bounded {
    private final PriorityQueue<StoredEvent> oldestFirst =
        new PriorityQueue<>((a, b) -> StoredEvent.newestFirst(b, a));
    private final Set<Long> offsets = new HashSet<>();
  }

  /// @param keep how many events of each split value
  /// @param bytes what all of them may have
  Newest(int keep, AnswerBytes bytes) {
    this.keep = keep;
    this.bytes = bytes;
  }

  /// Whether an event of this time and offset would be among the newest now.
  boolean wants(int split, long timeMicros, long offset) {
    Bounded bounded = bySplit.get(split);
    if (bounded == null || bounded.oldestFirst.size() < keep) {
      return true;
    }
    StoredEvent oldest = bounded.oldestFirst.element();
    return timeMicros > oldest.timeMicros()
        || (timeMicros == oldest.timeMicros() && offset > oldest.offset());
  }

  /// Whether no event of these split values would be that is not younger than this time.
  boolean wantsNone(List<Integer> splits, long timeMicros) {
    for (int split : splits) {
      Bounded bounded = bySplit.get(split);
      if (bounded == null
          || bounded.oldestFirst.size() < keep
          || bounded.oldestFirst.element().timeMicros() <= timeMicros) {
        return false;
      }
    }
    return true;
  }

  void add(int split, StoredEvent event) {
    Bounded bounded = bySplit.computeIfAbsent(split, _ -> new Bounded());
    if (!bounded.offsets.add(event.offset())) {
      return;
    }
    bounded.oldestFirst.add(event);
    if (bounded.oldestFirst.size() > keep) {
      StoredEvent oldest = bounded.oldestFirst.remove();
      bounded.offsets.remove(oldest.offset());
      bytes.remove(oldest);
    }
    bytes.add(event);
  }

  /// By hash of the split value, the events, newest first.
  Map<Integer, List<StoredEvent>> lists() {
    Map<Integer, List<StoredEvent>> lists = new TreeMap<>();
    bySplit.forEach(
        (split, bounded) -> {
          List<StoredEvent> list = new ArrayList<>(bounded.oldestFirst);
          list.sort(StoredEvent::newestFirst);
          lists.put(split, list);
        });
    return lists;
  }
}
