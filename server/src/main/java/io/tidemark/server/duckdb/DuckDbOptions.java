package io.tidemark.server.duckdb;

import java.nio.file.Path;

/// What DuckDB may use.
///
/// @param temporary a folder for what does not fit into memory; made where it is new
/// @param memoryBytes how much memory it takes at most for buffers, sorting and the like
/// @param threads how many threads work on one scan or write, the calling worker among them; where
///   a result is read while it is made the caller of two waits busily, and one is quicker
/// @param readers how many scans run at the same time; further ones wait
public record DuckDbOptions(Path temporary, long memoryBytes, int threads, int readers) {
  /// Less than this and a Parquet file of many columns cannot be written.
  public static final long MIN_MEMORY_BYTES = 128L << 20;

  public DuckDbOptions {
    if (memoryBytes < MIN_MEMORY_BYTES || threads < 1 || readers < 1) {
      throw new IllegalArgumentException(
          "memory %d (at least %d), threads %d, readers %d"
              .formatted(memoryBytes, MIN_MEMORY_BYTES, threads, readers));
    }
  }

  /// What a DuckDB may use that does nothing but merge files.
  DuckDbOptions forMerges() {
    return new DuckDbOptions(temporary.resolve("merges"), MIN_MEMORY_BYTES, 1, 1);
  }
}
