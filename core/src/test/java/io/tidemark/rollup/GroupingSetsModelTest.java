package io.tidemark.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.log.Mark;
import io.tidemark.shard.MemorySegments;
import io.tidemark.shard.sim.Answers;
import io.tidemark.shard.sim.Missed;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.RandomQueries;
import io.tidemark.shard.sim.Seeds;
import io.tidemark.shard.sim.SimLog;
import io.tidemark.shard.sim.SimTopic;
import io.tidemark.table.Condition;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Of each segment the smallest grouping set is read that can answer, and it answers as the full
/// one does; each set is read once, whatever stores the segments lie in.
final class GroupingSetsModelTest {
  @Test
  void theSmallestSetIsReadAndAnswersAsTheFullOne() {
    Seeds.each(GroupingSetsModelTest.class, "runs", 150, GroupingSetsModelTest::run);
  }

  private static void run(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    RandomDeclarations declarations = new RandomDeclarations(random.split());
    StreamSpec stream = declarations.stream(new RandomDeclarations.Wanted(false, 1, 0));
    RollupSpec spec = declarations.rollup(stream, "r");
    Rollup rollup = new Rollup(spec, stream.type());
    SimTopic topic =
        new SimTopic(random.split(), stream, new RandomEvents(random.split(), stream, 0));
    ModelShard model = topic.model(0);
    SimLog log = topic.log(0);
    List<List<Condition>> scans = new ArrayList<>();
    List<SegmentStore> stores =
        List.of(new Scanned(new MemorySegments(), scans), new Scanned(new MemorySegments(), scans));
    Map<SegmentStore, List<Rollup.Segment>> segments = new LinkedHashMap<>();
    Map<SegmentStore, List<Rollup.Segment>> fullOnly = new LinkedHashMap<>();
    MemorySegments all = new MemorySegments();
    List<Rollup.Segment> parts = new ArrayList<>();
    for (int s = 0; s < 3; s++) {
      long from = log.next();
      Mark _ = topic.append(random.nextInt(400));
      Tail tail = new Tail(stream.type(), List.of(), from, Long.MIN_VALUE);
      RowBatch batch = new RowBatch(stream.type(), 1000);
      for (ModelShard.Logged record : model.events(missedBefore(from), log.next())) {
        EventCodec.decodeValue(record.value(), batch.next());
        batch.add(record.offset(), record.timeMicros());
      }
      tail.append(batch);
      tail.publish(log.next(), Long.MAX_VALUE);
      SealedRollup sealed = rollup.seal(new TailPart(tail, 0, tail.view().rows()), Long.MIN_VALUE);
      SegmentStore store = stores.get(random.nextInt(2));
      store.write("r" + s, sealed);
      segments
          .computeIfAbsent(store, _ -> new ArrayList<>())
          .add(new Rollup.Segment("r" + s, sealed.sets()));
      fullOnly
          .computeIfAbsent(store, _ -> new ArrayList<>())
          .add(new Rollup.Segment("r" + s, Map.of(spec.fullSet(), 1L)));
      setsArePaidFor(spec, sealed.sets());
      all.write("r" + s, sealed);
      parts.add(new Rollup.Segment("r" + s, sealed.sets()));
    }
    MergedRollup merged = MergedRollup.of(rollup, all, parts);
    FileSum _ =
        all.merge(
            "m", parts.stream().map(Rollup.Segment::name).toList(), merged.merge(), merged.more());
    Map<SegmentStore, List<Rollup.Segment>> one =
        Map.of(all, List.of(new Rollup.Segment("m", merged.sets())));
    setsAreWhole(spec, all, merged);
    RandomQueries queries = new RandomQueries(random.split(), stream);
    for (int q = 0; q < 20; q++) {
      RollupQuery query = queries.rollup(spec, topic.nowMicros());
      scans.clear();
      Groups answer = rollup.answer(query);
      rollup.foldSegments(segments, query, Long.MIN_VALUE, answer);
      TreeSet<String> expected = new TreeSet<>();
      segments.values().stream()
          .flatMap(List::stream)
          .forEach(s -> expected.add(setIs(Rollup.smallestSet(s.sets(), query.needs()))));
      assertThat(scans.stream().map(conditions -> conditions.getFirst().toString()))
          .containsExactlyInAnyOrderElementsOf(expected);
      Groups full = rollup.answer(query);
      rollup.foldSegments(fullOnly, query, Long.MIN_VALUE, full);
      RollupSpec everything =
          new RollupSpec(
              spec.name(),
              spec.stream(),
              spec.every(),
              spec.by(),
              spec.sets(),
              spec.measures(),
              java.util.Optional.empty());
      Map<List<@org.jspecify.annotations.Nullable Object>, List<ModelShard.Logged>> model2 =
          model.groups(everything, query, Missed.NONE, log.next());
      Answers.same(() -> "smallest sets", everything, stream.type(), query, model2, answer);
      Answers.same(() -> "full sets", everything, stream.type(), query, model2, full);
      Groups ofMerged = rollup.answer(query);
      rollup.foldSegments(one, query, Long.MIN_VALUE, ofMerged);
      Answers.same(() -> "merged", everything, stream.type(), query, model2, ofMerged);
    }
  }

