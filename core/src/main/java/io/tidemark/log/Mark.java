package io.tidemark.log;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Positions in the log: for each stream and partition the next offset. An acknowledgement's mark
/// stands for the events it acknowledged, an answer's mark for the events it contains.
///
/// As text: `user_tags/0:17,user_tags/3:4`, in the order of streams and partitions; empty for none.
public record Mark(Map<StreamPartition, Long> next) {
  public static final Mark NONE = new Mark(Map.of());

  public Mark {
    next = java.util.Collections.unmodifiableMap(new TreeMap<>(next));
  }

  public static Mark of(StreamPartition partition, long next) {
    return new Mark(Map.of(partition, next));
  }

  /// Reads the text form.
  ///
  /// @throws IllegalArgumentException where it is none; the message says why
  public static Mark parse(String text) {
    if (text.isBlank()) {
      return NONE;
    }
    Map<StreamPartition, Long> next = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      String item = part.strip();
      int slash = item.indexOf('/');
      int colon = item.indexOf(':', slash + 1);
      try {
        if (slash < 1 || colon < 0) {
          throw new NumberFormatException();
        }
        int partition = Integer.parseInt(item.substring(slash + 1, colon));
        long offset = Long.parseLong(item.substring(colon + 1));
        if (partition < 0 || offset < 0) {
          throw new NumberFormatException();
        }
        next.merge(new StreamPartition(item.substring(0, slash), partition), offset, Math::max);
      } catch (NumberFormatException _) {
        throw new IllegalArgumentException(
            "\"" + item + "\" is not a position; a mark looks like user_tags/0:17,user_tags/3:4");
      }
    }
    return new Mark(next);
  }

  /// The mark that stands for both.
  public Mark and(Mark that) {
    if (that.next.isEmpty()) {
      return this;
    }
    Map<StreamPartition, Long> both = new TreeMap<>(next);
    that.next.forEach((partition, offset) -> both.merge(partition, offset, Math::max));
    return new Mark(both);
  }

  /// The position in one partition; 0 where the mark says nothing of it.
  public long next(StreamPartition partition) {
    return next.getOrDefault(partition, 0L);
  }

  @Override
  public String toString() {
    return next.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
