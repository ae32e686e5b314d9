package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// What the sorted stores of a shard have, as they say it themselves: in a store of their own,
/// which is written after what it promises and before what it warns of. The files of one folder
/// become durable in the order they were written in, so it is right about whatever state of them is
/// found, that of a crash or of a copy.
///
/// ```
/// key   = "mark"
/// value = number{8} floor{8} next{8} fingerprint{8}      big endian
/// ```
///
/// @param number promises: the entries of the checkpoint with this number, and of all before it,
///   are there
/// @param floor warns: what only a shard needs that goes on from before this offset may be gone
/// @param reach warns: entries of these records may be there, but of none beyond
record SortedMark(long number, long floor, LogPrefix reach) {
  static final String STORE = "_mark";
  private static final byte[] KEY = {'m', 'a', 'r', 'k'};

  static final SortedMark NONE = new SortedMark(0, 0, LogPrefix.EMPTY);

  static SortedMark read(ShardStorage storage) throws IOException {
    byte[] value = storage.sorted(STORE).get(KEY);
    if (value == null) {
      return NONE;
    }
    ByteBuffer buffer = ByteBuffer.wrap(value);
    return new SortedMark(
        buffer.getLong(), buffer.getLong(), new LogPrefix(buffer.getLong(), buffer.getLong()));
  }

  /// When this returns it survives a crash.
  void write(ShardStorage storage) throws IOException {
    byte[] value =
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(number)
            .putLong(floor)
            .putLong(reach.next())
            .putLong(reach.fingerprint())
            .array();
    storage.sorted(STORE).ingest(List.of(new SortedStore.Entry(KEY, value)).iterator());
  }

  /// Entries of records up to there are about to come.
  SortedMark sealing(LogPrefix upTo) {
    return new SortedMark(number, floor, upTo.next() > reach.next() ? upTo : reach);
  }

  /// Those of this checkpoint are there.
  SortedMark sealed(long checkpoint) {
    return new SortedMark(checkpoint, floor, reach);
  }

  /// What only a shard needs that goes on from before an offset is about to go.
  SortedMark forgetting(long before) {
    return new SortedMark(number, Math.max(floor, before), reach);
  }
}
