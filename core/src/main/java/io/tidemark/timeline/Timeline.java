package io.tidemark.timeline;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.AnswerBytes;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventDecoder;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import io.tidemark.event.Shapes;
import io.tidemark.event.StoredEvent;
import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.StoreEntries;
import io.tidemark.table.KeyIndex;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// How a declared timeline is stored and asked. In the tail, a [KeyIndex] chains the rows of each
/// key; a checkpoint adds the newest of each to a sorted store.
public final class Timeline {
  private final TimelineSpec spec;
  private final EventType type;
  private final EventDecoder decoder;
  private final int schemaId;

  /// @param decoder reads the events of the store
  public Timeline(TimelineSpec spec, EventDecoder decoder) {
    this.spec = spec;
    this.type = decoder.type();
    this.decoder = decoder;
    this.schemaId = EventCodec.schemaId(type);
  }

  public TimelineSpec spec() {
    return spec;
  }

  /// A timeline of a stream whose schema has never changed, or one that is not asked.
  public Timeline(TimelineSpec spec, EventType type) {
    this(spec, new EventDecoder(type, Shapes.NO_OTHERS));
  }

  /// The key of an event, as queries name it.
  public byte[] keyOf(EventRow row) {
    return row.keyText(spec.by());
  }

  /// The split under which an answer has an event.
  public int splitOf(EventRow row) {
    return spec.split() == TimelineSpec.NO_SPLIT || row.isNull(spec.split())
        ? TimelineKey.NO_SPLIT
        : TimelineKey.split(row.keyText(spec.split()));
  }

