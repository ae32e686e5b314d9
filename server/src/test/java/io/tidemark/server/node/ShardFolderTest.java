package io.tidemark.server.node;

import io.tidemark.server.duckdb.DuckDbOptions;
import io.tidemark.server.duckdb.ParquetSegments;
import io.tidemark.server.rocksdb.RocksMemory;
import io.tidemark.server.rocksdb.RocksStores;
import io.tidemark.shard.FolderStorage;
import io.tidemark.shard.ShardStorage;
import io.tidemark.shard.ShardStorageContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A shard's folder as a node has it: Parquet and RocksDB in it.
class ShardFolderTest extends ShardStorageContract {
  @TempDir Path disk;
  private final RocksMemory memory = new RocksMemory(16 << 20, 4 << 20, 1);
  private ParquetSegments segments;

  @BeforeEach
  void start() throws IOException {
    segments =
        ParquetSegments.open(
            new DuckDbOptions(disk.resolve("tmp"), DuckDbOptions.MIN_MEMORY_BYTES, 1, 1));
  }

  @AfterEach
  void stop() throws IOException {
    segments.close();
    memory.close();
  }

  @Override
  protected ShardStorage open() throws IOException {
    return FolderStorage.open(
        disk.resolve("shard"), segments, folder -> RocksStores.open(folder, memory));
  }
}
