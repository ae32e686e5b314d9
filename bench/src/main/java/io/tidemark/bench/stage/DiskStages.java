package io.tidemark.bench.stage;

import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.SealedRollup;
import io.tidemark.server.duckdb.DuckDbOptions;
import io.tidemark.server.duckdb.ParquetSegments;
import io.tidemark.server.node.DataFolder;
import io.tidemark.server.rocksdb.RocksMemory;
import io.tidemark.server.rocksdb.RocksStores;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.TailPart;
import io.tidemark.table.TailRows;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The stages that write or read files.
@State(Scope.Benchmark)
public class DiskStages {
  private static final long CACHE_BYTES = 96L << 20;
  private static final long WRITE_BYTES = 16L << 20;
  private static final long DUCKDB_BYTES = 256L << 20;

  private final StageData data = new StageData();
  private final TailPart tail = data.tail();
  private final SealedRollup partials = data.rollup.seal(tail, Long.MIN_VALUE);
  private final List<byte[]> cookies = StageData.cookies();
  private final List<byte[]> splits = List.of(text("VIEW"), text("BUY"));
  private final Path folder;
  private final ParquetSegments parquet;
  private final RocksMemory memory = new RocksMemory(CACHE_BYTES, WRITE_BYTES, 1);
  private final RocksStores stores;
  private final SortedStore written;
  private final SortedStore asked;
  private int next;

  public DiskStages() {
    try {
      this.folder = Files.createTempDirectory("tidemark-stages-");
      this.parquet =
          ParquetSegments.open(new DuckDbOptions(folder.resolve("temporary"), DUCKDB_BYTES, 1, 2));
      this.stores = RocksStores.open(Files.createDirectories(folder.resolve("sorted")), memory);
      this.written = stores.open("written");
      this.asked = stores.open("asked");
      asked.ingest(data.timeline.seal(tail));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public void writeTableSegment() throws IOException {
    parquet.write(folder.resolve("table.parquet"), new TailRows(tail));
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public void writeRollupSegment() throws IOException {
    parquet.write(folder.resolve("rollup.parquet"), partials);
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public void writeTimelineEntries() throws IOException {
    written.ingest(data.timeline.seal(tail));
  }

  @Benchmark
  public Map<Integer, List<StoredEvent>> askTimelineOfStore() throws IOException {
    return data.timeline.newest(
        new TimelineQuery(cookies.get(next++ % cookies.size()), 0, Long.MAX_VALUE, splits, 200),
        0,
        asked,
        Long.MAX_VALUE,
        List.of(),
        Timeline.Hidden.NOTHING);
  }

  @Benchmark
  public Map<Integer, List<StoredEvent>> askTimelineOfTail() throws IOException {
    return data.timeline.newest(
        new TimelineQuery(cookies.get(next++ % cookies.size()), 0, Long.MAX_VALUE, splits, 200),
        0,
        asked,
        0,
        List.of(tail),
        Timeline.Hidden.NOTHING);
  }

  @TearDown
  public void close() throws IOException {
    stores.close();
    memory.close();
    parquet.close();
    DataFolder.delete(folder);
  }
}
