package io.tidemark.shard;

import io.tidemark.app.StreamSpec.IdSpec;
import io.tidemark.event.EventRow;
import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.StoreEntries;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Growth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The ids that one tail has accepted; with the tail before it and the store, the memory by which a
/// repeated event is dropped.
///
/// An id counts again once stream time has moved past its window. So that applying records again
/// decides as it did the first time, only acceptances at lower offsets than the record's count, and
/// a store's entry holds all those that may be needed wherever the shard begins again: the last one
/// of each tail since the checkpoint that a damaged manifest would fall back to, and the last one
/// before that. An acceptance is a fact, so one that a checkpoint left behind which was not
/// finished does no harm. Records that are applied once more only to fill a view are not judged
/// again: see [Repeats].
///
/// ```
/// key   = the id's text
/// value = (offset{8} streamTime{8})*    big endian, ascending by offset
/// ```
final class SeenIds {
  private final IdSpec spec;
  private final Dictionary ids = new Dictionary();
  private final Repeats repeats = new Repeats();
  private long[] offsets = new long[4 * Growth.FEW];
  private long[] times = new long[4 * Growth.FEW];

  SeenIds(IdSpec spec) {
    this.spec = spec;
  }

  /// Whether an id at this offset repeats one; either way that is remembered.
  ///
  /// @param streamTime the stream time at this record, itself included
  boolean isRepeated(
      EventRow row, long offset, long streamTime, @Nullable SeenIds before, SortedStore store) {
    byte[] id = id(row);
    int code = ids.find(id);
    boolean repeated =
        code != Dictionary.NONE
            ? inWindow(times[code], streamTime)
            : (before != null && before.repeats(id, streamTime))
                || repeats(store, id, offset, streamTime);
    if (repeated) {
      repeats.add(offset);
    } else {
      code = ids.add(id, 0, id.length);
      if (code >= offsets.length) {
        offsets = Arrays.copyOf(offsets, offsets.length * 2);
        times = Arrays.copyOf(times, times.length * 2);
      }
      offsets[code] = offset;
      times[code] = streamTime;
    }
    return repeated;
  }

  private boolean repeats(byte[] id, long streamTime) {
    int code = ids.find(id);
    return code != Dictionary.NONE && inWindow(times[code], streamTime);
  }

  private boolean repeats(SortedStore store, byte[] id, long offset, long streamTime) {
    try {
      byte[] value = store.get(id);
      if (value == null) {
        return false;
      }
      ByteBuffer buffer = ByteBuffer.wrap(value);
      boolean repeated = false;
      while (buffer.hasRemaining()) {
        long acceptedAt = buffer.getLong();
        long acceptedTime = buffer.getLong();
        if (acceptedAt < offset) {
          repeated = inWindow(acceptedTime, streamTime);
        }
      }
      return repeated;
    } catch (IOException e) {
      throw new UncheckedIOException("reading ids", e);
    }
  }

  /// About how much memory it holds.
  long bytes() {
    return ids.bytes() + 16L * offsets.length + repeats.bytes();
  }

  private boolean inWindow(long accepted, long streamTime) {
    return streamTime - accepted <= spec.window().toNanos() / 1000;
  }

  private byte[] id(EventRow row) {
    int field = spec.field();
    if (row.type().field(field).type().isText()) {
      int start = row.textStart(field);
      return Arrays.copyOfRange(row.text(), start, start + row.textLength(field));
    }
    return Long.toString(row.word(field)).getBytes(StandardCharsets.US_ASCII);
  }

  /// The store's new entries.
  ///
  /// @param begin the least offset at which the shard might begin again
  /// @param from of the records that were judged, the first offset
  /// @param to of the first record beyond
  Iterator<SortedStore.Entry> seal(SortedStore store, long begin, long from, long to)
      throws IOException {
    List<SortedStore.Entry> entries = new ArrayList<>();
    for (int code = 0; code < ids.size(); code++) {
      byte[] id = ids.value(code);
      byte[] old = store.get(id);
      NavigableMap<Long, Long> acceptances = old == null ? new TreeMap<>() : decode(old);
      acceptances.put(offsets[code], times[code]);
      Long lastBefore = acceptances.lowerKey(begin);
      if (lastBefore != null) {
        acceptances.headMap(lastBefore, false).clear();
      }
      entries.add(new SortedStore.Entry(id, encode(acceptances)));
    }
    entries.sort(Comparator.comparing(SortedStore.Entry::key, Arrays::compareUnsigned));
    entries.addAll(repeats.seal(store, from, to));
    return entries.iterator();
  }

  /// Forgets, for good, the acceptances at or beyond an offset.
  static void forget(SortedStore store, long offset) throws IOException {
    Iterator<SortedStore.Entry> affected =
        new StoreEntries(store, Repeats.START, e -> lastOffset(e.value()) >= offset);
    store.ingest(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return affected.hasNext();
          }

          @Override
          public SortedStore.Entry next() {
            SortedStore.Entry entry = affected.next();
            SortedMap<Long, Long> left = decode(entry.value()).headMap(offset);
            return new SortedStore.Entry(entry.key(), encode(left));
          }
        });
  }

  /// The last acceptance's offset; less than any where there is none left.
  private static long lastOffset(byte[] value) {
    return value.length == 0 ? -1 : ByteBuffer.wrap(value).getLong(value.length - 16);
  }

  private static NavigableMap<Long, Long> decode(byte[] value) {
    NavigableMap<Long, Long> acceptances = new TreeMap<>();
    ByteBuffer buffer = ByteBuffer.wrap(value);
    while (buffer.hasRemaining()) {
      acceptances.put(buffer.getLong(), buffer.getLong());
    }
    return acceptances;
  }

  private static byte[] encode(SortedMap<Long, Long> acceptances) {
    ByteBuffer value = ByteBuffer.allocate(acceptances.size() * 16);
    acceptances.forEach((offset, time) -> value.putLong(offset).putLong(time));
    return value.array();
  }

  /// Removes the ids whose window is over, in one pass over the store.
  void sweep(SortedStore store, long streamTime) throws IOException {
    List<byte[]> over = new ArrayList<>();
    store.scan(
        new byte[0],
        Repeats.START,
        (key, value) -> {
          if (value.length == 0
              || !inWindow(ByteBuffer.wrap(value).getLong(value.length - 8), streamTime)) {
            over.add(key);
          }
          return true;
        });
    for (byte[] key : over) {
      store.delete(key);
    }
  }
}
