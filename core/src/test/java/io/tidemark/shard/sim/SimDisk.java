package io.tidemark.shard.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// What survives a process: manifests, segments and sorted stores. Each operation of a [SimStorage]
/// on it can be made to fail, or to be the process's last, before or after its effect.
public final class SimDisk {
  /// What becomes of an operation.
  public enum Fault {
    NONE,
    FAIL_BEFORE,
    FAIL_AFTER,
    CRASH_BEFORE,
    CRASH_AFTER
  }

  /// Decides what becomes of each operation, and may let others act before it.
  @FunctionalInterface
  public interface Faults {
    Fault next(String operation);
  }

  /// A sorted store: its entries, and the deletions that a crash may still undo.
  static final class Sorted {
    final NavigableMap<byte[], byte[]> entries = new TreeMap<>(java.util.Arrays::compareUnsigned);
    final List<Map<byte[], byte[]>> undoable = new ArrayList<>();
  }

  final NavigableMap<Long, byte[]> manifests = new TreeMap<>();
  final NavigableMap<String, SimSegment> segments = new TreeMap<>();
  final NavigableMap<String, Sorted> sorted = new TreeMap<>();
  private Faults faults = _ -> Fault.NONE;
  private long session;

  public void faults(Faults faults) {
    this.faults = faults;
  }

  /// Opens it for a process; the one before has it no more.
  public SimStorage open() {
    return new SimStorage(this, ++session);
  }

  boolean isOpen(long number) {
    return session == number;
  }

  /// The process has ended. Of the deletions that were not synced, the last ones may come undone.
  public void crash(RandomGenerator random) {
    session++;
    for (Sorted store : sorted.values()) {
      int kept = random.nextInt(store.undoable.size() + 1);
      for (int i = store.undoable.size() - 1; i >= kept; i--) {
        store.undoable.get(i).forEach(store.entries::putIfAbsent);
      }
      store.undoable.clear();
    }
  }

  /// The process has closed it.
  void close() {
    session++;
    sorted.values().forEach(s -> s.undoable.clear());
  }

  public List<Long> manifestNumbers() {
    return List.copyOf(manifests.keySet());
  }

  public byte[] manifest(long number) {
    byte[] content = manifests.get(number);
    if (content == null) {
      throw new IllegalArgumentException("no manifest " + number);
    }
    return content;
  }

  /// Flips one bit of a manifest.
  public void corrupt(long number, RandomGenerator random) {
    byte[] content = manifest(number).clone();
    content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
    manifests.put(number, content);
  }

  public List<String> segmentNames() {
    return List.copyOf(segments.keySet());
  }

  public List<String> sortedNames() {
    return List.copyOf(sorted.keySet());
  }

  Fault fault(String operation) {
    return faults.next(operation);
  }
}