  /// The time before which events are not answered any more.
  public long notBefore(long streamTime) {
    if (spec.retain().isEmpty() || streamTime == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    return streamTime - spec.retain().get().toNanos() / 1000;
  }

  /// Which events no answer has.
  @FunctionalInterface
  public interface Hidden {
    Hidden NOTHING = (_, _) -> false;

    boolean test(EventRow row, long offset);
  }

  /// Answers from one shard.
  ///
  /// @param sealedNext entries of the store at or beyond this offset are left-overs of a checkpoint
  ///   that was not finished, and are not seen
  /// @return by hash of the split value its events, newest first, each list at most the declared
  ///   `keep` long and not yet cut to the query's range and limit; where the query's range has no
  ///   end, only those that its limit leaves
  /// @throws AnswerBytes.TooLarge where the events are too large to be answered at once
  public Map<Integer, List<StoredEvent>> newest(
      TimelineQuery query,
      int partition,
      SortedStore store,
      long sealedNext,
      List<TailPart> tails,
      Hidden hidden)
      throws IOException {
    List<Integer> splits =
        spec.split() == TimelineSpec.NO_SPLIT
            ? List.of(TimelineKey.NO_SPLIT)
            : query.splits().stream().map(TimelineKey::split).toList();
    int rows = query.to() == Long.MAX_VALUE ? Math.min(spec.keep(), query.limit()) : spec.keep();
    Newest newest = new Newest(rows, new AnswerBytes(rows * Math.clamp(splits.size(), 1, 8)));
    EventRow row = new EventRow(type);
    for (TailPart part : tails) {
      addTail(part, query.key(), splits, partition, newest);
    }
    addStored(query.key(), splits, partition, store, sealedNext, hidden, row, newest);
    return newest.lists();
  }

  /// Copies the entries of the records below an offset.
  public static void copy(SortedStore from, SortedStore to, long next) throws IOException {
    to.ingest(
        new StoreEntries(
            from, TimelineKey.end(), e -> TimelineKey.decode(e.key()).offset() < next));
  }

  /// Merges the answers of shards: the newest `keep` of each split value, of those the ones in the
  /// query's range, of those the newest up to the query's limit.
  public List<StoredEvent> merge(
      List<Map<Integer, List<StoredEvent>>> answers, TimelineQuery query) {
    Map<Integer, List<StoredEvent>> bySplit = new TreeMap<>();
    for (Map<Integer, List<StoredEvent>> answer : answers) {
      answer.forEach(
          (split, events) -> bySplit.computeIfAbsent(split, _ -> new ArrayList<>()).addAll(events));
    }
    return StoredEvent.newest(
        bySplit.values().stream().flatMap(all -> kept(all, query)), query.limit());
  }

  /// The same, apart for each split value that the query names, in its order; each list up to the
  /// query's limit.
  public List<List<StoredEvent>> mergeApart(
      List<Map<Integer, List<StoredEvent>>> answers, TimelineQuery query) {
    return query.splits().stream()
        .map(TimelineKey::split)
        .map(
            split ->
                answers.stream().flatMap(a -> a.getOrDefault(split, List.of()).stream()).toList())
        .map(all -> StoredEvent.newest(kept(all, query), query.limit()))
        .toList();
  }

  /// Of one split value's events those that are kept, and of these the ones in the query's range.
  private Stream<StoredEvent> kept(List<StoredEvent> all, TimelineQuery query) {
    return StoredEvent.newest(all.stream(), spec.keep()).stream()
        .filter(e -> e.timeMicros() >= query.from())
        .filter(e -> e.timeMicros() < query.to());
  }

  private void addTail(
      TailPart part, byte[] key, List<Integer> splits, int partition, Newest newest) {
    Tail tail = part.tail();
    RowBatch one = new RowBatch(type, 1);
    KeyIndex index = tail.index(spec.by());
    TailSplits splitOf = new TailSplits(spec, tail);
    int block = -1;
    for (int at = index.lastRow(key, part.last());
        at != KeyIndex.NONE && at >= part.first();
        at = index.rowBefore(at)) {
      if (at / Tail.BLOCK != block) {
        block = at / Tail.BLOCK;
        if (!splits.isEmpty() && newest.wantsNone(splits, tail.maxTimeThrough(block))) {
          // A busy key may have as many rows as the tail.
          return;
        }
      }
      int split = splitOf.of(at);
      if ((splits.isEmpty() || splits.contains(split))
          && newest.wants(split, tail.time(at), tail.offset(at))) {
        byte[] value = EventCodec.encodeValue(tail.read(at, one), schemaId);
        newest.add(split, new StoredEvent(partition, tail.offset(at), tail.time(at), value));
      }
    }
  }

  private void addStored(
      byte[] key,
      List<Integer> splits,
      int partition,
      SortedStore store,
      long sealedNext,
      Hidden hidden,
      EventRow row,
      Newest newest)
      throws IOException {
    long hash1 = TimelineKey.hash1(key);
    long hash2 = TimelineKey.hash2(key);
    if (!splits.isEmpty()) {
      for (int split : splits) {
        scan(key, hash1, hash2, split, partition, store, sealedNext, hidden, row, newest);
      }
      return;
    }
    byte[] end = TimelineKey.end(hash1, hash2);
    byte[] from = TimelineKey.start(hash1, hash2, 0);
    while (true) {
      int[] found = new int[1];
      boolean[] any = new boolean[1];
      store.scan(
          from,
          end,
          (k, _) -> {
            found[0] = TimelineKey.decode(k).split();
            any[0] = true;
            return false;
          });
      if (!any[0]) {
        return;
      }
      scan(key, hash1, hash2, found[0], partition, store, sealedNext, hidden, row, newest);
      from = TimelineKey.end(hash1, hash2, found[0]);
    }
  }

  private void scan(
      byte[] key,
      long hash1,
      long hash2,
      int split,
      int partition,
      SortedStore store,
      long sealedNext,
      Hidden hidden,
      EventRow row,
      Newest newest)
      throws IOException {
    int[] taken = new int[1];
    store.scan(
        TimelineKey.start(hash1, hash2, split),
        TimelineKey.end(hash1, hash2, split),
        (k, value) -> {
          TimelineKey at = TimelineKey.decode(k);
          if (at.offset() >= sealedNext
              || !isOf(key, value, row)
              || hidden.test(row, at.offset())) {
            return true;
          }
          if (!newest.wants(split, at.time(), at.offset())) {
            return false;
          }
          newest.add(split, new StoredEvent(partition, at.offset(), at.time(), value));
          return ++taken[0] < spec.keep();
        });
  }

  private boolean isOf(byte[] key, byte[] value, EventRow row) {
    decoder.read(value, row);
    int field = spec.by();
    FieldType by = row.type().field(field).type();
    if (!by.isText()) {
      return Arrays.equals(by.textOf(row.word(field)).getBytes(StandardCharsets.US_ASCII), key);
    }
    int start = row.textStart(field);
    return Arrays.equals(row.text(), start, start + row.textLength(field), key, 0, key.length);
  }

  /// Removes the entries of hidden events, for good.
  ///
  /// @param key those of this key only; nothing where other keys may have some
  public void erase(SortedStore store, Optional<byte[]> key, Hidden hidden) throws IOException {
    long hash1 = key.map(TimelineKey::hash1).orElse(0L);
    long hash2 = key.map(TimelineKey::hash2).orElse(0L);
    byte[] from = key.isEmpty() ? new byte[0] : TimelineKey.start(hash1, hash2, 0);
    byte[] to = key.isEmpty() ? TimelineKey.end() : TimelineKey.end(hash1, hash2);
    List<byte[]> erased = new ArrayList<>();
    EventRow row = new EventRow(type);
    store.scan(
        from,
        to,
        (k, value) -> {
          decoder.read(value, row);
          if (hidden.test(row, TimelineKey.decode(k).offset())) {
            erased.add(k);
          }
          return true;
        });
    store.purge(from, to, erased);
  }

  /// The entries that a checkpoint adds to the store: of each key and split the newest of the rows,
  /// in the order of the store.
  public Iterator<SortedStore.Entry> seal(TailPart part) {
    return new TimelineSeal(this, part, schemaId);
  }

  /// Removes what no answer can contain any more, in one pass over the store: of each key and split
  /// all but the newest `keep`, and what is older than `notBefore`.
  ///
  /// @return how many ranges were removed
  public long sweep(SortedStore store, long sealedNext, long notBefore) throws IOException {
    List<byte[][]> ranges = new ArrayList<>();
    TimelineSweep sweep = new TimelineSweep(spec.keep(), sealedNext, notBefore, ranges);
    byte[] end = new byte[TimelineKey.LENGTH + 1];
    Arrays.fill(end, (byte) 0xff);
    byte[] from = new byte[0];
    while (true) {
      store.scan(from, end, sweep);
      byte[] next = sweep.next();
      if (next.length == 0) {
        break;
      }
      from = next;
    }
    for (byte[][] range : ranges) {
      store.deleteRange(range[0], range[1]);
    }
    return ranges.size();
  }
}
