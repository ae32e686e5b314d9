package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.StreamSpec.IdSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.Shapes;
import io.tidemark.event.StoredEvent;
import io.tidemark.event.UnreadableSchemaException;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A shard whose stream's schema has got another version.
final class EvolvedShardTest {
  private static final int EVENTS = 300;

  private static final EventType FIRST =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("user", FieldType.STRING, true),
              new Field("id", FieldType.LONG, true),
              new Field("amount", FieldType.LONG, true)));

  /// With a new field before all others, and a wider one, which is optional now.
  private static final EventType SECOND =
      new EventType(
          "s",
          List.of(
              new Field("colour", FieldType.STRING, false),
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("user", FieldType.STRING, true),
              new Field("id", FieldType.LONG, true),
              new Field("amount", FieldType.DOUBLE, false)));

  private static final Shapes BOTH =
      id -> List.of(FIRST, SECOND).stream().filter(t -> EventCodec.schemaId(t) == id).findFirst();

  private final MemoryStorage storage = new MemoryStorage();
  private final ListLog log = new ListLog();

  private static ShardSpec spec(EventType type, Shapes shapes) {
    int user = type.indexOf("user");
    StreamSpec stream =
        new StreamSpec(
            "s",
            type,
            "{}",
            type.indexOf("time"),
            List.of(user),
            Optional.of(new IdSpec(type.indexOf("id"), Duration.ofDays(1))),
            Optional.empty(),
            1,
            1 << 20,
            Duration.ofDays(1));
    List<ViewSpec> views =
        List.of(
            rollup("counts", user, new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0)),
            rollup("sums", user, new Measure("sum", Measure.Kind.SUM, type.indexOf("amount"), 0)),
            new TimelineSpec("last", "s", user, TimelineSpec.NO_SPLIT, 5, Optional.empty()));
    ShardSpec.Limits limits =
        new ShardSpec.Limits(
            1 << 20, 1L << 40, 1000, 50, new CompactionPolicy(2, 1000, 1 << 20, 86_400_000_000L));
    return new ShardSpec(stream, views, 0, limits, shapes);
  }

  private static RollupSpec rollup(String name, int by, Measure measure) {
    return new RollupSpec(
        name,
        "s",
        Duration.ofMinutes(1),
        List.of(by),
        List.of(),
        List.of(measure),
        Optional.empty());
  }

  private Shard open(EventType type, Shapes shapes) throws IOException {
    return Shard.open(spec(type, shapes), storage, log, true);
  }

  private void append(EventType type, int count) {
    for (int i = 0; i < count; i++) {
      long number = log.size();
      EventRow row = new EventRow(type);
      row.setWord(type.indexOf("time"), number * 1_000_000L);
      row.setText(type.indexOf("user"), "user-" + number % 7);
      row.setWord(type.indexOf("id"), number);
      int amount = type.indexOf("amount");
      if (type.field(amount).type() == FieldType.LONG) {
        row.setWord(amount, number);
      } else if (number % 2 == 0) {
        row.setDouble(amount, number / 4.0);
      }
      if (type.indexOf("colour") >= 0) {
        row.setText(type.indexOf("colour"), "red");
      }
      log.append(row);
    }
  }

  private void apply(Shard shard) {
    log.applyTo(shard);
    shard.publish();
  }

  private static void checkpoint(Shard shard) throws IOException {
    Checkpoint.Report _ = shard.beginCheckpoint().run();
  }

  /// A shard of the first version, with files, and with records beyond them.
  private void fill() throws IOException {
    append(FIRST, EVENTS);
    try (Shard shard = open(FIRST, BOTH)) {
      apply(shard);
      checkpoint(shard);
    }
    append(FIRST, EVENTS);
  }

  private static void verify(Shard shard) throws IOException {
    // That of the sums cannot be: it began later than the table.
    for (String view : List.of(Verification.TABLE, "counts", "last")) {
      Verification.Report report = VerificationTest.verify(shard, view);
      assertThat(report.told()).as(view).isEmpty();
      assertThat(report.different()).as(view).isZero();
      assertThat(report.compared()).as(view).isPositive();
    }
  }

  private static List<StoredEvent> events(Shard shard, Condition... where) throws IOException {
    EventQuery query =
        new EventQuery(Long.MIN_VALUE, Long.MAX_VALUE, List.of(where), 10 * EVENTS, null);
    return EventAnswer.of(List.of(shard), query).newest();
  }

  @Test
  void filesAndRecordsOfTheEarlierVersionStayAndAnswerWithNulls() throws IOException {
    fill();
    try (Shard shard = open(SECOND, BOTH)) {
      apply(shard);
      append(SECOND, EVENTS);
      apply(shard);
      assertThat(shard.counts().malformed()).isZero();
      checkpoint(shard);
      verify(shard);
      assertThat(events(shard)).hasSize(3 * EVENTS);
      int colour = TableShape.FIRST_FIELD + SECOND.indexOf("colour");
      byte[] red = "red".getBytes(StandardCharsets.UTF_8);
      assertThat(events(shard, new Condition.TextIn(colour, List.of(red)))).hasSize(EVENTS);
      EventRow row = new EventRow(SECOND);
      StoredEvent oldest = events(shard).getLast();
      EventCodec.decodeValue(oldest.value(), row);
      assertThat(row.isNull(SECOND.indexOf("colour"))).isTrue();
      assertThat(row.doubleValue(SECOND.indexOf("amount"))).isEqualTo(0.0);
    }
    try (Shard shard = open(SECOND, BOTH)) {
      verify(shard);
      assertThat(shard.next()).isEqualTo(log.size());
    }
  }

  @Test
  void onlyViewsOfAFieldThatHasChangedItsTypeAreFilledAgain() throws IOException {
    fill();
    try (Shard shard = open(SECOND, BOTH)) {
      assertThat(shard.notes()).containsExactly("s/0: view sums is new and is being filled");
    }
  }

  @Test
  void anIdOfTheEarlierVersionIsRemembered() throws IOException {
    fill();
    log.append(log.value(EVENTS - 1));
    try (Shard shard = open(SECOND, BOTH)) {
      apply(shard);
      assertThat(shard.counts().duplicates()).isEqualTo(1);
    }
  }

  @Test
  void mergedSegmentsHaveTheNewestShape() throws IOException {
    fill();
    try (Shard shard = open(SECOND, BOTH)) {
      for (int i = 0; i < 8; i++) {
        apply(shard);
        checkpoint(shard);
        Optional<Compaction> compaction = shard.compactions().begin();
        if (compaction.isPresent()) {
          Compaction.Report _ = compaction.get().run();
        }
        append(SECOND, 50);
      }
      assertThat(shard.manifest().segments().map(Manifest.SegmentRef::rows))
          .anyMatch(rows -> rows > EVENTS);
      verify(shard);
    }
  }

  @Test
  void aRecordOfALaterVersionIsNotAppliedAndNotLost() throws IOException {
    fill();
    append(SECOND, 1);
    try (Shard shard = open(FIRST, BOTH)) {
      assertThatThrownBy(() -> apply(shard)).isInstanceOf(UnreadableSchemaException.class);
      assertThat(shard.next()).isEqualTo(2 * EVENTS);
      shard.publish();
      assertThat(shard.counts().malformed()).isZero();
      assertThat(shard.visibleNext()).isEqualTo(2 * EVENTS);
      checkpoint(shard);
    }
    try (Shard shard = open(SECOND, BOTH)) {
      apply(shard);
      assertThat(events(shard)).hasSize(2 * EVENTS + 1);
    }
  }

  @Test
  void filesOfAVersionThatNobodyKnowsOrOfALaterOneAreNotOpened() throws IOException {
    fill();
    assertThatThrownBy(() -> open(SECOND, Shapes.NO_OTHERS))
        .isInstanceOf(IncompatibleStateException.class)
        .hasMessageContaining("no later version of it")
        .hasMessageContaining("version: 2");
    try (Shard shard = open(SECOND, BOTH)) {
      apply(shard);
      checkpoint(shard);
    }
    assertThatThrownBy(() -> open(FIRST, BOTH)).isInstanceOf(IncompatibleStateException.class);
  }
}
