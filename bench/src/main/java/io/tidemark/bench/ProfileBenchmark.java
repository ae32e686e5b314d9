package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.process.Samples;
import io.tidemark.bench.report.Table;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;

/// Where the CPU time of the bulk goes: by threads as Linux counts it, by stages and methods as JFR
/// samples them.
final class ProfileBenchmark implements Benchmark {
  private static final int SHOWN = 12;

  /// Below this share a thread or stage is not worth a row.
  private static final double LEAST_PERCENT = 0.5;

  @Override
  public void run(Run run) throws Exception {
    Path recording = run.work().resolve("bulk.jfr");
    long events = run.sizes().events;
    Map<String, Long> threads;
    Instant start;
    String java = "-XX:StartFlightRecording=settings=profile,filename=" + recording;
    try (NodeProcess node = run.node("node").withJava(java).start();
        Batches batches = Batches.of(Tags.generator(1, Tags.START_MS), events)) {
      start = Instant.now();
      Map<String, Long> before = node.stat().cpuMsByThread();
      new Bulk(Tags.STREAM, node.port()).send(batches);
      threads = node.stat().cpuMsByThread();
      before.forEach((thread, ms) -> threads.computeIfPresent(thread, (_, all) -> all - ms));
      node.stop();
    }
    Table byThread =
        run.report().table("CPU of the bulk by thread", "thread", "share", "µs per event");
    long total = threads.values().stream().mapToLong(ms -> ms).sum();
    threads.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .filter(e -> 100.0 * e.getValue() / total >= LEAST_PERCENT)
        .forEach(
            e ->
                byThread.add(
                    e.getKey(),
                    "%.1f %%".formatted(100.0 * e.getValue() / total),
                    "%.2f".formatted(e.getValue() * 1000.0 / events)));
    byThread.note(
        "Threads that had ended are not in it, and numbers in names are left out. Linux cuts names at 15 characters.");
    Samples samples = Samples.read(recording, start);
    Table byStage =
        run.report()
            .table("CPU of the bulk by stage", "stage", "share of the samples in Java code");
    samples.byStage().stream()
        .filter(s -> s.percent() >= LEAST_PERCENT)
        .forEach(s -> byStage.add(s.name(), "%.1f %%".formatted(s.percent())));
    byStage.note(
        "A sample counts for the innermost package of ours, or of the broker, the client, the HTTP server or RocksDB, on its"
            + " stack.");
    Table byMethod =
        run.report().table("Hottest methods of the bulk", "method, with what it calls", "share");
    samples.byMethod().stream()
        .limit(SHOWN)
        .forEach(s -> byMethod.add("`" + s.name() + "`", "%.1f %%".formatted(s.percent())));
  }
}
