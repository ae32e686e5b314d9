package io.tidemark.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Some ranges of time, in order; between two of them there is something.
public record TimeRanges(List<TimeBounds> ranges) {
  public static final TimeRanges ALL = new TimeRanges(List.of(TimeBounds.ALL));
  public static final TimeRanges NONE = new TimeRanges(List.of());

  /// Of more ranges than that the whole from the first to the last is taken.
  private static final int MAX = 100;

  public TimeRanges {
    ranges = List.copyOf(ranges);
  }

  public static TimeRanges of(TimeBounds range) {
    return range.from() < range.to() ? new TimeRanges(List.of(range)) : NONE;
  }

  /// What lies in both.
  public TimeRanges and(TimeRanges that) {
    List<TimeBounds> both = new ArrayList<>();
    for (TimeBounds a : ranges) {
      for (TimeBounds b : that.ranges) {
        TimeBounds one = a.and(b);
        if (one.from() < one.to()) {
          both.add(one);
        }
      }
    }
    return merged(both);
  }

  /// What lies in either.
  public TimeRanges or(TimeRanges that) {
    List<TimeBounds> either = new ArrayList<>(ranges);
    either.addAll(that.ranges);
    return merged(either);
  }

  private static TimeRanges merged(List<TimeBounds> ranges) {
    List<TimeBounds> merged = new ArrayList<>();
    for (TimeBounds next :
        ranges.stream().sorted(Comparator.comparingLong(TimeBounds::from)).toList()) {
      if (!merged.isEmpty() && next.from() <= merged.getLast().to()) {
        merged.add(merged.removeLast().or(next));
      } else {
        merged.add(next);
      }
    }
    TimeRanges all = new TimeRanges(merged);
    return merged.size() <= MAX ? all : of(all.whole());
  }

  /// The smallest range that has all of them.
  public TimeBounds whole() {
    return ranges.stream().reduce(TimeBounds::or).orElse(TimeBounds.NONE);
  }

  /// Whether something from `min` to `max`, both inclusive, may lie in one of them.
  public boolean meets(long min, long max) {
    return ranges.stream().anyMatch(r -> r.meets(min, max));
  }

  /// Whether a time lies in one of them.
  public boolean has(long time) {
    for (TimeBounds range : ranges) {
      if (range.has(time)) {
        return true;
      }
    }
    return false;
  }
}
