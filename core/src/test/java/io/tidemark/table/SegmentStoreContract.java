package io.tidemark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.shard.MemorySegments;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every store of segments does.
public abstract class SegmentStoreContract {
  private static final TableShape SHAPE =
      new TableShape(
          List.of(
              new ColumnSpec("_time", Type.TIMESTAMP),
              new ColumnSpec("_offset", Type.LONG),
              new ColumnSpec("name", Type.TEXT)));

  /// An empty store.
  protected abstract SegmentStore store() throws IOException;

  @Test
  void randomScansFindWhatANaiveSearchFinds() throws IOException {
    long seed = Long.getLong("seed", 1);
    System.out.println(getClass().getSimpleName() + " -Dseed=" + seed);
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    SegmentStore store = store();
    for (int round = 0; round < 30; round++) {
      TableShape shape = table.shape();
      List<ListRows> segments = new ArrayList<>();
      List<String> names = new ArrayList<>();
      int rows = 0;
      for (int s = random.nextInt(3); s >= 0; s--) {
        ListRows segment = table.rows(shape, random.nextInt(60), rows);
        String name = "s-" + s;
        FileSum sum = store.write(name, segment);
        assertThat(sum.bytes()).isPositive();
        assertThat(store.stamp(name)).map(FileStamp::bytes).hasValue(sum.bytes());
        assertThat(store.sum(name)).isEqualTo(sum);
        segments.add(segment);
        names.add(name);
        rows += segment.count();
      }
      for (int i = 0; i < 20; i++) {
        check(store, shape, names, segments, table.scan(shape, rows), "seed " + seed);
      }
    }
  }

  private static void check(
      SegmentStore store,
      TableShape shape,
      List<String> names,
      List<ListRows> segments,
      Scan scan,
      String about)
      throws IOException {
    List<String> expected = NaiveScan.find(segments, scan);
    List<String> found = scan(store, shape, names, scan);
    String question = "%s: %s of %s".formatted(about, scan, shape).replace('\0', '\u2400');
    var says = assertThat(found).as(question);
    int count = Math.min(scan.limit(), expected.size());
    if (scan.order() != Scan.Order.ANY) {
      says.isEqualTo(expected.subList(0, count));
    } else if (count == expected.size()) {
      says.hasSameSizeAs(expected);
      assertThat(found.stream().sorted().toList())
          .as(question)
          .isEqualTo(expected.stream().sorted().toList());
    } else {
      says.hasSize(count).isSubsetOf(expected);
    }
  }

  private static List<String> scan(
      SegmentStore store, TableShape shape, List<String> names, Scan scan) throws IOException {
    List<String> found = new ArrayList<>();
    // Those of several stores are read together: here, as if each half had one of its own.
    List<String> half = names.subList(0, names.size() / 2);
    Segments both = store.select(half).and(store.select(names.subList(half.size(), names.size())));
    both.scan(
        shape,
        scan,
        row -> {
          @Nullable Object[] values = new Object[scan.columns().size()];
          for (int c = 0; c < values.length; c++) {
            int column = scan.columns().get(c);
            boolean word = column == Scan.FILE || shape.columns().get(column).type().isWord();
            if (!row.isNull(c)) {
              values[c] = word ? (Object) row.word(c) : row.bytes(c);
            }
          }
          found.add(NaiveScan.text(values));
        });
    return found;
  }

