package io.tidemark.bench;

import io.tidemark.bench.load.Feed;
import io.tidemark.bench.load.Freshness;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.io.IOException;

/// From acknowledged to visible, at a slow and at a fast rate.
final class FreshnessBenchmark implements Benchmark {
  @Override
  public void run(Run run) throws Exception {
    Table table =
        run.report()
            .table("Freshness", "events/s", "reached", "p50 ms", "p99 ms", "max ms", "samples");
    measure(run, table, 1_000, 250);
    measure(run, table, 50_000, 1_000);
    table.note(
        "A tag is posted, and as soon as it is acknowledged its cookie's profile is asked for at that mark. The time is that"
            + " of the query, which waits until the tag is in its answer.");
  }

  private static void measure(Run run, Table table, int rate, int limitMs)
      throws IOException, InterruptedException {
    try (NodeProcess node = run.node("node-" + rate).start();
        Feed feed = Feed.start(node.port(), Tags.generator(2, System.currentTimeMillis()), rate)) {
      Freshness warm = new Freshness(node.port());
      warm.probe(run.sizes().warmUpSeconds);
      long sent = feed.sent();
      long start = System.nanoTime();
      Freshness.Result result = new Freshness(node.port()).probe(run.sizes().seconds);
      double reached = (feed.sent() - sent) / ((System.nanoTime() - start) / 1e9);
      run.report()
          .measured(
              "freshness (acknowledged → visible) at %,d events/s, p99".formatted(rate),
              result.p99Ms(),
              Target.below(limitMs, "ms"),
              "p50 %s ms, max %s ms"
                  .formatted(Target.number(result.p50Ms()), Target.number(result.maxMs())));
      table.add(
          "%,d".formatted(rate),
          Target.number(reached),
          Target.number(result.p50Ms()),
          Target.number(result.p99Ms()),
          Target.number(result.maxMs()),
          Long.toString(result.samples()));
    }
  }
}
