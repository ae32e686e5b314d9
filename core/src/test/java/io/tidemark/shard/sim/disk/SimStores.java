package io.tidemark.shard.sim.disk;

import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sorted stores in a folder `db` of a [SimDisk], as durable as the port says: an ingestion at
/// once, a deletion some time later; the folder's name only once its parent is synced.
public final class SimStores implements SortedStores {
  static final String FOLDER = "db";

  private final SimFileSystem files;
  private final SortedState state;

  private SimStores(SimFileSystem files, SortedState state) {
    this.files = files;
    this.state = state;
  }

  /// Opens the stores in a folder of a [SimFileSystem].
  public static SimStores open(Path folder) throws IOException {
    Path database = folder.resolve(FOLDER);
    SimFileSystem files = ((SimPath) folder).files();
    if (files.disk().find(((SimPath) database).names()) == null) {
      Files.createDirectory(database);
    }
    return new SimStores(files, ((SimProvider) files.provider()).require(database).sorted);
  }

  @Override
  public SortedStore open(String name) throws IOException {
    files.change(
        "open sorted", _ -> state.stores.computeIfAbsent(name, _ -> new SortedState.Store()));
    SortedState.Store store = state.stores.get(name);
    if (store == null) {
      throw new IllegalStateException(name + " was just made");
    }
    return new Store(store);
  }

  @Override
  public void retain(List<String> names) throws IOException {
    for (String name : List.copyOf(state.stores.keySet())) {
      if (!names.contains(name)) {
        files.change("drop sorted", _ -> state.stores.remove(name));
      }
    }
  }

  @Override
  public List<String> files() {
    return List.of();
  }

  @Override
  public long verify(String file) {
    return 0;
  }

  @Override
  public void close() {
    state.close();
  }

  /// One thread at a time, as the port has many readers.
  private final class Store implements SortedStore {
    private final SortedState.Store store;

    Store(SortedState.Store store) {
      this.store = store;
    }

    @Override
    public synchronized void ingest(Iterator<Entry> ascending) throws IOException {
      List<Entry> entries = new ArrayList<>();
      ascending.forEachRemaining(
          e -> {
            if (!entries.isEmpty()
                && Arrays.compareUnsigned(entries.getLast().key(), e.key()) >= 0) {
              throw new IllegalStateException("keys do not ascend");
            }
            entries.add(e);
          });
      files.change(
          "ingest", _ -> entries.forEach(e -> store.entries.put(e.key(), e.value().clone())));
    }

    @Override
    public synchronized byte @Nullable [] get(byte[] key) throws IOException {
      files.look("get");
      return store.entries.get(key);
    }

    @Override
    public synchronized void scan(byte[] from, byte[] to, Visitor visitor) throws IOException {
      files.look("scan sorted");
      if (Arrays.compareUnsigned(from, to) >= 0) {
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
    public synchronized void deleteRange(byte[] from, byte[] to) throws IOException {
      if (Arrays.compareUnsigned(from, to) < 0) {
        files.change("delete sorted", _ -> store.delete(from, to));
      }
    }

    @Override
    public synchronized void purge(byte[] from, byte[] to, List<byte[]> keys) throws IOException {
      files.change("purge sorted", _ -> keys.forEach(store.entries::remove));
    }

    @Override
    public synchronized long entries() throws IOException {
      files.look("count sorted");
      return store.entries.size();
    }
  }
}
