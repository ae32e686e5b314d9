package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Feed;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Profiles with full lists, beside events that come in.
final class ProfilesBenchmark implements Benchmark {
  private static final int FEED = 1_000;
  private static final int QUERIES_PER_SECOND = 100;
  private static final int CONNECTIONS = 8;
  private static final int PREPARED = 1_000;

  @Override
  public void run(Run run) throws Exception {
    int full = run.sizes().fullCookies;
    long events = 400L * full + Math.max(0, run.sizes().cookies - full);
    try (NodeProcess node = run.node("node").start()) {
      try (Batches batches = Batches.of(Tags.fullLists(full), events)) {
        new Bulk(Tags.STREAM, node.port()).send(batches);
      }
      // They go on where the bulk ended.
      long next = Tags.START_MS + events;
      try (Feed _ = Feed.start(node.port(), Tags.generator(3, next), FEED)) {
        RequestLoop.Requests profiles =
            (http, connection) -> {
              SplittableRandom random = new SplittableRandom(connection);
              return IntStream.range(0, PREPARED)
                  .mapToObj(_ -> Tags.profile(http, Tags.full(random.nextInt(full)), ""))
                  .toList();
            };
        RequestLoop loop = new RequestLoop(node.port(), CONNECTIONS, 200, QUERIES_PER_SECOND);
        loop.run(profiles, run.sizes().warmUpSeconds);
        RequestLoop.Result result = loop.run(profiles, run.sizes().seconds);
        if (result.errors() > 0) {
          throw new IllegalStateException(result.errors() + " queries failed");
        }
        run.report()
            .measured(
                "profile query beside 1 000 events/s, %,d cookies, full lists, p99"
                    .formatted(run.sizes().cookies),
                result.p99Ms(),
                Target.below(5, "ms"),
                "p50 %s ms, max %s ms"
                    .formatted(Target.number(result.p50Ms()), Target.number(result.maxMs())));
        Table table =
            run.report()
                .table(
                    "Profiles",
                    "cookies",
                    "of them asked, 200 views + 200 buys",
                    "p50 ms",
                    "p99 ms",
                    "max ms");
        table.add(
            "%,d".formatted(run.sizes().cookies),
            "%,d".formatted(full),
            Target.number(result.p50Ms()),
            Target.number(result.p99Ms()),
            Target.number(result.maxMs()));
        table.note(
            "Full lists for 1 M cookies would be 400 M events. Here %,d cookies have full lists, and only they are asked,"
                    .formatted(full)
                + " at random, %d times a second; the others have one tag each."
                    .formatted(QUERIES_PER_SECOND));
      }
    }
  }
}