  private static Missed missedBefore(long offset) {
    return new Missed(List.of(new Missed.Range(0, offset)), Long.MIN_VALUE);
  }

  /// Remembers the conditions of each scan.
  private static final class Scanned implements SegmentStore {
    private final MemorySegments segments;
    private final List<List<Condition>> scans;

    Scanned(MemorySegments segments, List<List<Condition>> scans) {
      this.segments = segments;
      this.scans = scans;
    }

    @Override
    public FileSum write(String name, Rows rows) throws IOException {
      return segments.write(name, rows);
    }

    @Override
    public FileSum merge(String name, List<String> parts, Merge merge, Rows more)
        throws IOException {
      return segments.merge(name, parts, merge, more);
    }

    @Override
    public Optional<FileStamp> stamp(String name) {
      return segments.stamp(name);
    }

    @Override
    public FileSum sum(String name) throws IOException {
      return segments.sum(name);
    }

    @Override
    public Segments select(List<String> names) {
      return new Watched(segments.select(names));
    }

    private final class Watched implements Segments {
      private final Segments selected;

      Watched(Segments selected) {
        this.selected = selected;
      }

      @Override
      public Segments and(Segments others) {
        return new Watched(selected.and(((Watched) others).selected));
      }

      @Override
      public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
        scans.add(scan.conditions());
        selected.scan(shape, scan, visitor);
      }
    }

    @Override
    public void delete(String name) throws IOException {
      segments.delete(name);
    }

    @Override
    public List<String> names() {
      return segments.names();
    }
  }

  private static String setIs(int set) {
    return new Condition.WordIs(Rollup.SET, set).toString();
  }

  /// The merged segment has as many rows of each set as it says, and none of any other.
  private static void setsAreWhole(RollupSpec spec, MemorySegments store, MergedRollup merged)
      throws IOException {
    assertThat(merged.sets()).containsKey(spec.fullSet());
    Map<Integer, Long> found = new TreeMap<>();
    Scan scan = new Scan(List.of(Rollup.SET), List.of(), Scan.Order.ANY, Scan.ALL);
    store.scan(
        merged.more().shape(),
        List.of("m"),
        scan,
        row -> found.merge((int) row.word(0), 1L, Long::sum));
    Map<Integer, Long> expected = new TreeMap<>(merged.sets());
    expected.values().removeIf(rows -> rows == 0);
    assertThat(found).isEqualTo(expected);
    assertThat(merged.rows()).isEqualTo(found.values().stream().mapToLong(r -> r).sum());
  }

  private static void setsArePaidFor(RollupSpec spec, Map<Integer, Long> sets) {
    assertThat(sets).containsKey(spec.fullSet());
    sets.forEach(
        (set, rows) -> {
          if (set != spec.fullSet()) {
            assertThat(spec.sets()).contains(set);
            long larger =
                sets.entrySet().stream()
                    .filter(e -> !e.getKey().equals(set) && (e.getKey() & set) == set)
                    .filter(e -> Integer.bitCount(e.getKey()) > Integer.bitCount(set))
                    .mapToLong(Map.Entry::getValue)
                    .min()
                    .orElseThrow();
            assertThat(rows * SealedRollup.PAYS).isLessThanOrEqualTo(larger);
          }
        });
  }

  @Test
  void theSmallestSetIsTheOneWithTheFewestRowsThatHasAllDimensions() {
    Map<Integer, Long> sets = Map.of(0b111, 100L, 0b011, 20L, 0b001, 5L, 0b110, 20L);
    assertThat(Rollup.smallestSet(sets, 0b001)).isEqualTo(0b001);
    assertThat(Rollup.smallestSet(sets, 0b010)).isEqualTo(0b011);
    assertThat(Rollup.smallestSet(sets, 0b101)).isEqualTo(0b111);
    assertThat(Rollup.smallestSet(sets, 0)).isEqualTo(0b001);
  }
}
