package io.tidemark.shard.sim;

import io.tidemark.shard.ShardStorage;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.TableShape;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A process's hold of a [SimDisk].
public final class SimStorage implements ShardStorage {
  private final SimDisk disk;
  private final long session;
  private final List<List<String>> scanned = new ArrayList<>();
  private BiConsumer<Long, byte[]> onManifest = (_, _) -> {};

  SimStorage(SimDisk disk, long session) {
    this.disk = disk;
    this.session = session;
  }

  /// Called with the number and content of each manifest as it becomes durable.
  public void onManifest(BiConsumer<Long, byte[]> listener) {
    onManifest = listener;
  }

  private void read(String operation) throws IOException {
    change(operation, () -> {});
  }

  private void change(String operation, Runnable effect) throws IOException {
    if (!disk.isOpen(session)) {
      throw new IllegalStateException(operation + " of a process that has ended");
    }
    SimDisk.Fault fault = disk.fault(operation);
    switch (fault) {
      case FAIL_BEFORE -> throw new SimFailure(operation);
      case CRASH_BEFORE -> throw new SimCrash(operation);
      case NONE, FAIL_AFTER, CRASH_AFTER -> effect.run();
    }
    switch (fault) {
      case FAIL_AFTER -> throw new SimFailure(operation);
      case CRASH_AFTER -> throw new SimCrash(operation);
      case NONE, FAIL_BEFORE, CRASH_BEFORE -> {}
    }
  }

  @Override
  public List<Long> manifests() throws IOException {
    read("manifests");
    return disk.manifestNumbers();
  }

  @Override
  public byte[] readManifest(long number) throws IOException {
    read("readManifest");
    byte[] content = disk.manifests.get(number);
    if (content == null) {
      throw new FileNotFoundException("manifest " + number);
    }
    return content;
  }

  @Override
  public void writeManifest(long number, byte[] content) throws IOException {
    change(
        "writeManifest",
        () -> {
          disk.manifests.put(number, content.clone());
          onManifest.accept(number, content);
        });
  }

  @Override
  public void deleteManifest(long number) throws IOException {
    change("deleteManifest", () -> disk.manifests.remove(number));
  }

  @Override
  public SegmentStore segments() {
    return new Segments();
  }

  @Override
  public SortedStore sorted(String name) throws IOException {
    change("sorted", () -> disk.sorted.computeIfAbsent(name, _ -> new SimDisk.Sorted()));
    SimDisk.Sorted store = disk.sorted.get(name);
    if (store == null) {
      throw new IllegalStateException("was just made");
    }
    return new Store(store);
  }

  @Override
  public void retainSorted(List<String> names) throws IOException {
    for (String name : disk.sortedNames()) {
      if (!names.contains(name)) {
        change("retainSorted", () -> disk.sorted.remove(name));
      }
    }
  }

  @Override
  public long sizeBytes() {
    return disk.segments.values().stream().mapToLong(SimSegment::bytes).sum();
  }

  @Override
  public void close() {
    disk.close();
  }

  /// The conditions of each scan of segments so far, as text; taken.
  public List<List<String>> takeScanned() {
    List<List<String>> taken = List.copyOf(scanned);
    scanned.clear();
    return taken;
  }

  private final class Segments implements SegmentStore {
    @Override
    public long write(String name, Rows rows) throws IOException {
      SimSegment segment = SimSegment.of(rows);
      change("writeSegment", () -> disk.segments.put(name, segment));
      return segment.bytes();
    }

    @Override
    public void scan(TableShape shape, List<String> names, Scan scan, Scan.Visitor visitor)
        throws IOException {
      read("scanSegments");
      scanned.add(scan.conditions().stream().map(Object::toString).toList());
      List<@Nullable Object[]> found = new ArrayList<>();
      for (String name : names) {
        SimSegment segment = disk.segments.get(name);
        if (segment == null) {
          throw new FileNotFoundException("segment " + name);
        }
        if (!segment.shape().equals(shape)) {
          throw new IllegalStateException("segment " + name + " is of another shape");
        }
        for (@Nullable Object[] row : segment.rows()) {
          if (SimSegment.matches(row, scan.conditions())) {
            found.add(row);
          }
        }
      }
      if (scan.newestFirst()) {
        found.sort(SimSegment::newestFirst);
      }
      found.stream()
          .limit(scan.limit())
          .forEach(row -> visitor.visit(SimSegment.project(row, scan.columns())));
    }

    @Override
    public void delete(String name) throws IOException {
      change("deleteSegment", () -> disk.segments.remove(name));
    }

    @Override
    public List<String> names() throws IOException {
      read("segmentNames");
      return disk.segmentNames();
    }
  }

  private final class Store implements SortedStore {
    private final SimDisk.Sorted store;

    Store(SimDisk.Sorted store) {
      this.store = store;
    }

    @Override
    public void ingest(Iterator<Entry> ascending) throws IOException {
      List<Entry> entries = new ArrayList<>();
      ascending.forEachRemaining(
          e -> {
            if (!entries.isEmpty()
                && java.util.Arrays.compareUnsigned(entries.getLast().key(), e.key()) >= 0) {
              throw new IllegalStateException("keys do not ascend");
            }
            entries.add(e);
          });
      change("ingest", () -> entries.forEach(e -> store.entries.put(e.key(), e.value().clone())));
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
      read("get");
      return store.entries.get(key);
    }

    @Override
    public void scan(byte[] from, byte[] to, Visitor visitor) throws IOException {
      read("scanSorted");
      if (java.util.Arrays.compareUnsigned(from, to) >= 0) {
        return;
      }
      for (Map.Entry<byte[], byte[]> entry :
          List.copyOf(store.entries.subMap(from, true, to, false).entrySet())) {
        if (!visitor.visit(entry.getKey(), entry.getValue())) {
          return;
        }
      }
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) throws IOException {
      change(
          "deleteRange",
          () -> {
            Map<byte[], byte[]> gone = store.entries.subMap(from, true, to, false);
            Map<byte[], byte[]> copy = new TreeMap<>(java.util.Arrays::compareUnsigned);
            copy.putAll(gone);
            store.undoable.add(copy);
            gone.clear();
          });
    }

    @Override
    public long entries() throws IOException {
      read("entries");
      return store.entries.size();
    }
  }
}
