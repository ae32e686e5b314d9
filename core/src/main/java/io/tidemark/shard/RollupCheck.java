package io.tidemark.shard;

import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.RowBatch;
import io.tidemark.table.RowRange;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares a rollup with what the table's events come to, bucket by bucket: all of its groups, and
/// those of each smaller grouping set that it may have besides.
final class RollupCheck implements Verification.Check {
  /// How much two sums of the same doubles may differ, as a share of the greater.
  private static final double ROUNDING = 1e-9;

  /// Smaller ones may differ as much as this one: they may be what is left of greater ones.
  private static final double SMALL = 1e-6;

  private final Rollup rollup;
  private final SegmentStore store;
  private final ShardState.Seen seen;
  private final TableEvents table;
  private final long begin;
  private final long end;
  private long at;

  /// @param from buckets that begin before are not compared
  /// @param to buckets that end after are not compared, where that is not beyond all there is
  RollupCheck(
      Rollup rollup,
      SegmentStore store,
      ShardState.Seen seen,
      TableEvents table,
      long from,
      long to) {
    this.rollup = rollup;
    this.store = store;
    this.seen = seen;
    this.table = table;
    long every = rollup.spec().everyMicros();
    RowRange times = table.times();
    // What the table has forgotten, and the rollup has not, cannot be compared.
    long first = Math.max(Math.max(from, table.notBefore()), rollup.notBefore(seen.streamTime()));
    if (times.min() > times.max() || first > times.max()) {
      this.begin = 0;
      this.end = 0;
    } else {
      long least = Math.floorDiv(times.min(), every) * every;
      this.begin = first <= least ? least : Math.ceilDiv(first, every) * every;
      long beyond = (Math.floorDiv(times.max(), every) + 1) * every;
      this.end = to >= beyond ? beyond : Math.floorDiv(to, every) * every;
    }
    this.at = begin;
  }

  @Override
  public boolean step(Verification findings) throws IOException {
    if (at >= end) {
      return false;
    }
    long to = table.endOf(at, end, rollup.spec().everyMicros(), Verification.STEP_ROWS);
    RollupQuery query = rollup.everything(rollup.spec().fullSet(), at, to);
    Groups expected = expected(query);
    compare(expected, found(query), rollup.spec().fullSet(), findings);
    for (int set : rollup.spec().sets()) {
      RollupQuery coarse = rollup.everything(set, at, to);
      compare(rollup.regrouped(expected, set), found(coarse), set, findings);
    }
    at = to;
    return at < end;
  }

  @Override
  public double progress() {
    return end <= begin ? 1 : (double) (at - begin) / (end - begin);
  }

  @Override
  public void seek(double place) {
    long every = rollup.spec().everyMicros();
    long buckets = (end - begin) / every;
    at = begin + Math.min((long) (place * buckets), Math.max(0, buckets - 1)) * every;
  }

  private Groups expected(RollupQuery query) throws IOException {
    Groups groups = rollup.answer(query);
    Stored stored = new Stored(query, groups);
    table.stored(query.from(), query.to(), stored.batch::next, (time, _, _) -> stored.add(time));
    stored.fold();
    for (TailPart part : table.tails()) {
      rollup.foldTail(part, query, Long.MIN_VALUE, groups);
    }
    return groups;
  }

  /// Events of files on their way into groups, as if they had just come: some at a time.
  private final class Stored {
    private static final int ROWS = 1 << 16;

    private final RollupQuery query;
    private final Groups groups;
    private final EventType type = table.table().type();
    private final RowBatch batch = new RowBatch(type, RowBatch.SIZE);
    private Tail tail = new Tail(type, List.of(), 0, Long.MIN_VALUE);
    private long rows;

    Stored(RollupQuery query, Groups groups) {
      this.query = query;
      this.groups = groups;
    }

    void add(long time) {
      // Offsets are of no matter to a rollup, but those of a tail ascend.
      batch.add(rows++, time);
      if (batch.isFull()) {
        tail.append(batch);
        batch.clear();
        if (rows >= ROWS) {
          fold();
        }
      }
    }

