package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// A shard's storage in memory. What was written is still there after closing, as on a disk.
public final class MemoryStorage implements ShardStorage {
  private final NavigableMap<Long, byte[]> manifests = new ConcurrentSkipListMap<>();
  private final MemorySegments segments = new MemorySegments();
  private final Map<String, MemorySorted> sorted = new ConcurrentHashMap<>();

  @Override
  public List<Long> manifests() {
    return List.copyOf(manifests.keySet());
  }

  @Override
  public byte[] readManifest(long number) throws IOException {
    byte[] content = manifests.get(number);
    if (content == null) {
      throw new IOException("no manifest " + number);
    }
    return content.clone();
  }

  @Override
  public void writeManifest(long number, byte[] content) {
    manifests.put(number, content.clone());
  }

  @Override
  public void deleteManifest(long number) {
    manifests.remove(number);
  }

  @Override
  public SegmentStore segments() {
    return segments;
  }

  @Override
  public SortedStore sorted(String name) {
    return sorted.computeIfAbsent(name, _ -> new MemorySorted());
  }

  @Override
  public void retainSorted(List<String> names) {
    sorted.keySet().retainAll(names);
  }

  @Override
  public List<String> sortedFiles() {
    return List.of();
  }

  @Override
  public long verifySorted(String file) {
    return 0;
  }

  @Override
  public void discardSorted() {
    sorted.clear();
  }

  @Override
  public long sizeBytes() {
    long bytes = manifests.values().stream().mapToLong(m -> m.length).sum();
    for (MemorySorted store : sorted.values()) {
      for (Map.Entry<byte[], byte[]> entry : store.all().entrySet()) {
        bytes += entry.getKey().length + entry.getValue().length;
      }
    }
    return bytes + 100L * segments.names().size();
  }

  @Override
  public void close() {}
}
