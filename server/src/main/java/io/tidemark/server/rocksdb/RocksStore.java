package io.tidemark.server.rocksdb;

import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileWriter;
import org.rocksdb.WriteOptions;

/// A sorted store in a column family.
///
/// An ingestion writes one file and has the database take it over: RocksDB syncs the file, links it
/// into its folder, and syncs its own list of files, which makes all entries visible and durable at
/// once.
final class RocksStore implements SortedStore {
  private final RocksDB database;
  private final ColumnFamilyHandle family;
  private final DBOptions databaseOptions;
  private final ColumnFamilyOptions storeOptions;
  private final Path folder;
  private final Path ingest;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);

  RocksStore(
      RocksDB database,
      ColumnFamilyHandle family,
      DBOptions databaseOptions,
      ColumnFamilyOptions storeOptions,
      Path folder,
      Path ingest) {
    this.database = database;
    this.family = family;
    this.databaseOptions = databaseOptions;
    this.storeOptions = storeOptions;
    this.folder = folder;
    this.ingest = ingest;
  }

  /// Of several who ingest at the same time one waits for the other: the file has one name.
  @Override
  public synchronized void ingest(Iterator<Entry> ascending) throws IOException {
    if (!ascending.hasNext()) {
      return;
    }
    Path file = ingest.resolve(family.getID() + ".sst");
    try {
      writeFile(file, ascending);
      try (IngestExternalFileOptions move = new IngestExternalFileOptions().setMoveFiles(true)) {
        database.ingestExternalFile(family, List.of(file.toString()), move);
      }
    } catch (RocksDBException e) {
      throw failed("cannot add entries", e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void writeFile(Path file, Iterator<Entry> ascending) throws RocksDBException {
    try (Options options = new Options(databaseOptions, storeOptions);
        EnvOptions environment = new EnvOptions(databaseOptions);
        SstFileWriter writer = new SstFileWriter(environment, options)) {
      writer.open(file.toString());
      while (ascending.hasNext()) {
        Entry entry = ascending.next();
        writer.put(entry.key(), entry.value());
      }
      writer.finish();
    }
  }

  @Override
  public byte @Nullable [] get(byte[] key) throws IOException {
    try {
      return database.get(family, key);
    } catch (RocksDBException e) {
      throw failed("cannot read", e);
    }
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) throws IOException {
    if (Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    boolean onePrefix = haveOnePrefix(from, to);
    try (Slice end = new Slice(to);
        ReadOptions options =
            new ReadOptions()
                .setIterateUpperBound(end)
                .setPrefixSameAsStart(onePrefix)
                .setTotalOrderSeek(!onePrefix)
                // A pass over everything must not drive out what others read again and again.
                .setFillCache(onePrefix);
        RocksIterator entries = database.newIterator(family, options)) {
      entries.seek(from);
      while (entries.isValid() && visitor.visit(entries.key(), entries.value())) {
        entries.next();
      }
      entries.status();
    } catch (RocksDBException e) {
      throw failed("cannot read", e);
    }
  }

  /// Whether all keys in `[from, to)` begin with the same whole prefix, so that the Bloom filters
  /// may skip files: both begin with it, or `to` is the next prefix.
  static boolean haveOnePrefix(byte[] from, byte[] to) {
    int length = RocksMemory.PREFIX_BYTES;
    if (from.length < length || to.length < length) {
      return false;
    }
    if (Arrays.equals(from, 0, length, to, 0, length)) {
      return true;
    }
    return to.length == length && Arrays.equals(to, next(Arrays.copyOf(from, length)));
  }

  /// The byte string of the same length that follows; zeros after the last.
  private static byte[] next(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (++prefix[i] != 0) {
        break;
      }
    }
    return prefix;
  }

  @Override
  public void deleteRange(byte[] from, byte[] to) throws IOException {
    if (Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    try {
      database.deleteRange(family, unlogged, from, to);
    } catch (RocksDBException e) {
      throw failed("cannot remove entries", e);
    }
  }

  /// Cheaper than a range of one: many ranges slow reading down.
  @Override
  public void delete(byte[] key) throws IOException {
    try {
      database.delete(family, unlogged, key);
    } catch (RocksDBException e) {
      throw failed("cannot remove an entry", e);
    }
  }

  /// Once they are deleted, compactions write the files again that had them: all levels of them, or
  /// the last one would keep what nobody sees any more. They do so where there is nothing to
  /// delete, too: what was deleted before, and by whom, cannot be seen.
  @Override
  public void purge(byte[] from, byte[] to, List<byte[]> keys) throws IOException {
    try (FlushOptions whole = new FlushOptions().setWaitForFlush(true);
        CompactRangeOptions all =
            new CompactRangeOptions()
                .setBottommostLevelCompaction(
                    CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)) {
      for (byte[] key : keys) {
        database.delete(family, unlogged, key);
      }
      database.flush(whole, family);
      database.compactRange(family, from, to, all);
    } catch (RocksDBException e) {
      throw failed("cannot remove entries", e);
    }
  }

  @Override
  public long entries() throws IOException {
    try {
      return Math.max(0, database.getLongProperty(family, "rocksdb.estimate-num-keys"));
    } catch (RocksDBException e) {
      throw failed("cannot count", e);
    }
  }

  private IOException failed(String what, RocksDBException e) {
    return RocksStores.failed(what, folder, e);
  }

  /// Removes the store with its files.
  void drop() throws RocksDBException {
    database.dropColumnFamily(family);
    close();
  }

  void close() {
    unlogged.close();
    family.close();
  }
}
