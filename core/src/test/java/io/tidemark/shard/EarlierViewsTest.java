package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.EarlierView;
import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/// What a view was before it changed answers until the changed one does.
final class EarlierViewsTest {
  private static final long MINUTE = 60_000_000L;

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("at", FieldType.TIMESTAMP, true),
              new Field("key", FieldType.STRING, true)));

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

  private final DamagedFolder folder = new DamagedFolder();
  private final ListLog log = new ListLog();
  private int sent;

  private static RollupSpec rollup(int minutes) {
    return new RollupSpec(
        "sums",
        "s",
        Duration.ofMinutes(minutes),
        List.of(),
        List.of(),
        List.of(new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0)),
        Optional.empty());
  }

  private static TimelineSpec timeline(String name, int keep) {
    return new TimelineSpec(name, "s", 1, TimelineSpec.NO_SPLIT, keep, Optional.empty());
  }

  private static String before(ViewSpec view) {
    return EarlierView.name(view.name(), view.definition(TYPE));
  }

  private Shard open(ViewSpec... views) throws IOException {
    ShardSpec spec = new ShardSpec(STREAM, List.of(views), 0, ShardSpec.Limits.DEFAULT);
    return Shard.open(spec, folder.open(), log, false);
  }

  private void apply(Shard shard, int events) {
    for (int i = 0; i < events; i++) {
      EventRow row = new EventRow(TYPE);
      row.setWord(0, sent++ * MINUTE);
      row.setText(1, "k");
      log.append(row);
    }
    log.applyTo(shard);
    shard.publish();
  }

  private static void checkpoint(Shard shard) throws IOException {
    Checkpoint.Report _ = shard.beginCheckpoint().run();
  }

  private static void fill(Shard shard) throws IOException {
    while (shard.backfilling().left() > 0) {
      BackfillStep.Report _ = shard.backfilling().begin().orElseThrow().run();
    }
    checkpoint(shard);
  }

  private static long count(Shard shard, String view, int minutes) throws IOException {
    RollupQuery query =
        new RollupQuery(
            0,
            minutes * 1000 * MINUTE,
            minutes * 1000 * MINUTE,
            List.of(),
            List.of(),
            List.of(0),
            10);
    Number count = RollupAnswer.of(List.of(shard), view, query).groups().result(0, 0);
    return Objects.requireNonNull(count).longValue();
  }

  private static int kept(Shard shard, String view) throws IOException {
    TimelineQuery query =
        new TimelineQuery(
            "k".getBytes(StandardCharsets.UTF_8),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            List.of(),
            TimelineSpec.MAX_KEEP);
    return shard.timeline(view, query).value().values().stream().mapToInt(List::size).sum();
  }

  @Test
  void itGoesOnUntilItIsLetGo() throws IOException {
    Shard first = open(rollup(1), timeline("latest", 3));
    apply(first, 10);
    checkpoint(first);
    Shard changed = open(rollup(2), timeline("latest", 5));
    apply(changed, 5);
    assertThatThrownBy(() -> count(changed, "sums", 2))
        .isInstanceOfSatisfying(
            FillingException.class,
            e -> assertThat(e.earlier()).hasValue(rollup(1).definition(TYPE)));
    assertThat(count(changed, before(rollup(1)), 1)).isEqualTo(15);
    assertThat(kept(changed, before(timeline("latest", 3)))).isEqualTo(3);
    assertThat(changed.backfilling().earlier().replaced()).isEmpty();
    checkpoint(changed);
    apply(changed, 1);

    Shard again = open(rollup(2), timeline("latest", 5));
    apply(again, 1);
    assertThat(count(again, before(rollup(1)), 1)).isEqualTo(17);
    fill(again);
    assertThat(count(again, "sums", 2)).isEqualTo(17);
    assertThat(kept(again, "latest")).isEqualTo(5);
    assertThat(count(again, before(rollup(1)), 1)).as("other shards may need it").isEqualTo(17);
    assertThat(again.backfilling().earlier().replaced()).containsExactly("sums", "latest");

    again.backfilling().earlier().retire("sums");
    again.backfilling().earlier().retire("latest");
    assertThat(again.wantsCheckpoint(0)).isTrue();
    checkpoint(again);
    assertThat(again.backfilling().earlier().names()).isEmpty();
    assertThatThrownBy(() -> count(again, before(rollup(1)), 1))
        .isInstanceOf(FillingException.class)
        .hasMessageContaining("has view sums with another declaration");
    assertThat(folder.sorted.keySet()).filteredOn(s -> s.startsWith("latest-")).hasSize(2);
    assertThat(again.wantsCheckpoint(0)).as("files are left").isTrue();
    checkpoint(again);
    assertThat(again.wantsCheckpoint(0)).isFalse();
    assertThat(folder.sorted.keySet()).filteredOn(s -> s.startsWith("latest-")).hasSize(1);
    assertThat(folder.segments.keySet()).noneMatch(s -> s.startsWith("sums-1-"));
    apply(again, 1);
    assertThat(count(again, "sums", 2)).isEqualTo(18);
  }

  @Test
  void itsFilesGoWhenWhoReadsThemHasEnded() throws IOException {
    Shard first = open(rollup(1), timeline("latest", 3));
    apply(first, 10);
    checkpoint(first);
    Shard changed = open(rollup(2), timeline("latest", 5));
    apply(changed, 5);
    fill(changed);
    Lock slow = changed.state().readers().readLock();
    slow.lock();
    for (String view : changed.backfilling().earlier().replaced()) {
      changed.backfilling().earlier().retire(view);
    }
    checkpoint(changed);
    checkpoint(changed);
    assertThat(changed.backfilling().begin()).isEmpty();
    assertThat(changed.wantsCheckpoint(0)).as("it would be in vain").isFalse();
    assertThat(folder.segments.keySet()).anyMatch(s -> s.startsWith("sums-1-"));
    slow.unlock();
    assertThat(changed.wantsCheckpoint(0)).isFalse();
    assertThat(changed.backfilling().begin()).isEmpty();
    assertThat(changed.wantsCheckpoint(0)).isTrue();
    checkpoint(changed);
    assertThat(folder.segments.keySet()).noneMatch(s -> s.startsWith("sums-1-"));
    assertThat(folder.sorted.keySet()).filteredOn(s -> s.startsWith("latest-")).hasSize(1);
    assertThat(changed.wantsCheckpoint(0)).isFalse();
  }

  @Test
  void itGoesSoonAlsoWhileEventsCome() throws IOException {
    Shard first = open(rollup(1));
    apply(first, 10);
    checkpoint(first);
    Shard filled = open(rollup(2));
    fill(filled);
    Shard changed = open(rollup(2));
    apply(changed, 1);
    assertThat(changed.wantsCheckpoint(0)).isFalse();
    changed.backfilling().earlier().retire("sums");
    assertThat(changed.wantsCheckpoint(0)).isTrue();
    checkpoint(changed);
    // Whoever is killed before the files have gone removes them after the next start.
    Shard again = open(rollup(2));
    assertThat(folder.segments.keySet()).anyMatch(s -> s.startsWith("sums-1-"));
    assertThat(again.wantsCheckpoint(0)).isTrue();
    checkpoint(again);
    assertThat(again.wantsCheckpoint(0)).isFalse();
    assertThat(folder.segments.keySet()).noneMatch(s -> s.startsWith("sums-1-"));
  }

  @Test
  void filesOfAViewThatIsNotDeclaredAnyMoreGo() throws IOException {
    Shard first = open(rollup(1), timeline("latest", 3), timeline("other", 3));
    apply(first, 10);
    checkpoint(first);
    Shard without = open(timeline("latest", 3));
    leftGoes(without);
    assertThat(folder.segments.keySet()).noneMatch(s -> s.startsWith("sums-"));
    assertThat(folder.sorted.keySet()).noneMatch(s -> s.startsWith("other-"));
    assertThat(kept(without, "latest")).isEqualTo(3);
  }

  private static void leftGoes(Shard shard) throws IOException {
    for (int i = 0; i < 2; i++) {
      assertThat(shard.wantsCheckpoint(0)).isTrue();
      checkpoint(shard);
    }
    assertThat(shard.wantsCheckpoint(0)).isFalse();
  }

  @Test
  void filesOfAViewOfAnotherKindGo() throws IOException {
    Shard first = open(rollup(1));
    apply(first, 10);
    checkpoint(first);
    leftGoes(open(timeline("sums", 3)));
    assertThat(folder.segments.keySet()).noneMatch(s -> s.startsWith("sums-"));
  }

  @Test
  void itStaysOnACopyThatIsNotFilled() throws IOException {
    Shard first = open(rollup(1));
    apply(first, 10);
    checkpoint(first);
    Shard changed = open(rollup(2));
    changed.backfilling().earlier().retire("sums");
    apply(changed, 1);
    checkpoint(changed);
    assertThat(count(changed, before(rollup(1)), 1)).isEqualTo(11);
    fill(changed);
    checkpoint(changed);
    assertThat(changed.backfilling().earlier().names()).isEmpty();
  }

  @Test
  void nodesWithDifferentDeclarationsMeanTheSameView() throws IOException {
    Shard first = open(rollup(1));
    apply(first, 10);
    checkpoint(first);
    String definition = rollup(1).definition(TYPE);
    String newer = rollup(2).definition(TYPE);
    for (String asked : List.of("sums", before(rollup(1)))) {
      assertThat(first.backfilling().earlier().nameOf(asked, definition)).isEqualTo("sums");
    }
    assertThatThrownBy(() -> first.backfilling().earlier().nameOf("sums", newer))
        .isInstanceOf(FillingException.class);
    Shard changed = open(rollup(2));
    for (String asked : List.of("sums", before(rollup(1)))) {
      assertThat(changed.backfilling().earlier().nameOf(asked, definition))
          .isEqualTo(before(rollup(1)));
    }
    assertThat(changed.backfilling().earlier().nameOf("sums", newer)).isEqualTo("sums");
    assertThatThrownBy(() -> changed.backfilling().earlier().nameOf("other", newer))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoIsDeclaredAgainNeedsNotBeFilled() throws IOException {
    Shard first = open(rollup(1), timeline("latest", 3));
    apply(first, 10);
    checkpoint(first);
    Shard changed = open(rollup(2), timeline("latest", 5));
    apply(changed, 5);
    checkpoint(changed);
    Shard back = open(rollup(1), timeline("latest", 3));
    apply(back, 1);
    assertThat(back.backfilling().progress()).isEmpty();
    assertThat(count(back, "sums", 1)).isEqualTo(16);
    assertThat(kept(back, "latest")).isEqualTo(3);
    // What was being filled in their place can answer nothing.
    assertThat(back.backfilling().earlier().names()).isEmpty();
    checkpoint(back);
    assertThat(count(open(rollup(1), timeline("latest", 3)), "sums", 1)).isEqualTo(16);
  }

  @Test
  void theLastWholeOneAnswersHoweverOftenTheDeclarationChanges() throws IOException {
    Shard first = open(rollup(1));
    apply(first, 10);
    checkpoint(first);
    for (int minutes = 2; minutes < 5; minutes++) {
      Shard changed = open(rollup(minutes));
      apply(changed, 1);
      assertThat(changed.backfilling().earlier().names()).containsExactly(before(rollup(1)));
      assertThat(count(changed, before(rollup(1)), 1)).isEqualTo(sent);
      checkpoint(changed);
    }
    Shard last = open(rollup(5));
    fill(last);
    for (int minutes = 6; minutes < 9; minutes++) {
      Shard changed = open(rollup(minutes));
      apply(changed, 1);
      checkpoint(changed);
      assertThat(changed.backfilling().earlier().names())
          .containsExactlyInAnyOrder(before(rollup(1)), before(rollup(5)));
      assertThatThrownBy(() -> count(changed, "sums", 8))
          .isInstanceOfSatisfying(
              FillingException.class,
              e -> assertThat(e.earlier()).hasValue(rollup(5).definition(TYPE)));
    }
  }

  @Test
  void oneOfAnotherKindOrWithoutTheStreamsFieldsGoesAtOnce() throws IOException {
    Shard first = open(rollup(1), timeline("latest", 3));
    apply(first, 10);
    checkpoint(first);
    Shard changed = open(timeline("sums", 3));
    assertThat(changed.backfilling().earlier().names()).isEmpty();
    apply(changed, 1);
    assertThatThrownBy(() -> kept(changed, "sums"))
        .isInstanceOfSatisfying(FillingException.class, e -> assertThat(e.earlier()).isEmpty());
    fill(changed);
    assertThat(kept(changed, "sums")).isEqualTo(3);
  }
}
