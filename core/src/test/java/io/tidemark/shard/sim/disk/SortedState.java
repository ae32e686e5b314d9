package io.tidemark.shard.sim.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// The sorted stores of one folder, on disk.
final class SortedState {
  /// One store: its entries, and the deletions that the end of the process may still undo.
  static final class Store {
    final NavigableMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    final List<Map<byte[], byte[]>> undoable = new ArrayList<>();

    void delete(byte[] from, byte[] to) {
      Map<byte[], byte[]> gone = entries.subMap(from, true, to, false);
      Map<byte[], byte[]> copy = new TreeMap<>(Arrays::compareUnsigned);
      copy.putAll(gone);
      undoable.add(copy);
      gone.clear();
    }
  }

  final NavigableMap<String, Store> stores = new TreeMap<>();

  /// Deletions lie in memory until the database writes them: the last ones come undone.
  void crash(RandomGenerator random) {
    for (Store store : stores.values()) {
      int kept = random.nextInt(store.undoable.size() + 1);
      for (int i = store.undoable.size() - 1; i >= kept; i--) {
        store.undoable.get(i).forEach(store.entries::putIfAbsent);
      }
      store.undoable.clear();
    }
  }

  void close() {
    stores.values().forEach(s -> s.undoable.clear());
  }
}
