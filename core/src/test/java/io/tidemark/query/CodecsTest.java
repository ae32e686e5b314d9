package io.tidemark.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What nodes send one another comes back as it was, or the reading fails.
final class CodecsTest {
  private static final Mark MARK =
      Mark.of(new StreamPartition("s", 1), 17).and(Mark.of(new StreamPartition("s", 2), 0));

  private static final List<ShardQuery> QUERIES =
      List.of(
          new ShardQuery.OfTimeline(
              "t", new TimelineQuery(bytes("käy"), -5, 7, List.of(bytes("a"), bytes("")), 3)),
          new ShardQuery.OfTimeline(
              "t", new TimelineQuery(new byte[0], Long.MIN_VALUE, Long.MAX_VALUE, List.of(), 1)),
          new ShardQuery.OfRollup(
              "r",
              new RollupQuery(
                  0,
                  60,
                  20,
                  List.of(2, 0),
                  List.of(
                      new RollupQuery.Filter(1, List.of(bytes("x")), List.of()),
                      new RollupQuery.Filter(0, List.of(), List.of(-1L, 5L))),
                  List.of(1, 1),
                  9)),
          new ShardQuery.OfEvents(
              "s",
              new EventQuery(
                  1,
                  2,
                  List.of(
                      new Condition.WordRange(2, -3, 4),
                      new Condition.WordIs(3, Long.MIN_VALUE),
                      new Condition.WordIn(4, List.of(1L, 2L)),
                      new Condition.TextIn(5, List.of(bytes("a"), bytes("b"))),
                      new Condition.AnyContains(List.of(5, 6), "größe"),
                      new Condition.OlderThan(7, 8)),
                  10,
                  new EventQuery.Cursor(11, 12, 13))),
          new ShardQuery.OfEvents("s", new EventQuery(1, 2, List.of(), 10, null)));

  @Test
  void questionsComeBack() throws IOException {
    for (ShardQuery query : QUERIES) {
      byte[] written = written(query);
      ShardQuery back = QueryCodec.read(input(written));
      assertThat(written(back)).isEqualTo(written);
      assertThat(back.getClass()).isEqualTo(query.getClass());
    }
    ShardQuery.OfEvents events =
        (ShardQuery.OfEvents) QueryCodec.read(input(written(QUERIES.get(3))));
    assertThat(events.query().after()).isEqualTo(new EventQuery.Cursor(11, 12, 13));
    assertThat(events.query().where().get(4))
        .isEqualTo(new Condition.AnyContains(List.of(5, 6), "größe"));
    assertThat(events.query().where().getFirst()).isEqualTo(new Condition.WordRange(2, -3, 4));
  }

  @Test
  void aQuestionThatIsCutShortCannotBeRead() throws IOException {
    for (ShardQuery query : QUERIES) {
      byte[] written = written(query);
      for (int length = 0; length < written.length; length++) {
        byte[] cut = Arrays.copyOf(written, length);
        assertThatThrownBy(() -> QueryCodec.read(input(cut))).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void eventsAndTimelinesComeBack() throws IOException {
    StoredEvent one = new StoredEvent(1, 2, -3, bytes("value"));
    StoredEvent two = new StoredEvent(0, Long.MAX_VALUE, Long.MIN_VALUE, new byte[0]);
    Partial.OfEvents events = new Partial.OfEvents(MARK, 7, List.of(one, two));
    Partial.OfTimeline timeline =
        new Partial.OfTimeline(MARK, Map.of(-1, List.of(one), 7, List.of(two, one)));
    for (Partial partial : List.of(events, timeline)) {
      byte[] written = written(partial);
      Partial back = PartialCodec.read(input(written), CodecsTest::groups);
      assertThat(back.mark()).isEqualTo(MARK);
      assertThat(written(back)).hasSameSizeAs(written);
    }
    Partial.OfEvents back =
        (Partial.OfEvents) PartialCodec.read(input(written(events)), CodecsTest::groups);
    assertThat(back.events().getFirst().value()).isEqualTo(bytes("value"));
    assertThat(back.events().get(1).timeMicros()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aPartialThatIsCutShortCannotBeRead() throws IOException {
    StoredEvent event = new StoredEvent(1, 2, -3, bytes("value"));
    for (Partial partial :
        List.of(
            new Partial.OfEvents(MARK, 7, List.of(event)),
            new Partial.OfTimeline(MARK, Map.of(1, List.of(event))),
            new Partial.OfRollup(MARK, 8, groups()))) {
      byte[] written = written(partial);
      for (int length = 0; length < written.length; length++) {
        byte[] cut = Arrays.copyOf(written, length);
        assertThatThrownBy(() -> PartialCodec.read(input(cut), CodecsTest::groups))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void whatIsNoPartialCannotBeRead() {
    assertThatThrownBy(
            () -> PartialCodec.read(input(new byte[] {0, 0, 0, 0, 'x'}), CodecsTest::groups))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () -> PartialCodec.read(input(new byte[] {-1, 0, 0, 0, 'x'}), CodecsTest::groups))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () -> PartialCodec.read(input(new byte[] {0, 0, 0, 1, 'x'}), CodecsTest::groups))
        .isInstanceOf(IOException.class);
  }

  /// Groups, empty; those with content are in the model test of queries.
  private static Groups groups() {
    EventType type = new EventType("s", List.of(new Field("f", FieldType.STRING, true)));
    RollupSpec spec =
        new RollupSpec(
            "r",
            "s",
            Duration.ofSeconds(1),
            List.of(0),
            List.of(),
            List.of(new Measure("n", Measure.Kind.COUNT, Measure.ALL, 0)),
            Optional.empty());
    return new Rollup(spec, type)
        .answer(new RollupQuery(0, 1, 1, List.of(0), List.of(), List.of(0), 10));
  }

  private static byte[] written(ShardQuery query) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    QueryCodec.write(query, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static byte[] written(Partial partial) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PartialCodec.write(partial, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
