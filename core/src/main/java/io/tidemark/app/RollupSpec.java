package io.tidemark.app;

import io.tidemark.event.EventType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Measures per bucket of time and group.
///
/// @param every the width of a bucket; buckets start at multiples of it since 1970
/// @param by the fields whose combinations are the groups, at most [#MAX_DIMENSIONS]
/// @param sets the grouping sets that may be kept besides the full one, each a bit mask over `by`
///   (bit i is `by[i]`), so that a query which names few dimensions reads few rows
/// @param measures what is computed, at least one
public record RollupSpec(
    String name,
    String stream,
    Duration every,
    List<Integer> by,
    List<Integer> sets,
    List<Measure> measures,
    Optional<Duration> retain)
    implements ViewSpec {
  public static final int MAX_DIMENSIONS = 8;

  /// One second: below it, a bucket is an event.
  public static final Duration MIN_EVERY = Duration.ofSeconds(1);

  public RollupSpec {
    by = List.copyOf(by);
    measures = List.copyOf(measures);
    int full = (1 << by.size()) - 1;
    sets = sets.stream().filter(s -> s != full).distinct().sorted().toList();
    if (by.size() > MAX_DIMENSIONS || measures.isEmpty()) {
      throw new IllegalArgumentException("rollup " + name);
    }
    if (every.compareTo(MIN_EVERY) < 0 || every.toNanos() % 1_000_000_000L != 0) {
      throw new IllegalArgumentException("every: " + every);
    }
    for (int set : sets) {
      if (set < 0 || set > full) {
        throw new IllegalArgumentException("grouping set: " + set);
      }
    }
  }

  public long everyMicros() {
    return every.toNanos() / 1000;
  }

  /// The bit mask of the full grouping set.
  public int fullSet() {
    return (1 << by.size()) - 1;
  }

  @Override
  public String definition(EventType type) {
    return "rollup stream=%s every=%s by=%s sets=%s measures=%s retain=%s"
        .formatted(
            stream,
            every,
            by.stream().map(f -> type.field(f).typedPath()).collect(Collectors.joining(",")),
            sets,
            measures.stream().map(m -> m.definition(type)).collect(Collectors.joining(",")),
            retain);
  }
}
