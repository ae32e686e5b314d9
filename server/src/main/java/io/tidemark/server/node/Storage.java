package io.tidemark.server.node;

import io.tidemark.archive.Archive;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.duckdb.DuckDbOptions;
import io.tidemark.server.duckdb.ParquetSegments;
import io.tidemark.server.rocksdb.RocksMemory;
import io.tidemark.server.rocksdb.RocksStores;
import io.tidemark.shard.FolderStorage;
import io.tidemark.shard.ShardStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a node's shards keep their files, and the memory they share for it.
final class Storage implements AutoCloseable {
  /// For sorting and writing a checkpoint, and for scans.
  private static final long DUCKDB_BYTES = 256L << 20;

  /// For the blocks of timelines that are read again and again.
  private static final long ROCKSDB_CACHE_BYTES = 96L << 20;

  private static final long ROCKSDB_WRITE_BYTES = 16L << 20;
  private static final int COMPACTION_THREADS = 1;

  private final DataFolder data;
  private final ParquetSegments segments;
  private final RocksMemory memory;

  private final Optional<Archive> archive;

  private Storage(
      DataFolder data, ParquetSegments segments, RocksMemory memory, Optional<Archive> archive) {
    this.archive = archive;
    this.data = data;
    this.segments = segments;
    this.memory = memory;
  }

  /// @param archive where older events go
  static Storage open(DataFolder data, Optional<Archive> archive) throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    ParquetSegments segments =
        ParquetSegments.open(
            new DuckDbOptions(data.resolve("temporary"), DUCKDB_BYTES, 1, Math.clamp(cores, 2, 8)));
    RocksMemory memory =
        new RocksMemory(ROCKSDB_CACHE_BYTES, ROCKSDB_WRITE_BYTES, COMPACTION_THREADS);
    return new Storage(data, segments, memory, archive);
  }

  /// The files of one shard.
  ///
  /// @param id with the data name of its stream
  ShardStorage shard(StreamPartition id) throws IOException {
    Path folder =
        data.resolve("shards").resolve(id.stream()).resolve(Integer.toString(id.partition()));
    return FolderStorage.open(
        folder, segments, f -> RocksStores.open(f, memory), archive.map(a -> a.of(id, segments)));
  }

  /// How many bytes everything in the data folder has, the log included.
  long diskBytes() {
    try (Stream<Path> files = Files.walk(data.path())) {
      return files.mapToLong(f -> f.toFile().isFile() ? f.toFile().length() : 0).sum();
    } catch (IOException | UncheckedIOException _) {
      // A file went away while it was looked at; the next look will do.
      return 0;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      segments.close();
    } finally {
      memory.close();
    }
  }
}
