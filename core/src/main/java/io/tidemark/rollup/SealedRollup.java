package io.tidemark.rollup;

import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.table.RowOrder;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import io.tidemark.table.TailPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The partials of a tail, of the full grouping set and of those smaller sets that pay.
///
/// A smaller set is kept only where it has at most a quarter of the rows of the set it would
/// otherwise be answered from: on that, a query gains little and every event would be stored again
/// and again. Which sets those are follows from the data and is noted with the segment.
public final class SealedRollup implements Rows {
  /// A smaller set must have at most one row for this many of the next larger one's.
  static final int PAYS = 4;

  private final TableShape shape;
  private final List<Part> parts = new ArrayList<>();
  private final int[] partOf;
  private final int[] groupOf;
  private final int dimensions;
  private final int[] measureOf;
  private final int[] columnOf;

  /// The groups of one grouping set: dimension i of the rollup is `place[i]` here, or -1.
  record Part(int set, Groups groups, int[] place) {
    static Part of(RollupSpec spec, int set, Groups groups) {
      int[] place = new int[spec.by().size()];
      int next = 0;
      for (int d = 0; d < place.length; d++) {
        place[d] = (set & 1 << d) != 0 ? next++ : -1;
      }
      return new Part(set, groups, place);
    }
  }

  /// @param parts ascending by set
  SealedRollup(Rollup rollup, List<Part> parts) {
    this.shape = rollup.shape();
    this.parts.addAll(parts);
    this.dimensions = rollup.spec().by().size();
    int count = parts.stream().mapToInt(p -> p.groups().count()).sum();
    this.partOf = new int[count];
    this.groupOf = new int[count];
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      Groups groups = parts.get(p).groups();
      long[] buckets = new long[groups.count()];
      for (int g = 0; g < buckets.length; g++) {
        buckets[g] = groups.bucket(g);
      }
      for (int group : RowOrder.ascending(buckets, 0, buckets.length)) {
        partOf[at] = p;
        groupOf[at++] = group;
      }
    }
    int first = Rollup.FIRST_DIMENSION + dimensions;
    this.measureOf = new int[shape.size()];
    this.columnOf = new int[shape.size()];
    List<Accumulator> accumulators = parts.getFirst().groups().accumulators();
    int column = first;
    for (int m = 0; m < accumulators.size(); m++) {
      for (int c = 0; c < accumulators.get(m).columns().size(); c++) {
        measureOf[column] = m;
        columnOf[column++] = c;
      }
    }
  }

  static SealedRollup of(Rollup rollup, EventType type, TailPart part, long notBefore) {
    RollupSpec spec = rollup.spec();
    RollupQuery everything = rollup.everythingOf(spec.fullSet(), Integer.MAX_VALUE);
    Groups full = rollup.answer(everything);
    rollup.foldTail(part, everything, notBefore, full);
    List<Part> parts = new ArrayList<>();
    parts.add(Part.of(spec, spec.fullSet(), full));
    // Larger sets first, so that a smaller one is made from, and compared with, the best so far.
    spec.sets().stream()
        .sorted(Comparator.comparingInt(Integer::bitCount).reversed().thenComparing(s -> s))
        .forEach(set -> addIfItPays(spec, type, set, parts));
    parts.sort(Comparator.comparingInt(Part::set));
    return new SealedRollup(rollup, parts);
  }

  private static void addIfItPays(RollupSpec spec, EventType type, int set, List<Part> parts) {
    Part source =
        parts.stream()
            .filter(p -> (p.set() & set) == set)
            .min(Comparator.comparingInt(p -> p.groups().count()))
            .orElseThrow();
    int limit = source.groups().count() / PAYS;
    if (limit == 0) {
      return;
    }
    List<Integer> fields = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int d = 0; d < spec.by().size(); d++) {
      if ((set & 1 << d) != 0) {
        fields.add(spec.by().get(d));
        places.add(source.place()[d]);
      }
    }
    Groups coarse = new Groups(type, fields, spec.measures(), limit);
    try {
      coarse.regroup(source.groups(), places);
    } catch (Groups.TooMany _) {
      return;
    }
    parts.add(Part.of(spec, set, coarse));
  }

  /// How many rows there are of each grouping set.
  public Map<Integer, Long> sets() {
    Map<Integer, Long> sets = new TreeMap<>();
    parts.forEach(p -> sets.put(p.set(), (long) p.groups().count()));
    return sets;
  }

  /// The start of the oldest bucket; undefined where there is no row.
  public long minBucket() {
    Groups groups = parts.getLast().groups();
    long min = Long.MAX_VALUE;
    for (int g = 0; g < groups.count(); g++) {
      min = Math.min(min, groups.bucket(g));
    }
    return min;
  }

  /// The start of the newest bucket; undefined where there is no row.
  public long maxBucket() {
    Groups groups = parts.getLast().groups();
    long max = Long.MIN_VALUE;
    for (int g = 0; g < groups.count(); g++) {
      max = Math.max(max, groups.bucket(g));
    }
    return max;
  }

  @Override
  public TableShape shape() {
    return shape;
  }

  @Override
  public int count() {
    return partOf.length;
  }

  @Override
  public boolean isNull(int column, int row) {
    if (column < Rollup.FIRST_DIMENSION) {
      return false;
    }
    Part part = parts.get(partOf[row]);
    int dimension = column - Rollup.FIRST_DIMENSION;
    if (dimension < dimensions) {
      int place = part.place()[dimension];
      return place < 0 || part.groups().isNull(groupOf[row], place);
    }
    return accumulator(part, column).isNull(groupOf[row], columnOf[column]);
  }

  @Override
  public long word(int column, int row) {
    Part part = parts.get(partOf[row]);
    int dimension = column - Rollup.FIRST_DIMENSION;
    if (column == Rollup.SET) {
      return part.set();
    } else if (column == Rollup.BUCKET) {
      return part.groups().bucket(groupOf[row]);
    } else if (dimension < dimensions) {
      return part.groups().word(groupOf[row], part.place()[dimension]);
    }
    return accumulator(part, column).word(groupOf[row], columnOf[column]);
  }

  @Override
  public byte[] bytes(int column, int row) {
    Part part = parts.get(partOf[row]);
    int dimension = column - Rollup.FIRST_DIMENSION;
    if (dimension < dimensions) {
      return part.groups().text(groupOf[row], part.place()[dimension]);
    }
    return accumulator(part, column).bytes(groupOf[row], columnOf[column]);
  }

  private Accumulator accumulator(Part part, int column) {
    return part.groups().accumulators().get(measureOf[column]);
  }
}