    void fold() {
      tail.append(batch);
      batch.clear();
      tail.publish(rows, Long.MAX_VALUE);
      TailPart part = new TailPart(tail, 0, tail.view().rows());
      rollup.foldTail(part, query, Long.MIN_VALUE, groups);
      tail = new Tail(type, List.of(), 0, Long.MIN_VALUE);
      rows = 0;
    }
  }

  private Groups found(RollupQuery query) throws IOException {
    Groups groups = rollup.answer(query);
    List<Rollup.Segment> segments =
        seen.segments().stream()
            .filter(s -> s.maxTime() >= query.from() && s.minTime() < query.to())
            .map(s -> new Rollup.Segment(s.name(), s.sets()))
            .toList();
    rollup.foldSegments(Map.of(store, segments), query, Long.MIN_VALUE, groups);
    for (TailPart part : seen.tails()) {
      rollup.foldTail(part, query, Long.MIN_VALUE, groups);
    }
    return groups;
  }

  /// @param set the grouping set that was asked for, as a bit mask over the rollup's dimensions
  private void compare(Groups expected, Groups found, int set, Verification findings) {
    Map<String, Integer> places = new HashMap<>();
    for (int g = 0; g < found.count(); g++) {
      places.put(key(found, g, set), g);
    }
    for (int g = 0; g < expected.count(); g++) {
      String key = key(expected, g, set);
      Integer place = places.remove(key);
      if (place == null) {
        findings.differs(key, results(expected, g), "nothing");
      } else if (areSame(expected, g, found, place)) {
        findings.same(1);
      } else if (!hasLost(expected.bucket(g))) {
        findings.differs(key, results(expected, g), results(found, place));
      }
    }
    places.forEach(
        (key, place) -> {
          if (!hasLost(found.bucket(place))) {
            findings.differs(key, "nothing", results(found, place));
          }
        });
  }

  /// Whether events of a bucket have been erased: the rollup has them in its sums, the table does
  /// not.
  private boolean hasLost(long bucket) {
    return seen.erasures().touch(bucket, bucket + rollup.spec().everyMicros());
  }

  private boolean areSame(Groups a, int groupOfA, Groups b, int groupOfB) {
    boolean same = true;
    for (int m = 0; m < rollup.spec().measures().size(); m++) {
      same &= areSame(a.result(groupOfA, m), b.result(groupOfB, m));
    }
    return same;
  }

  private static boolean areSame(@Nullable Number a, @Nullable Number b) {
    if (a instanceof Double x && b instanceof Double y && Double.isFinite(x - y)) {
      return Math.abs(x - y) <= ROUNDING * Math.max(SMALL, Math.max(Math.abs(x), Math.abs(y)));
    }
    return a == null ? b == null : a.equals(b);
  }

  private String results(Groups groups, int group) {
    List<String> results = new ArrayList<>();
    for (int m = 0; m < rollup.spec().measures().size(); m++) {
      results.add(rollup.spec().measures().get(m).name() + "=" + groups.result(group, m));
    }
    return String.join(" ", results);
  }

  /// The bucket, and each dimension with its value.
  private String key(Groups groups, int group, int set) {
    StringBuilder key =
        new StringBuilder(Instant.EPOCH.plus(groups.bucket(group), ChronoUnit.MICROS).toString());
    int left = set;
    for (int d = 0; d < groups.dimensions(); d++) {
      int dimension = Integer.numberOfTrailingZeros(left);
      left &= left - 1;
      key.append(' ').append(rollup.dimension(dimension)).append('=');
      FieldType type = groups.type(d);
      if (groups.isNull(group, d)) {
        key.append("null");
      } else if (type.isText()) {
        key.append('"')
            .append(new String(groups.text(group, d), StandardCharsets.UTF_8))
            .append('"');
      } else {
        key.append(type.textOf(groups.word(group, d)));
      }
    }
    return key.toString();
  }
}
