package io.tidemark.server.rocksdb;

import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// The sorted stores of one folder, in one RocksDB:
///
/// ```
/// db/       the database; the default column family is empty
/// ingest/   files being built; left-overs are deleted on opening
/// ```
public final class RocksStores implements SortedStores {
  private final Path folder;
  private final Path ingest;
  private final DBOptions databaseOptions;
  private final ColumnFamilyOptions storeOptions;
  private final ColumnFamilyHandle unused;
  private final RocksDB database;
  private final Map<String, RocksStore> stores = new HashMap<>();

  private RocksStores(Path folder, DBOptions databaseOptions, ColumnFamilyOptions storeOptions)
      throws RocksDBException, IOException {
    this.folder = folder;
    this.ingest = folder.resolve("ingest");
    this.databaseOptions = databaseOptions;
    this.storeOptions = storeOptions;
    clearIngest();
    String path = folder.resolve("db").toString();
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    List<byte[]> names;
    try (Options options = new Options()) {
      names = RocksDB.listColumnFamilies(options, path);
    }
    if (names.isEmpty()) {
      names = List.of(RocksDB.DEFAULT_COLUMN_FAMILY);
    }
    names.forEach(n -> descriptors.add(new ColumnFamilyDescriptor(n, storeOptions)));
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    this.database = RocksDB.open(databaseOptions, path, descriptors, handles);
    // RocksDB lists its default family first.
    this.unused = handles.getFirst();
    for (int i = 1; i < handles.size(); i++) {
      String name = new String(names.get(i), StandardCharsets.UTF_8);
      stores.put(name, store(handles.get(i)));
    }
  }

  /// Opens the stores of a folder, which RocksDB itself protects from a second user.
  public static RocksStores open(Path folder, RocksMemory memory) throws IOException {
    DBOptions databaseOptions = memory.databaseOptions();
    ColumnFamilyOptions storeOptions = memory.storeOptions();
    try {
      return new RocksStores(folder, databaseOptions, storeOptions);
    } catch (RocksDBException e) {
      closeAll(storeOptions, databaseOptions);
      throw new IOException("cannot open the sorted stores in " + folder + ": " + e, e);
    } catch (IOException | RuntimeException e) {
      closeAll(storeOptions, databaseOptions);
      throw e;
    }
  }

  private static void closeAll(ColumnFamilyOptions storeOptions, DBOptions databaseOptions) {
    storeOptions.close();
    databaseOptions.close();
  }

  private void clearIngest() throws IOException {
    Files.createDirectories(ingest);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(ingest)) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    }
  }

  private RocksStore store(ColumnFamilyHandle handle) {
    return new RocksStore(database, handle, databaseOptions, storeOptions, ingest);
  }

  @Override
  public SortedStore open(String name) throws IOException {
    RocksStore store = stores.get(name);
    if (store == null) {
      try {
        store =
            store(
                database.createColumnFamily(
                    new ColumnFamilyDescriptor(
                        name.getBytes(StandardCharsets.UTF_8), storeOptions)));
      } catch (RocksDBException e) {
        throw new IOException("cannot make the sorted store " + name + " in " + folder, e);
      }
      stores.put(name, store);
    }
    return store;
  }

  @Override
  public void retain(List<String> names) throws IOException {
    for (Map.Entry<String, RocksStore> store : Map.copyOf(stores).entrySet()) {
      String name = store.getKey();
      if (!names.contains(name)) {
        try {
          store.getValue().drop();
        } catch (RocksDBException e) {
          throw new IOException("cannot remove the sorted store " + name + " in " + folder, e);
        }
        stores.remove(name);
      }
    }
  }

  @Override
  public void close() throws IOException {
    stores.values().forEach(RocksStore::close);
    unused.close();
    try {
      database.closeE();
    } catch (RocksDBException e) {
      throw new IOException("cannot close the sorted stores in " + folder, e);
    } finally {
      closeAll(storeOptions, databaseOptions);
    }
  }
}
