package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What several shards answer as one.
final class RollupAnswerTest {
  private static final long HOUR = 3_600_000_000L;
  private static final EventType TYPE =
      new EventType("s", List.of(new Field("time", FieldType.TIMESTAMP, true)));

  private static final StreamSpec STREAM =
      new StreamSpec(
          "s",
          TYPE,
          "{}",
          0,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          3,
          0,
          Duration.ofDays(1));

  private final List<DamagedFolder> folders =
      List.of(new DamagedFolder(), new DamagedFolder(), new DamagedFolder());
  private final List<Shard> shards = new ArrayList<>();

  /// Opens the shards, each with an event at each of its times, half of them in files.
  private void open(Optional<Duration> retain, List<List<Long>> hours) throws IOException {
    RollupSpec rollup =
        new RollupSpec(
            "hourly",
            "s",
            Duration.ofHours(1),
            List.of(),
            List.of(),
            List.of(new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0)),
            retain);
    for (int p = 0; p < folders.size(); p++) {
      ShardSpec spec = new ShardSpec(STREAM, List.of(rollup), p, ShardSpec.Limits.DEFAULT);
      ListLog log = new ListLog();
      Shard shard = Shard.open(spec, folders.get(p).open(), log, false);
      List<Long> times = hours.get(p);
      for (int i = 0; i < times.size(); i++) {
        EventRow row = new EventRow(TYPE);
        row.setWord(0, times.get(i) * HOUR);
        log.append(row);
        log.applyTo(shard);
        if (i == times.size() / 2) {
          shard.publish();
          Checkpoint.Report _ = shard.beginCheckpoint().run();
        }
      }
      shard.publish();
      shards.add(shard);
    }
  }

  private static RollupQuery everything() {
    return new RollupQuery(
        -1000 * HOUR, 1000 * HOUR, HOUR, List.of(), List.of(), List.of(0), 10_000);
  }

  private static Map<Long, Long> counts(RollupAnswer answer) {
    Groups groups = answer.groups();
    Map<Long, Long> counts = new TreeMap<>();
    for (int g = 0; g < groups.count(); g++) {
      counts.put(groups.bucket(g) / HOUR, (Long) groups.result(g, 0));
    }
    return counts;
  }

  @Test
  void theyAnswerAsOneWhateverTheirOrder() throws IOException {
    open(Optional.empty(), List.of(List.of(1L, 2L, 3L), List.of(2L, 3L), List.of(3L)));
    for (List<Shard> order : List.of(shards, shards.reversed())) {
      RollupAnswer answer = RollupAnswer.of(order, "hourly", everything());
      assertThat(counts(answer)).isEqualTo(Map.of(1L, 1L, 2L, 2L, 3L, 3L));
      assertThat(answer.next())
          .isEqualTo(
              Map.of(shards.get(0).id(), 3L, shards.get(1).id(), 2L, shards.get(2).id(), 1L));
    }
  }

  @Test
  void whatOneHasForgottenIsInNoAnswer() throws IOException {
    open(
        Optional.of(Duration.ofHours(2)),
        List.of(List.of(1L, 5L), List.of(6L, 7L, 8L), List.of(2L, 6L)));
    RollupAnswer answer = RollupAnswer.of(shards, "hourly", everything());
    assertThat(answer.notBefore()).isEqualTo(6 * HOUR);
    assertThat(counts(answer)).isEqualTo(Map.of(6L, 2L, 7L, 1L, 8L, 1L));
  }

  @Test
  void damageIsBlamedOnTheShardThatHasIt() throws IOException {
    open(Optional.empty(), List.of(List.of(1L), List.of(1L), List.of(1L)));
    for (int p = 0; p < folders.size(); p++) {
      DamagedFolder folder = folders.get(p);
      folder.rotten.addAll(folder.segments.keySet());
      Shard damaged = shards.get(p);
      assertThatThrownBy(() -> RollupAnswer.of(shards, "hourly", everything()))
          .isInstanceOfSatisfying(
              DamagedException.class, e -> assertThat(e.shard()).isEqualTo(damaged.id()));
      folder.rotten.clear();
      assertThat(counts(RollupAnswer.of(shards, "hourly", everything()))).isEqualTo(Map.of(1L, 3L));
    }
  }

  @Test
  void oneThatIsClosedSaysSo() throws IOException {
    open(Optional.empty(), List.of(List.of(1L), List.of(1L), List.of(1L)));
    shards.get(1).close();
    assertThatThrownBy(() -> RollupAnswer.of(shards, "hourly", everything()))
        .isInstanceOf(ShardClosedException.class);
    // The others have been let go of: closing waits for readers.
    shards.get(0).close();
    shards.get(2).close();
  }
}
