package io.tidemark.server.it;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Collects the marks of many acknowledgements into one that stands for all of them. For many
/// threads.
final class MarkUnion {
  private final Map<String, Long> next = new TreeMap<>();

  static MarkUnion of(String mark) {
    MarkUnion union = new MarkUnion();
    union.add(mark);
    return union;
  }

  synchronized void add(String mark) {
    for (String part : mark.split(",")) {
      if (!part.isBlank()) {
        int colon = part.lastIndexOf(':');
        next.merge(part.substring(0, colon), Long.valueOf(part.substring(colon + 1)), Math::max);
      }
    }
  }

  /// How many records it stands for: all below its offsets.
  synchronized long records() {
    return next.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Whether it stands for everything that another mark does.
  synchronized boolean covers(String mark) {
    return of(mark).next.entrySet().stream()
        .allMatch(e -> next.getOrDefault(e.getKey(), 0L) >= e.getValue());
  }

  @Override
  public synchronized String toString() {
    return next.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
