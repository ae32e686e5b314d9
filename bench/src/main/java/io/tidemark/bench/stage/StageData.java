package io.tidemark.bench.stage;

import io.tidemark.app.Catalog;
import io.tidemark.app.DeclarationException;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventLog;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.Ingest;
import io.tidemark.rollup.Rollup;
import io.tidemark.server.allezon.TagGenerator;
import io.tidemark.server.json.CompiledSchema;
import io.tidemark.server.node.Apps;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import io.tidemark.timeline.Timeline;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// The declarations of the app `allezon`, and user tags at each stage of their way.
final class StageData {
  /// How many events a tail has: as many as come into a shard between two checkpoints of a quiet
  /// node.
  static final int EVENTS = 100_000;

  /// How many a request has.
  static final int BATCH = 5_000;

  final StreamSpec stream;
  final List<ViewSpec> views;
  final Rollup rollup;
  final Timeline timeline;
  final EventParser parser;
  final byte[] body;
  private final List<byte[]> values = new ArrayList<>();

  StageData() {
    try {
      Catalog catalog =
          new Catalog(Apps.read(List.of(Apps.home().resolve("apps").resolve("allezon"))));
      this.stream = catalog.streams().getFirst();
      this.views = catalog.viewsOf(stream);
    } catch (DeclarationException e) {
      throw new IllegalStateException(e);
    }
    this.rollup = new Rollup((RollupSpec) view("actions"), stream.type());
    this.timeline = new Timeline((TimelineSpec) view("profile"), stream.type());
    this.parser = CompiledSchema.compile(stream.type(), stream.schema()).newParser();
    TagGenerator generator = new TagGenerator(1, TagGenerator.DEFAULT_START_MS);
    this.body = lines(generator, BATCH);
    encode(generator);
  }

  private ViewSpec view(String name) {
    return views.stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  private static byte[] lines(TagGenerator generator, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append(generator.next()).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void encode(TagGenerator generator) {
    byte[] all = lines(generator, EVENTS);
    EventRow row = new EventRow(stream.type());
    int schemaId = EventCodec.schemaId(stream.type());
    parser.open(all, 0, all.length, EventParser.Shape.NDJSON);
    while (parser.next(row) instanceof EventParser.Step.Valid) {
      values.add(EventCodec.encodeValue(row, schemaId));
    }
  }

  /// A log that takes everything and keeps nothing.
  static Ingest ingest(StreamSpec stream) {
    EventLog log =
        (_, entries) -> new EventLog.Appended(LongStream.range(0, entries.size()).toArray(), "");
    return new Ingest(stream, log);
  }

  /// Records as the log gives them.
  List<byte[]> values() {
    return values;
  }

  /// A tail with all events.
  TailPart tail() {
    Tail tail = new Tail(stream.type(), List.of(timeline.spec().by()), 0, Long.MIN_VALUE);
    RowBatch batch = new RowBatch(stream.type(), RowBatch.SIZE);
    long streamTime = Long.MIN_VALUE;
    for (int i = 0; i < values.size(); i++) {
      EventRow row = batch.next();
      EventCodec.decodeValue(values.get(i), row);
      long time = stream.timeMicros(row, 0);
      streamTime = Math.max(streamTime, time);
      batch.add(i, time);
      if (batch.isFull() || i == values.size() - 1) {
        tail.append(batch);
        batch.clear();
      }
    }
    tail.publish(values.size(), streamTime);
    return new TailPart(tail, 0, values.size());
  }

  /// Keys of busy cookies.
  static List<byte[]> cookies() {
    return Arrays.stream(new int[] {3, 14, 159, 265, 358})
        .mapToObj(n -> ("cookie-" + n).getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
