package io.tidemark.bench.stage;

import io.tidemark.ingest.Batch;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.Ingest;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.rollup.SealedRollup;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.TailPart;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// The stages that work in memory.
@State(Scope.Benchmark)
public class MemoryStages {
  private final StageData data = new StageData();
  private final TailPart tail = data.tail();
  private final Ingest ingest = StageData.ingest(data.stream);

  /// Of all minutes: one action's count and sum for each brand.
  private final RollupQuery byBrand =
      new RollupQuery(
          0,
          1L << 52,
          60_000_000,
          List.of(2),
          List.of(
              new RollupQuery.Filter(
                  0, List.of("VIEW".getBytes(StandardCharsets.UTF_8)), List.of())),
          List.of(0, 1),
          RollupQuery.MAX_LIMIT);

  @Benchmark
  @OperationsPerInvocation(StageData.BATCH)
  public Batch parseValidateEncode() throws Ingest.TooManyItems {
    return ingest.take(
        data.parser,
        data.body,
        data.body.length,
        EventParser.Shape.NDJSON,
        System.currentTimeMillis());
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public TailPart decodeAndAppendToTail() {
    return data.tail();
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public Groups foldRollupForQuery() {
    Groups answer = data.rollup.answer(byBrand);
    data.rollup.foldTail(tail, byBrand, Long.MIN_VALUE, answer);
    return answer;
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public SealedRollup foldRollupForSegment() {
    return data.rollup.seal(tail, Long.MIN_VALUE);
  }

  @Benchmark
  @OperationsPerInvocation(StageData.EVENTS)
  public long orderTimelineForStore() {
    long bytes = 0;
    Iterator<SortedStore.Entry> entries = data.timeline.seal(tail);
    while (entries.hasNext()) {
      bytes += entries.next().value().length;
    }
    return bytes;
  }
}
