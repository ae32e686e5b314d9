package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.ListRows;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A shard's files in memory, which can be damaged, lost, and put back as they were; and whose user
/// can be made to crash at any operation. Everything is durable at once.
final class DamagedFolder {
  final NavigableMap<Long, byte[]> manifests = new TreeMap<>();
  final NavigableMap<String, ListRows> segments = new TreeMap<>();
  final NavigableMap<String, NavigableMap<byte[], byte[]>> sorted = new TreeMap<>();

  /// Segments whose bytes have changed.
  final Set<String> rotten = new HashSet<>();

  private int operationsLeft = Integer.MAX_VALUE;

  /// The user has gone, at an operation.
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  /// What there was at a time.
  record State(
      Map<Long, byte[]> manifests,
      Map<String, ListRows> segments,
      Map<String, NavigableMap<byte[], byte[]>> sorted) {}

  /// Lets the user crash after so many operations.
  void crashAfter(int operations) {
    operationsLeft = operations;
  }

  void crashNoMore() {
    operationsLeft = Integer.MAX_VALUE;
  }

  private void operation() {
    if (operationsLeft-- == 0) {
      throw new Crash();
    }
  }

  State state() {
    NavigableMap<String, NavigableMap<byte[], byte[]>> stores = new TreeMap<>();
    sorted.forEach((name, store) -> stores.put(name, new TreeMap<>(store)));
    return new State(Map.copyOf(manifests), Map.copyOf(segments), stores);
  }

  /// Puts back what there was at another time, in part or whole.
  void restore(State state, boolean files, boolean stores) {
    if (files) {
      manifests.clear();
      manifests.putAll(state.manifests());
      segments.clear();
      segments.putAll(state.segments());
      rotten.clear();
    }
    if (stores) {
      sorted.clear();
      state.sorted().forEach((name, store) -> sorted.put(name, new TreeMap<>(store)));
    }
  }

  /// Lets a segment rot, where there is one.
  void rot(RandomGenerator random) {
    List<String> names = List.copyOf(segments.keySet());
    if (!names.isEmpty()) {
      rotten.add(names.get(random.nextInt(names.size())));
    }
  }

  void flipManifest(RandomGenerator random) {
    byte[] content = manifests.lastEntry().getValue().clone();
    content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
    manifests.put(manifests.lastKey(), content);
  }

  ShardStorage open() {
    return new Storage();
  }

  private final class Storage implements ShardStorage {
    @Override
    public List<Long> manifests() {
      operation();
      return List.copyOf(manifests.keySet());
    }

    @Override
    public byte[] readManifest(long number) throws IOException {
      operation();
      byte[] content = manifests.get(number);
      if (content == null) {
        throw new FileNotFoundException("manifest " + number);
      }
      return content;
    }

    @Override
    public void writeManifest(long number, byte[] content) {
      operation();
      manifests.put(number, content.clone());
      operation();
    }

    @Override
    public void deleteManifest(long number) {
      operation();
      manifests.remove(number);
    }

    @Override
    public SegmentStore segments() {
      return new SegmentFiles();
    }

    @Override
    public SortedStore sorted(String name) {
      operation();
      return new Store(sorted.computeIfAbsent(name, _ -> new TreeMap<>(Arrays::compareUnsigned)));
    }

    @Override
    public void retainSorted(List<String> names) {
      operation();
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
      operation();
      sorted.clear();
    }

    @Override
    public long sizeBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private final class SegmentFiles implements SegmentStore {
    private ListRows require(String name) throws IOException {
      ListRows rows = segments.get(name);
      if (rows == null) {
        throw new FileNotFoundException(name);
      }
      return rows;
    }

    @Override
    public FileSum write(String name, Rows rows) {
      operation();
      ListRows copy = MemorySegments.asStored(rows);
      segments.put(name, copy);
      rotten.remove(name);
      operation();
      return sumOf(copy);
    }

    @Override
    public FileSum merge(String name, List<String> parts, Merge merge, Rows more)
        throws IOException {
      return write(name, MemorySegments.merged(read(parts), merge, more));
    }

    private static FileSum sumOf(ListRows rows) {
      int content = 0;
      for (@Nullable Object[] row : rows.rows()) {
        content = 31 * content + Arrays.deepHashCode(row);
      }
      return new FileSum(100 + 10L * rows.count(), Integer.toUnsignedLong(content));
    }

    @Override
    public Optional<FileStamp> stamp(String name) {
      return Optional.ofNullable(segments.get(name))
          .map(r -> new FileStamp(sumOf(r).bytes(), rotten.contains(name)));
    }

    @Override
    public FileSum sum(String name) throws IOException {
      FileSum sum = sumOf(require(name));
      return rotten.contains(name) ? new FileSum(sum.bytes(), sum.crc32c() ^ 1) : sum;
    }

    @Override
    public Segments select(List<String> names) {
      return new MemorySegments.Selected(() -> read(names));
    }

    private List<ListRows> read(List<String> names) throws IOException {
      List<ListRows> parts = new ArrayList<>();
      for (String name : names) {
        ListRows rows = require(name);
        // What has rotted can be read, but is not what it was: twice as much.
        parts.addAll(Collections.nCopies(rotten.contains(name) ? 2 : 1, rows));
      }
      return parts;
    }

    @Override
    public void delete(String name) {
      operation();
      segments.remove(name);
    }

    @Override
    public List<String> names() {
      operation();
      return List.copyOf(segments.keySet());
    }
  }

  private final class Store implements SortedStore {
    private final NavigableMap<byte[], byte[]> entries;

    Store(NavigableMap<byte[], byte[]> entries) {
      this.entries = entries;
    }

    @Override
    public void ingest(Iterator<Entry> ascending) {
      operation();
      NavigableMap<byte[], byte[]> added = new TreeMap<>(Arrays::compareUnsigned);
      ascending.forEachRemaining(e -> added.put(e.key(), e.value().clone()));
      entries.putAll(added);
      operation();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return entries.get(key);
    }

    @Override
    public void scan(byte[] from, byte[] to, Visitor visitor) {
      if (Arrays.compareUnsigned(from, to) < 0) {
        for (Map.Entry<byte[], byte[]> entry :
            List.copyOf(entries.subMap(from, true, to, false).entrySet())) {
          if (!visitor.visit(entry.getKey(), entry.getValue())) {
            return;
          }
        }
      }
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
      operation();
      if (Arrays.compareUnsigned(from, to) < 0) {
        entries.subMap(from, true, to, false).clear();
      }
    }

    @Override
    public void purge(byte[] from, byte[] to, List<byte[]> keys) {
      operation();
      keys.forEach(entries::remove);
      operation();
    }

    @Override
    public long entries() {
      return entries.size();
    }
  }
}
