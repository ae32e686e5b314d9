package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.ProducerPerf;
import io.tidemark.bench.yardstick.StreamsRun;
import java.nio.file.Path;

/// Batches of NDJSON until all is visible in all views, beside Kafka's own appending alone, and
/// beside the same views as a topology of Kafka Streams.
final class BulkBenchmark implements Benchmark {
  @Override
  public void run(Run run) throws Exception {
    long events = run.sizes().events;
    Path tags = run.work().resolve("tags");
    Batches.write(tags, Batches.of(Tags.generator(1, Tags.START_MS), events));
    Bulk.Result bulk;
    double cpuMicros;
    try (NodeProcess node = run.node("node").start();
        Batches batches = Batches.read(tags)) {
      long cpu = node.stat().cpuMs();
      bulk = new Bulk(Tags.STREAM, node.port()).send(batches);
      cpuMicros = (node.stat().cpuMs() - cpu) * 1000.0 / events;
    }
    double perSecond = events / bulk.visibleSeconds();
    ProducerPerf.Result perf = ProducerPerf.run(run.root(), run.work(), events);
    long few = Math.min(events, run.sizes().yardstickEvents);
    StreamsRun.Result streams;
    try (Batches batches = Batches.of(Tags.generator(1, Tags.START_MS), few)) {
      streams = StreamsRun.run(run.root(), run.work(), batches, few);
    }
    String what = "bulk NDJSON → visible in all views, %s M events".formatted(events / 1e6);
    run.report()
        .measured(
            what,
            perSecond,
            Target.atLeast(200_000, "events/s"),
            "Kafka's producer-perf-test alone: %s/s; Kafka Streams DSL with RocksDB: %s/s"
                .formatted(
                    Target.number(perf.perSecond()), Target.number(few / streams.seconds())));
    Table table = run.report().table("Bulk", "", "events/s", "µs of CPU per event");
    table.add("Tidemark, acknowledged", rate(events, bulk.acknowledgedSeconds()), "");
    table.add(
        "Tidemark, visible in all views",
        rate(events, bulk.visibleSeconds()),
        Target.number(cpuMicros));
    table.add(
        "Kafka's producer-perf-test, records of %.0f bytes".formatted(perf.bytes()),
        Target.number(perf.perSecond()),
        "");
    table.add(
        "Kafka Streams DSL, %s M events".formatted(few / 1e6),
        rate(few, streams.seconds()),
        Target.number(streams.cpuMs() * 1000.0 / few));
    table.note(
        "CPU is that of the node; of the topology and its broker. The perf test appends without parsing, checking or"
            + " applying anything. The topology gets the JSON from a topic keyed by cookie, keeps the last 200 views and"
            + " buys of each cookie and counts and sums per minute and group, and promises at least once.");
  }

  private static String rate(long events, double seconds) {
    return Target.number(events / seconds);
  }
}
