package io.tidemark.server.rocksdb;

import io.tidemark.server.background.BackgroundThreads;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Priority;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/// The memory, and the background threads, that all sorted stores of a node share. Closed after
/// them.
public final class RocksMemory implements AutoCloseable {
  /// The length of the prefix by which Bloom filters know keys: a timeline's key hash.
  static final int PREFIX_BYTES = 16;

  /// Only removals of ranges pass through a write buffer.
  private static final long WRITE_BUFFER_BYTES = 1L << 20;

  /// Of a thousand look-ups of what a file does not have, about ten reach the file.
  private static final double BLOOM_BITS_PER_KEY = 10;

  /// Of indexes and filters: only those that a question needs are read. Whole, those of a large
  /// file are larger than what a part of the cache can hold, and would be read for each question.
  private static final int METADATA_BLOCK_BYTES = 8 << 10;

  /// The cache has sixteen parts, each with a lock of its own, and keeps half of it for indexes and
  /// filters where it is short.
  private static final int CACHE_SHARD_BITS = 4;

  private static final double FOR_INDEXES = 0.5;

  /// Files that one database keeps open; a shard's store has a few dozen.
  private static final int OPEN_FILES = 128;

  /// Files of checkpoints that are merged at a time. Each merge rewrites what there is already, so
  /// that more of them cost less processor time; but each is one more to look into, with a filter.
  private static final int FILES_PER_MERGE = 8;

  private static final int LOG_FILE_BYTES = 1 << 20;

  private final LRUCache cache;
  private final WriteBufferManager writeBuffers;
  private final BloomFilter filter;

  /// @param cacheBytes for blocks of files with their indexes and filters
  /// @param writeBufferBytes for removals that are not in files yet; taken from the cache
  /// @param compactionThreads how many files are merged at a time, in all databases of the process
  public RocksMemory(long cacheBytes, long writeBufferBytes, int compactionThreads) {
    if (writeBufferBytes < WRITE_BUFFER_BYTES || cacheBytes < writeBufferBytes) {
      throw new IllegalArgumentException(
          "cache of %d bytes, write buffers of %d (at least %d, and no more than the cache)"
              .formatted(cacheBytes, writeBufferBytes, WRITE_BUFFER_BYTES));
    }
    RocksDB.loadLibrary();
    cache = new LRUCache(cacheBytes, CACHE_SHARD_BITS, false, FOR_INDEXES);
    writeBuffers = new WriteBufferManager(writeBufferBytes, cache);
    filter = new BloomFilter(BLOOM_BITS_PER_KEY);
    BackgroundThreads.run(
        () ->
            Env.getDefault()
                .setBackgroundThreads(compactionThreads, Priority.LOW)
                .setBackgroundThreads(1, Priority.HIGH));
  }

  /// For a database; to be closed after it.
  DBOptions databaseOptions() {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setWriteBufferManager(writeBuffers)
        .setMaxOpenFiles(OPEN_FILES)
        .setBytesPerSync(1 << 20)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(LOG_FILE_BYTES)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  /// For a store; to be closed after it.
  ColumnFamilyOptions storeOptions() {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setPinTopLevelIndexAndFilter(true)
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setPartitionFilters(true)
            .setMetadataBlockSize(METADATA_BLOCK_BYTES)
            .setFilterPolicy(filter)
            .setWholeKeyFiltering(true)
            .setBlockSize(16 << 10)
            .setFormatVersion(5);
    return new ColumnFamilyOptions()
        .setTableFormatConfig(table)
        .useFixedLengthPrefixExtractor(PREFIX_BYTES)
        .setWriteBufferSize(WRITE_BUFFER_BYTES)
        .setLevel0FileNumCompactionTrigger(FILES_PER_MERGE)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
  }

  @Override
  public void close() {
    filter.close();
    writeBuffers.close();
    cache.close();
  }
}
