package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.FileSum;
import io.tidemark.table.ListRows;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Files that are as they were written, and yet wrong: a verification finds them.
final class VerificationTest {
  private static final long MINUTE = 60_000_000L;
  private static final int EVENTS = 2_000;

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("user", FieldType.STRING, true),
              new Field("amount", FieldType.LONG, false),
              new Field("share", FieldType.DOUBLE, false)));

  private static final StreamSpec STREAM =
      new StreamSpec(
          "s",
          TYPE,
          "{}",
          0,
          List.of(1),
          Optional.empty(),
          Optional.empty(),
          1,
          0,
          Duration.ofDays(1));

  private static final List<ViewSpec> VIEWS =
      List.of(
          new RollupSpec(
              "sums",
              "s",
              Duration.ofMinutes(1),
              List.of(1),
              List.of(0),
              List.of(
                  new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0),
                  new Measure("amount", Measure.Kind.SUM, 2, 0),
                  new Measure("users", Measure.Kind.DISTINCT, 1, 0),
                  new Measure("shares", Measure.Kind.SUM, 3, 0)),
              Optional.empty()),
          new TimelineSpec("last", "s", 1, TimelineSpec.NO_SPLIT, 5, Optional.empty()));

  private final ShardSpec spec = new ShardSpec(STREAM, VIEWS, 0, ShardSpec.Limits.DEFAULT);
  private final MemoryStorage storage = new MemoryStorage();
  private final ListLog log = new ListLog();

  /// A shard with half of its events in two checkpoints.
  @BeforeEach
  void fill() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    try (Shard shard = open()) {
      for (int i = 0; i < EVENTS; i++) {
        EventRow row = new EventRow(TYPE);
        row.setWord(0, random.nextLong(60 * MINUTE));
        row.setText(1, "user-" + random.nextInt(40));
        if (random.nextInt(5) > 0) {
          row.setWord(2, random.nextInt(100));
          row.setDouble(3, random.nextDouble());
        }
        log.append(row);
        log.applyTo(shard);
        if (i == EVENTS / 4 || i == EVENTS / 2) {
          shard.publish();
          Checkpoint.Report _ = shard.beginCheckpoint().run();
        }
      }
      shard.publish();
      Checkpoint.Report _ = shard.beginCheckpoint().run();
    }
  }

  private Shard open() throws IOException {
    return Shard.open(spec, storage, log, false);
  }

  private Verification.Report verify(String view) throws IOException {
    try (Shard shard = open()) {
      return verify(shard, view);
    }
  }

  static Verification.Report verify(Shard shard, String view) throws IOException {
    return HeldShards.reading(
        List.of(shard),
        held -> {
          Verification verification = held.verify(shard.id(), view, Long.MIN_VALUE, Long.MAX_VALUE);
          while (verification.step()) {
            assertThat(verification.progress()).isBetween(0.0, 1.0);
          }
          Verification.Report report = verification.report();
          if (report.notCompared().isEmpty()) {
            assertThat(verification.progress()).isEqualTo(1);
          }
          return report;
        });
  }

  /// Writes other rows into a view's first segment, and a manifest that says so.
  private void forge(String view, Consumer<List<@Nullable Object[]>> change) throws IOException {
    long newest = storage.manifests().getLast();
    Manifest manifest = ManifestCodec.decode(storage.readManifest(newest));
    List<ViewState> views = new ArrayList<>(manifest.views());
    views.replaceAll(
        v ->
            v.name().equals(view)
                ? v.at(v.next(), v.streamTime(), forged(v.segments(), change))
                : v);
    storage.writeManifest(
        newest,
        ManifestCodec.encode(
            manifest.with(
                newest,
                manifest.position(),
                manifest.reach(),
                manifest.ids(),
                views,
                Long.MAX_VALUE)));
  }

  private List<SegmentRef> forged(
      List<SegmentRef> segments, Consumer<List<@Nullable Object[]>> change) {
    SegmentRef s = segments.getFirst();
    try {
      ListRows rows = ((MemorySegments) storage.segments()).rows(s.name());
      List<@Nullable Object[]> changed = new ArrayList<>();
      rows.rows().forEach(r -> changed.add(r.clone()));
      change.accept(changed);
      FileSum sum = storage.segments().write(s.name(), new ListRows(rows.shape(), changed));
      List<SegmentRef> all = new ArrayList<>(segments);
      all.set(
          0,
          new SegmentRef(
              s.name(), s.from(), s.to(), s.rows(), sum, s.minTime(), s.maxTime(), s.sets()));
      return all;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void whatIsRightIsFoundToBeSo() throws IOException {
    for (String view : List.of(Verification.TABLE, "sums", "last")) {
      Verification.Report report = verify(view);
      assertThat(report.told()).as(view).isEmpty();
      assertThat(report.different()).isZero();
      assertThat(report.next()).isEqualTo(EVENTS);
    }
    assertThat(verify(Verification.TABLE).compared()).isEqualTo(EVENTS);
    assertThat(verify("last").compared()).isEqualTo(40);
    assertThat(verify("sums").compared()).isBetween(60L, (long) EVENTS);
  }

  @Test
  void aWrongSumIsFoundAndTold() throws IOException {
    forge(
        "sums",
        rows -> {
          // Of the full set: _set, _bucket, user, count, …
          Object[] row = rows.stream().filter(r -> r[0].equals(1L)).findFirst().orElseThrow();
          row[3] = (Long) row[3] + 1;
        });
    Verification.Report report = verify("sums");
    assertThat(report.different()).isEqualTo(1);
    Difference difference = report.told().getFirst();
    assertThat(difference.key()).matches("1970-01-01T00:\\d\\d:00Z user=\"user-\\d+\"");
    assertThat(difference.expected()).contains("count=");
    assertThat(difference.found()).isNotEqualTo(difference.expected());
  }

  @Test
  void aGroupThatIsMissingOrTooMuchIsFound() throws IOException {
    forge("sums", rows -> rows.removeIf(r -> r[0].equals(1L) && r[1].equals(0L)));
    assertThat(verify("sums").different()).isPositive();
  }

  @Test
  void anEventThatTheTableHasLostIsFoundByEveryView() throws IOException {
    forge(Verification.TABLE, rows -> rows.removeLast());
    assertThat(verify(Verification.TABLE).different()).isEqualTo(1);
    // In its own group, and in that of all users.
    assertThat(verify("sums").different()).isEqualTo(2);
  }

  @Test
  void aSmallerGroupingSetThatIsWrongIsFound() throws IOException {
    forge(
        "sums",
        rows -> {
          Object[] row = rows.stream().filter(r -> r[0].equals(0L)).findFirst().orElseThrow();
          row[3] = (Long) row[3] + 1;
        });
    Verification.Report report = verify("sums");
    assertThat(report.different()).isEqualTo(1);
    assertThat(report.told().getFirst().key()).matches("1970-01-01T00:\\d\\d:00Z");
  }

  @Test
  void aSampleIsComparedLikeTheWhole() throws IOException {
    try (Shard shard = open()) {
      for (String view : List.of(Verification.TABLE, "sums", "last")) {
        for (double place : new double[] {0, 0.3, 0.99}) {
          Verification.Report report =
              HeldShards.reading(
                  List.of(shard),
                  held -> {
                    Verification sample =
                        held.verify(shard.id(), view, Long.MIN_VALUE, Long.MAX_VALUE);
                    sample.seek(place);
                    boolean _ = sample.step();
                    return sample.report();
                  });
          assertThat(report.compared()).as("%s at %s", view, place).isPositive();
          assertThat(report.different()).isZero();
        }
      }
    }
  }

  @Test
  void anEventThatIsInTheTableTwiceIsFound() throws IOException {
    forge(Verification.TABLE, rows -> rows.set(0, rows.get(1).clone()));
    Verification.Report report = verify(Verification.TABLE);
    assertThat(report.different()).isEqualTo(1);
    assertThat(report.told().getFirst().found()).contains("1 of them twice");
  }

  @Test
  void anEntryThatATimelineHasLostIsFound() throws IOException {
    UnaryOperator<String> store =
        view -> {
          try {
            long newest = storage.manifests().getLast();
            return ManifestCodec.decode(storage.readManifest(newest)).view(view).sortedName();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    SortedStore entries = storage.sorted(store.apply("last"));
    List<byte[]> first = new ArrayList<>();
    entries.scan(
        new byte[0],
        new byte[] {(byte) 0xff, (byte) 0xff},
        (key, _) -> {
          first.add(key);
          return false;
        });
    entries.delete(first.getFirst());
    Verification.Report report = verify("last");
    assertThat(report.different()).isEqualTo(1);
    assertThat(report.told().getFirst().expected()).startsWith("5 events");
  }
}
