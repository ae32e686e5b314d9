package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.MemorySegments;
import io.tidemark.shard.ShardStorage;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.ListRows;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// A node's disk in memory: what shards have written, whoever opens them next. It can crash, and
/// then takes nothing more from whoever used it; and it can be full.
final class MemoryDisk {
  private record Files(
      ConcurrentSkipListMap<Long, byte[]> manifests, Map<String, ListRows> segments) {
    Files() {
      this(new ConcurrentSkipListMap<>(), new ConcurrentHashMap<>());
    }

    Files copy() {
      return new Files(new ConcurrentSkipListMap<>(manifests), new ConcurrentHashMap<>(segments));
    }
  }

  private final Map<StreamPartition, Files> files = new ConcurrentHashMap<>();
  private volatile String failure = "";

  ShardStorage storage(StreamPartition shard) {
    return new Storage(files.computeIfAbsent(shard, _ -> new Files()));
  }

  /// The disk as it is now, for the next run; this run's writes fail from now on.
  synchronized MemoryDisk crash() {
    failure = "crashed";
    MemoryDisk next = new MemoryDisk();
    files.forEach((shard, content) -> next.files.put(shard, content.copy()));
    return next;
  }

  /// Loses a shard's segments.
  void lose(StreamPartition shard) {
    files.getOrDefault(shard, new Files()).segments().clear();
  }

  void fill() {
    failure = "no space left";
  }

  void empty() {
    failure = "";
  }

  private void requireRoom() throws IOException {
    String why = failure;
    if (!why.isEmpty()) {
      throw new IOException(why);
    }
  }

  private final class Storage implements ShardStorage {
    private final Files files;
    private boolean closed;

    Storage(Files files) {
      this.files = files;
    }

    private void requireOpen() {
      if (closed) {
        throw new IllegalStateException("used after it was closed");
      }
    }

    @Override
    public List<Long> manifests() {
      return new ArrayList<>(files.manifests().keySet());
    }

    @Override
    public byte[] readManifest(long number) throws IOException {
      byte[] content = files.manifests().get(number);
      if (content == null) {
        throw new IOException("no manifest " + number);
      }
      return content;
    }

    @Override
    public void writeManifest(long number, byte[] content) throws IOException {
      synchronized (MemoryDisk.this) {
        requireOpen();
        requireRoom();
        files.manifests().put(number, content);
      }
    }

    @Override
    public void deleteManifest(long number) throws IOException {
      synchronized (MemoryDisk.this) {
        requireRoom();
        files.manifests().remove(number);
      }
    }

    @Override
    public SegmentStore segments() {
      return new MemorySegments(
          files.segments(),
          change -> {
            synchronized (MemoryDisk.this) {
              requireRoom();
              change.run();
            }
          });
    }

    @Override
    public SortedStore sorted(String name) {
      throw new UnsupportedOperationException("no timelines, no ids: " + name);
    }

    @Override
    public void retainSorted(List<String> names) {}

    @Override
    public List<String> sortedFiles() {
      return List.of();
    }

    @Override
    public long verifySorted(String file) {
      return 0;
    }

    @Override
    public void discardSorted() {}

    @Override
    public long sizeBytes() {
      return 0;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
