package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.table.Growth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The records that one tail has dropped, since they repeat others; and those of the tails before
/// it, in the store of ids, behind all ids.
///
/// Whether a record repeats another is decided once. A view that is filled later takes the decision
/// from here, as long as the log has the record: to judge it again would take ids that have been
/// forgotten since, and those of records that the log has lost.
///
/// ```
/// key   = 0xff offset{8}      big endian; no id begins so, since no UTF-8 text has a byte 0xff
/// value = 0x01, or nothing where that was decided about another record or by another declaration
/// ```
final class Repeats {
  /// Greater than any id, and less than any repeat.
  static final byte[] START = {(byte) 0xff};

  private static final byte[] DROPPED = {1};
  private static final byte[] UNDONE = {};

  private long[] offsets = new long[Growth.FEW];
  private int count;

  /// @param offset greater than those before
  void add(long offset) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    offsets[count++] = offset;
  }

  /// About how much memory it holds.
  long bytes() {
    return 8L * offsets.length;
  }

  /// The store's new entries, ascending. What it says already about these records are left-overs of
  /// a checkpoint that was not finished.
  ///
  /// @param from of the records that this tail has decided about, the first offset
  /// @param to of the first record beyond
  List<SortedStore.Entry> seal(SortedStore store, long from, long to) throws IOException {
    NavigableMap<byte[], byte[]> decided = new TreeMap<>(Arrays::compareUnsigned);
    store.scan(
        key(from),
        key(to),
        (key, _) -> {
          decided.put(key, UNDONE);
          return true;
        });
    for (int i = 0; i < count; i++) {
      decided.put(key(offsets[i]), DROPPED);
    }
    List<SortedStore.Entry> entries = new ArrayList<>(decided.size());
    decided.forEach((key, value) -> entries.add(new SortedStore.Entry(key, value)));
    return entries;
  }

  /// Whether a record was dropped by a tail before.
  static boolean isIn(SortedStore store, long offset) {
    try {
      byte[] value = store.get(key(offset));
      return value != null && value.length > 0;
    } catch (IOException e) {
      throw new UncheckedIOException("reading repeats", e);
    }
  }

  /// Removes those whose records the log has forgotten.
  static void sweep(SortedStore store, long logStart) throws IOException {
    store.deleteRange(START, key(logStart));
  }

  private static byte[] key(long offset) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(START).putLong(offset).array();
  }
}
