package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// When sorted stores are rid of what no answer needs: as soon as one has twice the entries that it
/// had after the last time. The stores themselves remember how many these were, or each restart
/// would have all of them read from end to end. A crash may undo removals and not this number; then
/// the next sweep removes them, when the store has doubled.
///
/// ```
/// key   = "swept" store      UTF-8
/// value = entries{8}         big endian
/// ```
///
/// Used by one thread at a time.
final class Sweeps {
  private static final String PREFIX = "swept";

  private final ShardStorage storage;
  private final long fewest;

  /// @param fewest a store with fewer entries is left alone
  Sweeps(ShardStorage storage, long fewest) {
    this.storage = storage;
    this.fewest = fewest;
  }

  /// @param entries of the store now
  boolean isDue(String store, long entries) throws IOException {
    return entries >= fewest && entries >= 2 * after(store);
  }

  void swept(String store, long entries) throws IOException {
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(entries).array();
    marks().ingest(List.of(new SortedStore.Entry(key(store), value)).iterator());
  }

  /// A store may count what was removed from it until it gets round to it.
  void notDue(String store, long entries) throws IOException {
    if (entries < after(store)) {
      swept(store, entries);
    }
  }

  private long after(String store) throws IOException {
    byte[] value = marks().get(key(store));
    return value == null ? 0 : ByteBuffer.wrap(value).getLong();
  }

  private SortedStore marks() throws IOException {
    return storage.sorted(SortedMark.STORE);
  }

  private static byte[] key(String store) {
    return (PREFIX + store).getBytes(StandardCharsets.UTF_8);
  }
}
