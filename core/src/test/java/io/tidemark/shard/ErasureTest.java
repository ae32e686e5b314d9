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
import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.FileSum;
import io.tidemark.table.ListRows;
import io.tidemark.table.TableShape;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A key is erased: no answer has it from then on, and in the end no file.
final class ErasureTest {
  private static final int USERS = 5;
  private static final String ERASED = "user-3";

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("user", FieldType.STRING, true),
              new Field("page", FieldType.LONG, true)));

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

  private static final Measure COUNT = new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0);

  private static final List<ViewSpec> VIEWS =
      List.of(
          new RollupSpec(
              "by_user",
              "s",
              Duration.ofMinutes(1),
              List.of(2, 1),
              List.of(0),
              List.of(COUNT),
              Optional.empty()),
          new RollupSpec(
              "by_page",
              "s",
              Duration.ofMinutes(1),
              List.of(2),
              List.of(),
              List.of(COUNT),
              Optional.empty()),
          new TimelineSpec("of_user", "s", 1, TimelineSpec.NO_SPLIT, 1000, Optional.empty()),
          new TimelineSpec("of_page", "s", 2, TimelineSpec.NO_SPLIT, 20, Optional.empty()));

  private static final ShardSpec.Limits LIMITS =
      new ShardSpec.Limits(
          1 << 20, 1 << 30, 1000, 1 << 20, new CompactionPolicy(4, 1, 1 << 20, 1L << 60));

  private final ShardSpec spec = new ShardSpec(STREAM, VIEWS, 0, LIMITS);
  private final MemoryStorage storage = new MemoryStorage();
  private final ListLog log = new ListLog();
  private Shard shard;

  /// By user, how many events there are that are not to be gone.
  private final Map<String, Integer> events = new TreeMap<>();

  private int appended;

  @BeforeEach
  void open() throws IOException {
    shard = Shard.open(spec, storage, log, false);
  }

  @AfterEach
  void close() throws IOException {
    shard.close();
  }

  private void append(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int at = appended++;
      EventRow row = new EventRow(TYPE);
      row.setWord(0, at * 1_000_000L);
      row.setText(1, "user-" + at % USERS);
      row.setWord(2, at % 3);
      log.append(row);
      events.merge("user-" + at % USERS, 1, Integer::sum);
    }
    apply();
  }

  private void erase(String user) {
    log.erase(user.getBytes(StandardCharsets.UTF_8));
    events.remove(user);
  }

  private void apply() throws IOException {
    while (!log.appliesTo(shard)) {
      shard.publish();
      checkpoint();
    }
    shard.publish();
  }

  private void checkpoint() throws IOException {
    Checkpoint.Report report = shard.beginCheckpoint().run();
    assertThat(report.left()).isEmpty();
  }

  /// Does what a host does, until nothing is left to be done.
  private void settle() throws IOException {
    for (int rounds = 0; ; rounds++) {
      assertThat(rounds).isLessThan(50);
      Optional<ErasureStep> step = shard.erasing().begin();
      if (step.isPresent()) {
        ErasureStep.Report _ = step.get().run();
      } else if (shard.wantsCheckpoint(0)) {
        checkpoint();
      } else {
        return;
      }
    }
  }

  private void answersAreRight() throws IOException {
    answersOfTableAreRight();
    for (int user = 0; user < USERS; user++) {
      String name = "user-" + user;
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      TimelineQuery timeline =
          new TimelineQuery(key, Long.MIN_VALUE, Long.MAX_VALUE, List.of(), 1000);
      List<StoredEvent> newest =
          shard.timeline("of_user", timeline).value().values().stream()
              .flatMap(List::stream)
              .toList();
      assertThat(newest).as(name).hasSize(events.getOrDefault(name, 0));
    }
    for (int page = 0; page < 3; page++) {
      byte[] key = Integer.toString(page).getBytes(StandardCharsets.UTF_8);
      TimelineQuery timeline =
          new TimelineQuery(key, Long.MIN_VALUE, Long.MAX_VALUE, List.of(), 20);
      shard.timeline("of_page", timeline).value().values().stream()
          .flatMap(List::stream)
          .forEach(
              e -> {
                boolean erased = new String(e.value(), StandardCharsets.UTF_8).contains(ERASED);
                assertThat(erased).isEqualTo(erased && events.containsKey(ERASED));
              });
    }
    assertThat(counts("by_page", List.of()).values()).containsExactly((long) appended);
    assertThat(counts("by_user", List.of()).values()).containsExactly((long) appended);
  }

  private void answersOfTableAreRight() throws IOException {
    for (int user = 0; user < USERS; user++) {
      String name = "user-" + user;
      int expected = events.getOrDefault(name, 0);
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      EventQuery table =
          new EventQuery(
              0,
              Long.MAX_VALUE,
              List.of(new Condition.TextIn(TableShape.FIRST_FIELD + 1, List.of(key))),
              10_000,
              null);
      assertThat(EventAnswer.of(List.of(shard), table).newest()).as(name).hasSize(expected);
    }
  }

  /// By group, how many events a rollup has counted.
  private Map<String, Long> counts(String view, List<Integer> by) throws IOException {
    RollupQuery query =
        new RollupQuery(
            0, 1L << 50, Duration.ofDays(1).toNanos() / 1000, by, List.of(), List.of(0), 1000);
    Groups groups = RollupAnswer.of(List.of(shard), view, query).groups();
    Map<String, Long> counts = new TreeMap<>();
    for (int g = 0; g < groups.count(); g++) {
      String name = "";
      if (!by.isEmpty()) {
        name =
            groups.isNull(g, 0) ? "nobody" : new String(groups.text(g, 0), StandardCharsets.UTF_8);
      }
      Number count = groups.result(g, 0);
      counts.merge(name, count == null ? 0L : count.longValue(), Long::sum);
    }
    return counts;
  }

  /// Whether some file, or entry, has the key.
  private boolean isAnywhere(String key) throws IOException {
    boolean any = false;
    for (String name : storage.segments().names()) {
      ListRows rows = ((MemorySegments) storage.segments()).rows(name);
      for (@Nullable Object[] row : rows.rows()) {
        for (Object value : row) {
          any |=
              value instanceof byte[] text
                  && new String(text, StandardCharsets.UTF_8).contains(key);
        }
      }
    }
    for (ViewSpec view : VIEWS) {
      if (view instanceof TimelineSpec) {
        Manifest manifest = shard.manifest();
        MemorySorted store = (MemorySorted) storage.sorted(manifest.view(view.name()).sortedName());
        any |=
            store.all().values().stream()
                .anyMatch(v -> new String(v, StandardCharsets.UTF_8).contains(key));
      }
    }
    for (long number : storage.manifests()) {
      any |= new String(storage.readManifest(number), StandardCharsets.UTF_8).contains(key);
    }
    return any;
  }

  private void viewsAreRight() throws IOException {
    List<String> all = new ArrayList<>(List.of(Verification.TABLE));
    VIEWS.forEach(v -> all.add(v.name()));
    for (String view : all) {
      assertThat(VerificationTest.verify(shard, view).told()).as(view).isEmpty();
    }
  }

  @Test
  void noAnswerHasItFromThenOnAndNoFileInTheEnd() throws IOException {
    append(100);
    checkpoint();
    append(100);
    checkpoint();
    append(50);
    answersAreRight();
    assertThat(isAnywhere(ERASED)).isTrue();
    assertThat(counts("by_user", List.of(1))).containsEntry(ERASED, 50L);

    erase(ERASED);
    assertThat(shard.mayErase()).isFalse();
    checkpoint();
    apply();
    assertThat(shard.visibleNext()).isEqualTo(251);
    answersAreRight();
    viewsAreRight();
    // Who comes back is another one.
    append(50);
    answersAreRight();
    viewsAreRight();

    settle();
    answersAreRight();
    viewsAreRight();
    Erasure erasure = shard.erasing().known().getFirst();
    assertThat(erasure.isPending()).isFalse();
    assertThat(erasure.events()).isEqualTo(50);
    assertThat(erasure.files()).isEqualTo(3);
    assertThat(erasure.minTime()).isEqualTo(3_000_000L);
    assertThat(erasure.maxTime()).isEqualTo(248_000_000L);
    assertThat(counts("by_user", List.of(1))).containsEntry(ERASED, 10L);
    assertThat(counts("by_user", List.of(1))).containsEntry("nobody", 50L);

    erase(ERASED);
    checkpoint();
    apply();
    settle();
    answersAreRight();
    viewsAreRight();
    assertThat(isAnywhere(ERASED)).isFalse();
    assertThat(isAnywhere("user-2")).isTrue();
    assertThat(shard.erasing().receipts()).allMatch(Erasing.Receipt::isDone);
  }

  @Test
  void whoWasKilledBeforeItWasDoneGoesOn() throws IOException {
    append(100);
    checkpoint();
    erase(ERASED);
    apply();
    for (int steps = 0; steps < 6; steps++) {
      // Without a checkpoint more each time, and from the log again.
      shard = Shard.open(spec, storage, log, false);
      apply();
      answersAreRight();
      for (int done = 0; done < steps; done++) {
        Optional<ErasureStep> step = shard.erasing().begin();
        if (step.isPresent()) {
          ErasureStep.Report _ = step.get().run();
        } else if (shard.wantsCheckpoint(0)) {
          checkpoint();
        }
        answersAreRight();
      }
    }
    settle();
    answersAreRight();
    viewsAreRight();
    assertThat(shard.erasing().pending()).isZero();
    shard.close();
    shard = Shard.open(spec, storage, log, true);
    assertThat(isAnywhere(ERASED)).isFalse();
    assertThat(shard.notes()).isEmpty();
    answersAreRight();
  }

  @Test
  void aKeyThatNobodyHasIsDoneAtOnce() throws IOException {
    append(10);
    erase("nobody at all");
    checkpoint();
    apply();
    settle();
    answersAreRight();
    Erasure erasure = shard.erasing().known().getFirst();
    assertThat(erasure.isPending()).isFalse();
    assertThat(erasure.events()).isZero();
    assertThat(erasure.files()).isZero();
  }

  @Test
  void whoGoesBackBehindItStillKnowsWhatHasGone() throws IOException {
    append(100);
    checkpoint();
    append(20);
    checkpoint();
    erase(ERASED);
    apply();
    settle();
    append(20);
    checkpoint();
    Erasure before = shard.erasing().known().getFirst();
    assertThat(before.events()).isEqualTo(24);
    String lost = shard.manifest().view("by_page").segments().getFirst().name();
    shard.close();
    storage.segments().delete(lost);

    shard = Shard.open(spec, storage, log, false);
    assertThat(shard.next()).isZero();
    answersOfTableAreRight();
    apply();
    answersAreRight();
    viewsAreRight();
    settle();
    answersAreRight();
    viewsAreRight();
    assertThat(shard.erasing().known()).containsExactly(before);
  }

  @Test
  void aFileDoesNotKnowOfErasuresThatTheLogHasLost() {
    SegmentRef file = new SegmentRef("f", 0, 15, 1, new FileSum(1, 1), 0, 0, Map.of()).asOf(20);
    ViewState view = new ViewState("v", "", 1, 15, 0, Manifest.Backfill.NONE, List.of(file));
    // The log is as it was: what comes again is what the file knows of.
    assertThat(view.knowing(0, Long.MAX_VALUE).segments().getFirst().asOf()).isEqualTo(20);
    assertThat(view.knowing(18, Long.MAX_VALUE).segments().getFirst().asOf()).isEqualTo(18);
    // The log has other records from 15 on, 17 on.
    assertThat(view.knowing(0, 15).segments().getFirst().asOf()).isEqualTo(15);
    assertThat(view.knowing(10, 17).segments().getFirst().asOf()).isEqualTo(17);
    assertThat(view.knowing(16, 17).segments().getFirst().asOf()).isEqualTo(16);
  }

  @Test
  void nothingIsHiddenWhereAStreamHasNoKey() {
    StreamSpec keyless =
        new StreamSpec(
            "s",
            TYPE,
            "{}",
            0,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            1,
            0,
            Duration.ofDays(1));
    SegmentRef file = new SegmentRef("f", 0, 15, 1, new FileSum(1, 1), 0, 0, Map.of());
    assertThat(new Erasures(keyless, List.of()).ofTable(file)).isEmpty();
  }
}
