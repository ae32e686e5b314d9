package io.tidemark.bench;

import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Target;
import io.tidemark.server.allezon.AllezonTools;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools.LoadOptions;
import io.tidemark.server.generate.AppTools.LoadResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;

/// `tidemark load --verify`: each answer is compared with what had been sent.
final class VerifiedBenchmark implements Benchmark {
  private static final int RATE = 1_000;
  private static final int QUERIES_PER_SECOND = 100;

  @Override
  public void run(Run run) throws Exception {
    StringWriter text = new StringWriter();
    LoadResult result;
    try (NodeProcess node = run.node("node").start();
        NodeClient client = new NodeClient(node.base())) {
      Duration time = Duration.ofSeconds(run.sizes().warmUpSeconds + run.sizes().seconds);
      LoadOptions options = new LoadOptions(RATE, QUERIES_PER_SECOND, time, 1, true, 64);
      result = new AllezonTools().load(client, options, new PrintWriter(text));
    }
    run.report()
        .measured(
            "`tidemark load --verify`, 1 000 events/s and 100 queries/s: wrong answers and errors",
            (double) (result.mismatches() + result.errors()),
            Target.atMost(0, ""),
            text.toString().lines().reduce("", (_, line) -> line));
    if (!result.isGood()) {
      throw new IllegalStateException(text.toString());
    }
  }
}
