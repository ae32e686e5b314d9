package io.tidemark.shard.sim;

import java.util.ArrayList;
import java.util.List;

/// The offsets that a view has never seen: what the log had forgotten before they could be applied.
///
/// @param ranges ascending
/// @param notBefore what happened before this time it does not answer, since it was filled when
///   that had left the table
public record Missed(List<Range> ranges, long notBefore) {
  public static final Missed NONE = new Missed(List.of(), Long.MIN_VALUE);

  /// @param to exclusive
  public record Range(long from, long to) {}

  public Missed {
    ranges = List.copyOf(ranges);
  }

  boolean contains(long offset) {
    for (int i = 0; i < ranges.size(); i++) {
      Range range = ranges.get(i);
      if (offset >= range.from() && offset < range.to()) {
        return true;
      }
    }
    return false;
  }

  /// @param from beyond all that has been missed so far
  Missed and(long from, long to) {
    if (from >= to) {
      return this;
    }
    List<Range> all = new ArrayList<>(ranges);
    all.add(new Range(from, to));
    return new Missed(all, notBefore);
  }

  /// What of it lies below an offset.
  Missed below(long next) {
    return new Missed(
        ranges.stream()
            .filter(r -> r.from() < next)
            .map(r -> new Range(r.from(), Math.min(r.to(), next)))
            .toList(),
        notBefore);
  }

  public Missed notBefore(long timeMicros) {
    return new Missed(ranges, timeMicros);
  }
}
