package io.tidemark.server.it;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Collects the marks of many acknowledgements into one that stands for all of them. For many
/// threads.
final class MarkUnion {
  private final Map<String, Long> next = new TreeMap<>();

  synchronized void add(String mark) {
    for (String part : mark.split(",")) {
      if (!part.isBlank()) {
        int colon = part.lastIndexOf(':');
        next.merge(part.substring(0, colon), Long.valueOf(part.substring(colon + 1)), Math::max);
      }
    }
  }

  @Override
  public synchronized String toString() {
    return next.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
