package io.tidemark.rollup;

import io.tidemark.rollup.Rollup.Segment;
import io.tidemark.rollup.SealedRollup.Part;
import io.tidemark.table.Condition;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// How several segments of a rollup become one: their rows side by side, since rows of one group
/// add up anyway, but of the smaller grouping sets only those that the merged segment can have
/// whole. A set that some of the segments do not have is made for these from a larger one, as long
/// as that is little compared with the rest; a set that few of them have is dropped.
///
/// @param sets how many rows of each set the merged segment has
/// @param merge which of the segments' rows it has, and their order
/// @param more rows of sets that some of the segments do not have
public record MergedRollup(Map<Integer, Long> sets, Merge merge, Rows more) {
  /// From how many rows sets are made at most, in all: of so many there is room in memory.
  private static final int MAX_ROWS_MADE_FROM = 250_000;

  public MergedRollup {
    sets = Map.copyOf(sets);
  }

  /// @param store where the segments are
  /// @param segments at least one
  public static MergedRollup of(Rollup rollup, SegmentStore store, List<Segment> segments)
      throws IOException {
    Map<Integer, Long> sets = new TreeMap<>();
    List<Part> made = new ArrayList<>();
    long left = MAX_ROWS_MADE_FROM;
    for (int set : allSets(segments)) {
      List<Segment> without = segments.stream().filter(s -> !s.sets().containsKey(set)).toList();
      long rows = segments.stream().mapToLong(s -> s.sets().getOrDefault(set, 0L)).sum();
      if (!without.isEmpty()) {
        Groups groups =
            madeFrom(without, set) > Math.min(rows, left)
                ? null
                : made(rollup, store, without, set);
        if (groups == null) {
          continue;
        }
        made.add(Part.of(rollup.spec(), set, groups));
        left -= madeFrom(without, set);
        rows += groups.count();
      }
      sets.put(set, rows);
    }
    Condition kept =
        new Condition.WordIn(Rollup.SET, sets.keySet().stream().map(Integer::longValue).toList());
    return new MergedRollup(
        sets,
        new Merge(List.of(kept), rollup.storedOrder(), rowsOf(sets)),
        made.isEmpty() ? Rows.none(rollup.shape()) : new SealedRollup(rollup, made));
  }

  /// A set's groups, of segments that do not have it; null where they need too much memory.
  private static @Nullable Groups made(
      Rollup rollup, SegmentStore store, List<Segment> without, int set) throws IOException {
    RollupQuery everything = rollup.everythingOf(set, MAX_ROWS_MADE_FROM);
    Groups groups = rollup.answer(everything);
    try {
      rollup.foldSegments(Map.of(store, without), everything, Long.MIN_VALUE, groups);
      return groups;
    } catch (Groups.TooMany _) {
      return null;
    }
  }

  private static Set<Integer> allSets(List<Segment> segments) {
    Set<Integer> sets = new TreeSet<>();
    segments.forEach(s -> sets.addAll(s.sets().keySet()));
    return sets;
  }

  /// How many rows have to be read to make a set.
  private static long madeFrom(List<Segment> without, int set) {
    return without.stream()
        .map(Segment::sets)
        .mapToLong(sets -> sets.getOrDefault(Rollup.smallestSet(sets, set), 0L))
        .sum();
  }

  /// How many rows the merged segment has.
  public long rows() {
    return rowsOf(sets);
  }

  private static long rowsOf(Map<Integer, Long> sets) {
    return sets.values().stream().mapToLong(Long::longValue).sum();
  }
}
