package io.tidemark.query;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
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
import java.util.List;
import java.util.Optional;

/// What nodes send one another, as examples, and as bytes.
final class Forms {
  static final Mark MARK =
      Mark.of(new StreamPartition("s", 1), 17).and(Mark.of(new StreamPartition("s", 2), 0));

  /// Of each kind with everything that it may have, and with little.
  static final List<ShardQuery> QUERIES =
      List.of(
          new ShardQuery.OfTimeline(
              "t",
              "timeline stream=s",
              new TimelineQuery(bytes("käy"), -5, 7, List.of(bytes("a"), bytes("")), 3)),
          new ShardQuery.OfTimeline(
              "t",
              "",
              new TimelineQuery(new byte[0], Long.MIN_VALUE, Long.MAX_VALUE, List.of(), 1)),
          new ShardQuery.OfRollup(
              "r",
              "rollup stream=s every=PT1M",
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
                      new Condition.NotAll(
                          List.of(new Condition.WordIs(3, 1), new Condition.OlderThan(5, 6))),
                      new Condition.OlderThan(7, 8)),
                  10,
                  new EventQuery.Cursor(11, 12, 13))),
          new ShardQuery.OfEvents("s", new EventQuery(1, 2, List.of(), 10, null)));

  private Forms() {}

  /// Groups, empty; those with content are in the model test of queries.
  static Groups groups() {
    EventType type =
        new EventType(
            "s",
            List.of(new Field("f", FieldType.STRING, true), new Field("n", FieldType.LONG, true)));
    RollupSpec spec =
        new RollupSpec(
            "r",
            "s",
            Duration.ofSeconds(1),
            List.of(0),
            List.of(),
            List.of(
                new Measure("c", Measure.Kind.COUNT, Measure.ALL, 0),
                new Measure("m", Measure.Kind.MAX, 1, 0)),
            Optional.empty());
    return new Rollup(spec, type)
        .answer(new RollupQuery(0, 1, 1, List.of(0), List.of(), List.of(0, 1), 10));
  }

  static byte[] written(ShardQuery query) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    QueryCodec.write(query, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  static byte[] written(Partial partial) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PartialCodec.write(partial, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