  /// @param name the text of each row, in which `%d` is the row's number
  private static ListRows rows(int count, String name) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new @Nullable Object[] {
            (long) i / 2, (long) i, name.formatted(i).getBytes(StandardCharsets.UTF_8)
          });
    }
    return new ListRows(SHAPE, rows);
  }

  private static Scan all() {
    return new Scan(List.of(2), List.of(), Scan.Order.ANY, Scan.ALL);
  }

  @Test
  void segmentsOfAnEarlierShapeAnswerWithNullsAndWidened() throws IOException {
    long seed = Long.getLong("seed", 1);
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    SegmentStore store = store();
    for (int round = 0; round < 30; round++) {
      TableShape later = table.plainShape();
      List<ListRows> segments = new ArrayList<>();
      List<String> names = new ArrayList<>();
      int rows = 0;
      for (int s = random.nextInt(3); s >= 0; s--) {
        ListRows segment = table.rows(table.earlier(later), random.nextInt(60), rows);
        names.add("s-" + s);
        FileSum _ = store.write(names.getLast(), segment);
        segments.add(MemorySegments.asStored(segment).in(later));
        rows += segment.count();
      }
      for (int i = 0; i < 20; i++) {
        check(store, later, names, segments, table.scan(later, rows), "seed " + seed);
      }
      Merge merge = new Merge(List.of(), List.of(TableShape.OFFSET), rows);
      FileSum _ = store.merge("merged", names, merge, Rows.none(later));
      Scan all =
          new Scan(
              IntStream.range(0, later.size()).boxed().toList(),
              List.of(),
              Scan.Order.ANY,
              Scan.ALL);
      check(store, later, List.of("merged"), segments, all, "merged, seed " + seed);
    }
  }

  @Test
  void aMergedSegmentHasTheRowsOfItsPartsThatSatisfyTheConditionsAndTheRest() throws IOException {
    long seed = Long.getLong("seed", 1);
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    SegmentStore store = store();
    for (int round = 0; round < 40; round++) {
      TableShape shape = table.shape();
      List<ListRows> parts = new ArrayList<>();
      List<String> names = new ArrayList<>();
      int rows = 0;
      for (int s = random.nextInt(4); s >= 0; s--) {
        parts.add(table.rows(shape, random.nextInt(60), rows));
        names.add("part-" + s);
        rows += parts.getLast().count();
        FileSum _ = store.write(names.getLast(), parts.getLast());
      }
      List<Condition> conditions =
          random.nextBoolean() ? List.of() : table.scan(shape, rows).conditions();
      ListRows more = table.rows(shape, random.nextInt(3) * random.nextInt(30), rows);
      List<Integer> columns = IntStream.range(0, shape.size()).boxed().toList();
      Scan all = new Scan(columns, List.of(), Scan.Order.NEWEST_FIRST, Scan.ALL);
      List<String> expected =
          new ArrayList<>(
              NaiveScan.find(
                  parts, new Scan(columns, conditions, Scan.Order.NEWEST_FIRST, Scan.ALL)));
      expected.addAll(NaiveScan.find(List.of(more), all));
      List<Integer> order = List.of(TableShape.TIME, TableShape.OFFSET);
      Merge wrong = new Merge(conditions, order, expected.size() + 1);
      assertThatThrownBy(() -> store.merge("wrong", names, wrong, more))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("rows instead of");
      assertThat(store.names()).doesNotContain("wrong");
      Merge merge = new Merge(conditions, order, expected.size());
      FileSum sum = store.merge("merged", names, merge, more);
      assertThat(store.sum("merged")).isEqualTo(sum);
      assertThat(scan(store, shape, List.of("merged"), all))
          .as("seed %d: %s", seed, merge)
          .hasSameSizeAs(expected)
          .containsExactlyInAnyOrderElementsOf(expected);
      check(store, shape, names, parts, all, "the parts stay, seed " + seed);
    }
  }

  @Test
  void aMergeLeavesOutColumnsOfRowsThatShallNotHaveThem() throws IOException {
    long seed = Long.getLong("seed", 1);
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    SegmentStore store = store();
    for (int round = 0; round < 20; round++) {
      TableShape shape = table.shape();
      ListRows rows = table.rows(shape, 1 + random.nextInt(60), 0);
      FileSum _ = store.write("before", rows);
      List<Condition> unless = new ArrayList<>();
      while (unless.isEmpty()) {
        // Of conditions that null does not satisfy, as all but their negations are.
        table.scan(shape, rows.count()).conditions().stream()
            .map(c -> new Condition.NotAll(List.of(c)))
            .forEach(unless::add);
      }
      List<Integer> blanked =
          IntStream.range(TableShape.FIRST_FIELD, shape.size())
              .filter(_ -> random.nextBoolean())
              .boxed()
              .toList();
      ListRows expected = MemorySegments.asStored(rows);
      List<Integer> columns = IntStream.range(0, shape.size()).boxed().toList();
      for (int row = 0; row < expected.count(); row++) {
        List<@Nullable Object[]> alone = new ArrayList<>();
        alone.add(expected.rows().get(row));
        ListRows one = new ListRows(shape, alone);
        if (NaiveScan.find(List.of(one), new Scan(columns, unless, Scan.Order.ANY, 1)).isEmpty()) {
          for (int column : blanked) {
            expected.rows().get(row)[column] = null;
          }
        }
      }
      Merge merge =
          new Merge(
              List.of(),
              List.of(TableShape.TIME, TableShape.OFFSET),
              rows.count(),
              Optional.of(new Merge.Blank(blanked, unless)));
      FileSum _ = store.merge("after", List.of("before"), merge, Rows.none(shape));
      Scan all = new Scan(columns, List.of(), Scan.Order.NEWEST_FIRST, Scan.ALL);
      assertThat(scan(store, shape, List.of("after"), all))
          .as("seed %d: %s", seed, merge)
          .containsExactlyInAnyOrderElementsOf(NaiveScan.find(List.of(expected), all));
    }
  }

  @Test
  void mergingWhatIsNotThereFails() throws IOException {
    SegmentStore store = store();
    FileSum _ = store.write("there", rows(3, "x"));
    Merge merge = new Merge(List.of(), List.of(0), 3);
    assertThatThrownBy(
            () -> store.merge("merged", List.of("there", "missing"), merge, Rows.none(SHAPE)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing");
    assertThat(store.names()).containsExactly("there");
  }

  @Test
  void manyRowsAreAllFoundAndComeNewestFirst() throws IOException {
    SegmentStore store = store();
    ListRows many = rows(130_000, "n%d");
    store.write("many", many);
    Scan scan = new Scan(List.of(0, 1, 2), List.of(), Scan.Order.NEWEST_FIRST, 5000);
    check(store, SHAPE, List.of("many"), List.of(many), scan, "many");
    Scan every = new Scan(List.of(1, 2), List.of(), Scan.Order.ANY, Scan.ALL);
    check(store, SHAPE, List.of("many"), List.of(many), every, "many");
  }

  @Test
  void aSegmentOfTheSameNameReplacesTheOneBefore() throws IOException {
    SegmentStore store = store();
    for (int i = 0; i < 20; i++) {
      store.write("s", rows(3, "first " + i));
      store.write("s", rows(2, "second " + i));
      assertThat(scan(store, SHAPE, List.of("s"), all()))
          .hasSize(2)
          .allMatch(NaiveScan.text(new Object[] {utf8("second " + i)})::equals);
    }
  }

  @Test
  void aSegmentCanBeDeletedAndWrittenAgain() throws IOException {
    SegmentStore store = store();
    store.write("s", rows(3, "first"));
    assertThat(scan(store, SHAPE, List.of("s"), all())).hasSize(3);
    store.delete("s");
    assertThat(store.names()).isEmpty();
    store.write("s", rows(4, "again"));
    assertThat(scan(store, SHAPE, List.of("s"), all()))
        .hasSize(4)
        .allMatch(NaiveScan.text(new Object[] {utf8("again")})::equals);
  }

  @Test
  void deletingWhatIsNotThereIsFine() throws IOException {
    SegmentStore store = store();
    store.delete("nothing");
    assertThat(store.names()).isEmpty();
  }

  @Test
  void namesAreThoseOfSegments() throws IOException {
    SegmentStore store = store();
    store.write("b-00000000000000000000-00000000000000000007", rows(1, "x"));
    store.write("_a.b", rows(0, "x"));
    assertThat(store.names())
        .containsExactlyInAnyOrder("b-00000000000000000000-00000000000000000007", "_a.b");
  }

  @Test
  void aScanOfNoSegmentsFindsNothing() throws IOException {
    assertThat(scan(store(), SHAPE, List.of(), all())).isEmpty();
  }

  @Test
  void aMissingSegmentFails() throws IOException {
    SegmentStore store = store();
    assertThatThrownBy(() -> scan(store, SHAPE, List.of("missing"), all()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void whatTheVisitorThrowsIsThrown() throws IOException {
    SegmentStore store = store();
    store.write("s", rows(3, "x"));
    RuntimeException enough = new IllegalStateException("enough");
    assertThatThrownBy(
            () ->
                store.scan(
                    SHAPE,
                    List.of("s"),
                    all(),
                    _ -> {
                      throw enough;
                    }))
        .isSameAs(enough);
    assertThat(scan(store, SHAPE, List.of("s"), all())).hasSize(3);
  }

  @Test
  void textThatIsNotUtf8IsStoredWithReplacements() throws IOException {
    SegmentStore store = store();
    List<@Nullable Object[]> rows = new ArrayList<>();
    rows.add(new @Nullable Object[] {1L, 1L, utf8("good")});
    rows.add(new @Nullable Object[] {2L, 2L, new byte[] {'a', (byte) 0xff, 'b'}});
    rows.add(new @Nullable Object[] {3L, 3L, null});
    store.write("s", new ListRows(SHAPE, rows));
    assertThat(
            scan(
                store,
                SHAPE,
                List.of("s"),
                new Scan(List.of(2), List.of(), Scan.Order.NEWEST_FIRST, Scan.ALL)))
        .containsExactly(
            NaiveScan.text(new @Nullable Object[] {null}),
            NaiveScan.text(new Object[] {utf8("a\ufffdb")}),
            NaiveScan.text(new Object[] {utf8("good")}));
    Condition malformed = new Condition.TextIn(2, List.of(new byte[] {'a', (byte) 0xff, 'b'}));
    assertThat(
            scan(
                store,
                SHAPE,
                List.of("s"),
                new Scan(List.of(2), List.of(malformed), Scan.Order.NEWEST_FIRST, Scan.ALL)))
        .isEmpty();
  }

  @Test
  void everyNaNIsStoredAsTheSame() throws IOException {
    SegmentStore store = store();
    TableShape shape = new TableShape(List.of(new ColumnSpec("d", Type.DOUBLE)));
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (long bits : new long[] {0x7ff8000000000001L, 0xfff8000000000000L, 0x7ff8000000000000L}) {
      rows.add(new @Nullable Object[] {bits});
    }
    store.write("s", new ListRows(shape, rows));
    long one = Double.doubleToLongBits(Double.NaN);
    Scan same =
        new Scan(List.of(0), List.of(new Condition.WordIs(0, one)), Scan.Order.ANY, Scan.ALL);
    assertThat(scan(store, shape, List.of("s"), same))
        .hasSize(3)
        .allMatch(NaiveScan.text(new Object[] {one})::equals);
  }

  @Test
  void manyReadWhileOneWrites() throws Exception {
    SegmentStore store = store();
    store.write("steady", rows(5000, "x"));
    AtomicBoolean stop = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> readers = new ArrayList<>();
    for (int r = 0; r < 4; r++) {
      readers.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  while (!stop.get()) {
                    assertThat(scan(store, SHAPE, List.of("steady"), all())).hasSize(5000);
                  }
                } catch (Throwable t) {
                  failures.add(t);
                }
              }));
    }
    for (int i = 0; i < 20; i++) {
      store.write("new-" + i, rows(3000, "y"));
      assertThat(scan(store, SHAPE, List.of("new-" + i), all())).hasSize(3000);
      store.delete("new-" + i);
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(failures).isEmpty();
  }

  private static byte[] utf8(String text) {
    return RandomTable.utf8(text);
  }
}
