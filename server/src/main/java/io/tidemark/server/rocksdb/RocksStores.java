package io.tidemark.server.rocksdb;

import io.tidemark.sorted.CorruptStoreException;
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
import java.util.Optional;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.Status;

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
      throw failed("cannot open", folder, e);
    } catch (IOException | RuntimeException e) {
      closeAll(storeOptions, databaseOptions);
      throw e;
    }
  }

  /// What RocksDB says, as what it means for whoever needs the entries.
  static IOException failed(String what, Path folder, RocksDBException e) {
    String message = "sorted stores in %s: %s: %s".formatted(folder, what, e.getMessage());
    return isCorrupt(e) ? new CorruptStoreException(message, e) : new IOException(message, e);
  }

  /// A file that is missing is an I/O error to RocksDB; one that names no column families there
  /// are, an invalid argument.
  private static boolean isCorrupt(RocksDBException e) {
    Status status = e.getStatus();
    return status != null
        && switch (status.getCode()) {
          case Corruption -> true;
          case InvalidArgument -> String.valueOf(e.getMessage()).contains("olumn famil");
          default -> String.valueOf(e.getMessage()).contains("No such file or directory");
        };
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
    return new RocksStore(database, handle, databaseOptions, storeOptions, folder, ingest);
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
        throw failed("cannot make " + name, folder, e);
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
          throw failed("cannot remove " + name, folder, e);
        }
        stores.remove(name);
      }
    }
  }

  @Override
  public List<String> files() {
    return database.getLiveFilesMetaData().stream().map(LiveFileMetaData::fileName).toList();
  }

  @Override
  public long verify(String file) throws IOException {
    Optional<LiveFileMetaData> found =
        database.getLiveFilesMetaData().stream().filter(f -> f.fileName().equals(file)).findFirst();
    if (found.isEmpty()) {
      return 0;
    }
    try (Options options = new Options(databaseOptions, storeOptions);
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(found.get().path() + file);
      reader.verifyChecksum();
      return found.get().size();
    } catch (RocksDBException e) {
      if (!files().contains(file)) {
        // It has been merged into others meanwhile.
        return 0;
      }
      throw failed(file, folder, e);
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
