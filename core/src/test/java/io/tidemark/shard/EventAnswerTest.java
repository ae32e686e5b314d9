package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.AnswerBytes;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Events of several shards as one answer.
class EventAnswerTest {
  private static final int PARTITIONS = 3;
  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("id", FieldType.STRING, true)));
  private static final StreamSpec STREAM =
      new StreamSpec(
          "s",
          TYPE,
          "{}",
          0,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          PARTITIONS,
          0,
          Duration.ofDays(1));

  private final List<Shard> shards = new ArrayList<>();

  /// Opens shards that have events of the same times at the same offsets.
  ///
  /// @param every events to a checkpoint; the last ones stay in memory
  private void open(int events, int every) throws IOException {
    for (int p = 0; p < PARTITIONS; p++) {
      ShardSpec spec = new ShardSpec(STREAM, List.of(), p, ShardSpec.Limits.DEFAULT);
      ListLog log = new ListLog();
      Shard shard = Shard.open(spec, new DamagedFolder().open(), log, false);
      for (int i = 0; i < events; i++) {
        EventRow row = new EventRow(TYPE);
        row.setWord(0, i / 2);
        byte[] id = id(p, i);
        row.setText(1, id, 0, id.length);
        log.append(row);
        log.applyTo(shard);
        if (i % every == every - 1 && i < events - every) {
          shard.publish();
          Checkpoint.Report _ = shard.beginCheckpoint().run();
        }
      }
      shard.publish();
      shards.add(shard);
    }
  }

  private static byte[] id(int partition, int event) {
    return (partition + "/" + event).getBytes(StandardCharsets.UTF_8);
  }

  private List<StoredEvent> ask(int limit, List<Condition> where, EventQuery.@Nullable Cursor after)
      throws IOException {
    return EventAnswer.of(
            shards, new EventQuery(Long.MIN_VALUE, Long.MAX_VALUE, where, limit, after))
        .newest();
  }

  @Test
  void pagesHaveAllEventsOfOneTimeAndOffset() throws IOException {
    for (int every : List.of(1, 7, 100)) {
      shards.clear();
      open(40, every);
      for (int limit = 1; limit <= 5; limit++) {
        List<String> pages = new ArrayList<>();
        EventQuery.@Nullable Cursor after = null;
        List<StoredEvent> page;
        do {
          page = ask(limit, List.of(), after);
          page.forEach(e -> pages.add(place(e)));
          if (!page.isEmpty()) {
            StoredEvent last = page.getLast();
            after = new EventQuery.Cursor(last.timeMicros(), last.offset(), last.partition());
          }
        } while (!page.isEmpty());
        assertThat(pages)
            .as("pages of %d, a checkpoint each %d", limit, every)
            .isEqualTo(expected().toList());
      }
    }
  }

  private static Stream<String> expected() {
    return Stream.iterate(39, i -> i >= 0, i -> i - 1)
        .flatMap(i -> Stream.of(2, 1, 0).map(p -> "%d of %d at %d".formatted(i, p, i / 2)));
  }

  private static String place(StoredEvent event) {
    return "%d of %d at %d".formatted(event.offset(), event.partition(), event.timeMicros());
  }

  @Test
  void anIdIsFoundWhereverItIs() throws IOException {
    open(40, 7);
    for (int p = 0; p < PARTITIONS; p++) {
      for (int i = 0; i < 40; i++) {
        Condition is = new Condition.TextIn(TableShape.FIRST_FIELD + 1, List.of(id(p, i)));
        assertThat(ask(100, List.of(is), null))
            .extracting(EventAnswerTest::place)
            .containsExactly("%d of %d at %d".formatted(i, p, i / 2));
        // What has no such text passes, wherever it is.
        assertThat(ask(1000, List.of(new Condition.NotAll(List.of(is))), null))
            .hasSize(40 * PARTITIONS - 1);
      }
    }
    Condition nowhere = new Condition.TextIn(TableShape.FIRST_FIELD + 1, List.of(id(3, 0)));
    assertThat(ask(100, List.of(nowhere), null)).isEmpty();
    assertThat(ask(1000, List.of(new Condition.NotAll(List.of(nowhere))), null))
        .hasSize(40 * PARTITIONS);
  }

  @Test
  void onlyWhatIsAnsweredMayBeTooLarge() throws IOException {
    // Three of the large ones of either shard are more than an answer of a hundred may have.
    String large = "x".repeat(900_000);
    for (int p = 0; p < PARTITIONS; p++) {
      ShardSpec spec = new ShardSpec(STREAM, List.of(), p, ShardSpec.Limits.DEFAULT);
      ListLog log = new ListLog();
      Shard shard = Shard.open(spec, new DamagedFolder().open(), log, false);
      int events = p < 2 ? 3 : 100;
      for (int i = 0; i < events; i++) {
        EventRow row = new EventRow(TYPE);
        row.setWord(0, p < 2 ? i : 1000 + i);
        byte[] id = (p < 2 ? large : "small").getBytes(StandardCharsets.UTF_8);
        row.setText(1, id, 0, id.length);
        log.append(row);
        log.applyTo(shard);
      }
      shard.publish();
      shards.add(shard);
    }
    assertThat(ask(100, List.of(), null)).extracting(StoredEvent::partition).containsOnly(2);
    assertThatThrownBy(() -> ask(106, List.of(), null)).isInstanceOf(AnswerBytes.TooLarge.class);
    assertThat(ask(102, List.of(), null)).hasSize(102);
  }
}
