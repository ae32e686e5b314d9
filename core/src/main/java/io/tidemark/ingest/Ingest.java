package io.tidemark.ingest;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.Hashing;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes the events of requests for one stream into the log. Many threads may use it.
public final class Ingest {
  /// How many events a request may have.
  public static final int MAX_ITEMS = 10_000;

  /// How many bytes a request's body may have, decompressed.
  public static final int MAX_BODY_BYTES = 16 << 20;

  /// How long an event's key may be: percent-encoded it fits into a request's first line, so that
  /// every key can be asked for.
  public static final int MAX_KEY_BYTES = 16 << 10;

  private static final byte[] NO_KEY = {};

  private final StreamSpec stream;
  private final EventLog log;
  private final int schemaId;

  /// What decides on the partition. Without a key that is the id, so that repeats of an event meet
  /// in one shard.
  private final List<Integer> keyFields;

  /// Spreads events without a key: a request's events go to one partition, the next one's to
  /// another.
  private final AtomicInteger spread = new AtomicInteger();

  public Ingest(StreamSpec stream, EventLog log) {
    this.stream = stream;
    this.log = log;
    this.schemaId = EventCodec.schemaId(stream.type());
    this.keyFields =
        stream.key().isEmpty() && stream.id().isPresent()
            ? List.of(stream.id().get().field())
            : stream.key();
  }

  public StreamSpec stream() {
    return stream;
  }

  /// A request has more events than [#MAX_ITEMS].
  public static final class TooManyItems extends Exception {
    private static final long serialVersionUID = 1L;

    TooManyItems() {
      super("more than " + MAX_ITEMS + " events in one request");
    }
  }

  /// Reads, validates, appends, and returns when everything that is acknowledged is durable.
  /// Blocks.
  ///
  /// @param parser of this stream, used by nobody else meanwhile
  /// @param nowMs the node's clock, against which times in the future are judged
  public Batch take(
      EventParser parser, byte[] body, int length, EventParser.Shape shape, long nowMs)
      throws TooManyItems {
    List<EventLog.Entry> entries = new ArrayList<>();
    List<Batch.Item> refused = new ArrayList<>();
    EventRow row = new EventRow(stream.type());
    long latest = nowMs * 1000 + stream.maxAhead().toNanos() / 1000;
    int keyless = keyFields.isEmpty() ? spread.getAndIncrement() & 0x7fffffff : 0;
    parser.open(body, 0, length, shape);
    int items = 0;
    while (true) {
      switch (parser.next(row)) {
        case EventParser.Step.Valid _ -> {
          long time = stream.timeMicros(row, nowMs);
          byte[] key = keyFields.isEmpty() ? NO_KEY : StreamSpec.keyText(row, keyFields);
          if (time > latest) {
            refused.add(new Batch.Item(items, inFuture(time, nowMs)));
          } else if (key.length > MAX_KEY_BYTES) {
            refused.add(new Batch.Item(items, keyTooLong(key.length)));
          } else {
            entries.add(entry(items, row, key, keyless));
          }
          items++;
        }
        case EventParser.Step.Refused(Refusal refusal) ->
            refused.add(new Batch.Item(items++, refusal));
        case EventParser.Step.End(boolean wasArray, Refusal broken) -> {
          if (broken != null) {
            return new Batch(items, 0, List.of(), Mark.NONE, wasArray, broken);
          }
          return append(items, entries, refused, wasArray);
        }
      }
      if (items > MAX_ITEMS) {
        throw new TooManyItems();
      }
    }
  }

  /// Asks for the events of a key to be erased: appends a Kafka tombstone, a record of that key
  /// without a value.
  ///
  /// @param key its text, see [StreamSpec#keyText]
  /// @return a batch of one, which is accepted unless the log has not taken it
  public Batch erase(byte[] key) {
    int partition = Hashing.partition(key, stream.partitions());
    EventLog.Entry tombstone = new EventLog.Entry(0, partition, key, null);
    return append(1, List.of(tombstone), new ArrayList<>(), false);
  }

  private Batch append(
      int items, List<EventLog.Entry> entries, List<Batch.Item> refused, boolean wasArray) {
    if (entries.isEmpty()) {
      return new Batch(items, 0, refused, Mark.NONE, wasArray, null);
    }
    EventLog.Appended appended = log.append(stream.name(), entries);
    Map<StreamPartition, Long> next = new HashMap<>();
    int accepted = 0;
    for (int i = 0; i < entries.size(); i++) {
      long offset = appended.offsets()[i];
      EventLog.Entry entry = entries.get(i);
      if (offset == EventLog.Appended.FAILED) {
        Refusal refusal = new Refusal(Refusal.Reason.LOG, "", appended.failure());
        refused.add(new Batch.Item(entry.item(), refusal));
      } else {
        accepted++;
        next.merge(new StreamPartition(stream.name(), entry.partition()), offset + 1, Math::max);
      }
    }
    refused.sort(Comparator.comparingInt(Batch.Item::index));
    return new Batch(items, accepted, refused, new Mark(next), wasArray, null);
  }

  private EventLog.Entry entry(int item, EventRow row, byte[] key, int keyless) {
    int partition =
        keyFields.isEmpty()
            ? keyless % stream.partitions()
            : Hashing.partition(key, stream.partitions());
    return new EventLog.Entry(item, partition, key, EventCodec.encodeValue(row, schemaId));
  }

  private Refusal keyTooLong(int length) {
    return new Refusal(
        Refusal.Reason.TOO_LARGE,
        keyFields.size() == 1 ? pointer(keyFields.getFirst()) : "",
        "the event's key has %d bytes; at most %d are allowed".formatted(length, MAX_KEY_BYTES));
  }

  private String pointer(int field) {
    return "/" + stream.type().field(field).path().replace('.', '/');
  }

  private Refusal inFuture(long timeMicros, long nowMs) {
    String pointer = stream.time() == StreamSpec.APPEND_TIME ? "" : pointer(stream.time());
    return new Refusal(
        Refusal.Reason.TIME_IN_FUTURE,
        pointer,
        "the event's time is %d s ahead of this node's clock; at most %d s are allowed"
            .formatted(timeMicros / 1_000_000 - nowMs / 1000, stream.maxAhead().toSeconds()));
  }
}
