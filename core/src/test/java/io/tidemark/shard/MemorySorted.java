package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A sorted store in memory: each change makes a new map.
public final class MemorySorted implements SortedStore {
  private volatile NavigableMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);

  @Override
  public synchronized void ingest(Iterator<Entry> ascending) throws IOException {
    NavigableMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
    while (ascending.hasNext()) {
      Entry entry = ascending.next();
      if (!batch.isEmpty() && Arrays.compareUnsigned(batch.lastKey(), entry.key()) >= 0) {
        throw new IOException("keys do not ascend");
      }
      batch.put(entry.key(), entry.value());
    }
    NavigableMap<byte[], byte[]> next = new TreeMap<>(entries);
    next.putAll(batch);
    entries = next;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return entries.get(key);
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    if (Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    for (Map.Entry<byte[], byte[]> entry : entries.subMap(from, to).entrySet()) {
      if (!visitor.visit(entry.getKey(), entry.getValue())) {
        return;
      }
    }
  }

  @Override
  public synchronized void deleteRange(byte[] from, byte[] to) {
    if (Arrays.compareUnsigned(from, to) < 0) {
      NavigableMap<byte[], byte[]> next = new TreeMap<>(entries);
      next.subMap(from, to).clear();
      entries = next;
    }
  }

  @Override
  public synchronized void purge(byte[] from, byte[] to, List<byte[]> keys) {
    NavigableMap<byte[], byte[]> next = new TreeMap<>(entries);
    keys.forEach(next::remove);
    entries = next;
  }

  @Override
  public long entries() {
    return entries.size();
  }

  /// All entries, in their order.
  Map<byte[], byte[]> all() {
    return entries;
  }
}
