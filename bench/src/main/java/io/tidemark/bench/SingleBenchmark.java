package io.tidemark.bench;

import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.BareServer;
import java.io.IOException;
import java.time.Duration;

/// One user tag a request over 64 connections, beside the same HTTP server that only reads the
/// body.
final class SingleBenchmark implements Benchmark {
  private static final int CONNECTIONS = 64;
  private static final Duration READY = Duration.ofSeconds(30);

  @Override
  public void run(Run run) throws Exception {
    RequestLoop.Result interval = node(run, "interval");
    RequestLoop.Result always = node(run, "always");
    RequestLoop.Result bare;
    try (Child server = Child.java(run.root(), run.work().resolve("bare.log"), BareServer.class)) {
      bare = measure(run, Integer.parseInt(server.awaitLine("ready at http://127.0.0.1:", READY)));
    }
    run.report()
        .measured(
            "single `POST /user_tags`, 64 connections, of the yardstick's rate",
            100 * interval.perSecond() / bare.perSecond(),
            Target.atLeast(40, "%"),
            "%s/s; the same HTTP server that only reads the body: %s/s"
                .formatted(Target.number(interval.perSecond()), Target.number(bare.perSecond())));
    run.report()
        .measured(
            "its p99",
            interval.p99Ms(),
            Target.below(20, "ms"),
            Target.number(bare.p99Ms()) + " ms");
    Table table =
        run.report()
            .table("Single events", "", "requests/s", "p50 ms", "p99 ms", "max ms", "errors");
    row(table, "Tidemark", interval);
    row(table, "Tidemark, `--sync always`", always);
    row(table, "HTTP server alone", bare);
    table.note("Each was given %d s to warm up.".formatted(run.sizes().warmUpSeconds));
  }

  private static RequestLoop.Result node(Run run, String sync)
      throws IOException, InterruptedException {
    try (NodeProcess node = run.node("node-" + sync).with("--sync", sync).start()) {
      return measure(run, node.port());
    }
  }

  private static RequestLoop.Result measure(Run run, int port)
      throws IOException, InterruptedException {
    RequestLoop loop = new RequestLoop(port, CONNECTIONS, 204, 0);
    loop.run(Tags.posts(), run.sizes().warmUpSeconds);
    return loop.run(Tags.posts(), run.sizes().seconds);
  }

  private static void row(Table table, String what, RequestLoop.Result result) {
    table.add(
        what,
        Target.number(result.perSecond()),
        Target.number(result.p50Ms()),
        Target.number(result.p99Ms()),
        Target.number(result.maxMs()),
        Long.toString(result.errors()));
  }
}
