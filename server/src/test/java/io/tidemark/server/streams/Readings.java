package io.tidemark.server.streams;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.Hashing;
import io.tidemark.event.Shapes;
import io.tidemark.ingest.EventLog.Entry;
import io.tidemark.query.ShardQuery;
import io.tidemark.rollup.RollupQuery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A stream of numbered readings, and a rollup that counts and sums their numbers: a reading that
/// is missing, or counted twice, shows in one or the other.
final class Readings {
  static final String STREAM = "readings";
  static final String ROLLUP = "per_minute";
  static final long START_MICROS = 1_700_000_000_000_000L;

  static final EventType TYPE =
      new EventType(
          STREAM,
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("device", FieldType.STRING, true),
              new Field("number", FieldType.LONG, true)));

  private static final int SCHEMA = EventCodec.schemaId(TYPE);

  private Readings() {}

  static StreamSpec stream(int partitions, long logKeepBytes) {
    return new StreamSpec(
        STREAM,
        TYPE,
        "{}",
        0,
        List.of(1),
        Optional.empty(),
        Optional.empty(),
        partitions,
        logKeepBytes,
        Duration.ofHours(1));
  }

  static RollupSpec rollup() {
    return new RollupSpec(
        ROLLUP,
        STREAM,
        Duration.ofMinutes(1),
        List.of(),
        List.of(),
        List.of(
            new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0),
            new Measure("sum", Measure.Kind.SUM, 2, 0)),
        Optional.empty());
  }

  static Catalog catalog(StreamSpec stream) {
    return new Catalog(
        List.of(new App("test", Path.of("."), List.of(stream), List.of(rollup()), List.of())));
  }

  /// What asks a shard for that.
  static ShardQuery question() {
    return new ShardQuery.OfRollup(ROLLUP, rollup().definition(TYPE), everything());
  }

  /// All readings, in one group.
  static RollupQuery everything() {
    long day = Duration.ofDays(1).toNanos() / 1000;
    long from = Math.floorDiv(START_MICROS, day) * day;
    return new RollupQuery(
        from, from + 10 * day, 10 * day, List.of(), List.of(), List.of(0, 1), 10);
  }

  /// The shape after somebody has added a field.
  static final EventType NEWER =
      new EventType(
          STREAM,
          List.of(
              new Field("colour", FieldType.STRING, false),
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("device", FieldType.STRING, true),
              new Field("number", FieldType.LONG, true)));

  /// Knows both shapes.
  static final Shapes SHAPES =
      id -> List.of(TYPE, NEWER).stream().filter(t -> EventCodec.schemaId(t) == id).findFirst();

  /// A reading in the newer shape.
  static Entry newer(int partition) {
    EventRow row = new EventRow(NEWER);
    row.setText(0, "red");
    row.setWord(1, START_MICROS);
    row.setText(2, "device");
    row.setWord(3, 0);
    return new Entry(
        0, partition, new byte[0], EventCodec.encodeValue(row, EventCodec.schemaId(NEWER)));
  }

  /// The readings with these numbers.
  static List<Entry> entries(long first, int count, int partitions) {
    List<Entry> entries = new ArrayList<>(count);
    EventRow row = new EventRow(TYPE);
    for (int i = 0; i < count; i++) {
      long number = first + i;
      byte[] device = ("device" + number % 1000).getBytes(StandardCharsets.UTF_8);
      row.clear();
      row.setWord(0, START_MICROS + number * 100);
      row.setText(1, device, 0, device.length);
      row.setWord(2, number);
      byte[] value = EventCodec.encodeValue(row, SCHEMA);
      entries.add(new Entry(i, Hashing.partition(device, partitions), device, value));
    }
    return entries;
  }

  static long sumOf(long count) {
    return count * (count - 1) / 2;
  }
}
