package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Feed;
import io.tidemark.bench.load.RawHttp;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.BareServer;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Profiles with full lists, beside events that come in.
final class ProfilesBenchmark implements Benchmark {
  private static final int FEED = 1_000;
  private static final int QUERIES_PER_SECOND = 100;
  private static final int CONNECTIONS = 8;
  private static final int PREPARED = 1_000;
  private static final Duration READY = Duration.ofSeconds(30);

  @Override
  public void run(Run run) throws Exception {
    int full = run.sizes().fullCookies;
    long events = 400L * full + Math.max(0, run.sizes().cookies - full);
    // They go on where the bulk ended.
    long next = Tags.START_MS + events;
    RequestLoop.Result result;
    int answerBytes;
    try (NodeProcess node = run.node("node").start()) {
      try (Batches batches = Batches.of(Tags.fullLists(full), events)) {
        new Bulk(Tags.STREAM, node.port()).send(batches);
      }
      try (RawHttp http = new RawHttp("127.0.0.1", node.port())) {
        int status = http.send(Tags.profile(http, Tags.full(0), ""));
        answerBytes = http.body().length();
        if (status != 200) {
          throw new IllegalStateException("a profile: %d %s".formatted(status, http.body()));
        }
      }
      node.awaitQuiet();
      result = measure(run, node.port(), next);
    }
    RequestLoop.Result bare;
    try (Child server =
        Child.java(
            run.root(),
            run.work().resolve("bare.log"),
            BareServer.class,
            Integer.toString(answerBytes))) {
      int port = Integer.parseInt(server.awaitLine("ready at http://127.0.0.1:", READY));
      bare = measure(run, port, next);
    }
    run.report()
        .measured(
            "profile query beside 1 000 events/s, %,d cookies, full lists, p99"
                .formatted(run.sizes().cookies),
            result.p99Ms(),
            Target.below(5, "ms"),
            "p50 %s ms, max %s ms; the same HTTP server answering as many bytes: p50 %s ms, p99 %s ms"
                .formatted(
                    Target.number(result.p50Ms()),
                    Target.number(result.maxMs()),
                    Target.number(bare.p50Ms()),
                    Target.number(bare.p99Ms())));
    Table table = run.report().table("Profiles", "", "p50 ms", "p99 ms", "max ms");
    result.addTo(table, "Tidemark");
    bare.addTo(table, "HTTP server alone");
    table.note(
        "Full lists for 1 M cookies would be 400 M events. Here %,d of %,d cookies have full lists,"
                .formatted(full, run.sizes().cookies)
            + " 200 views and 200 buys, and only they are asked, at random, %d times a second; the"
                .formatted(QUERIES_PER_SECOND)
            + " others have one tag each. They are asked once the node has written and merged what it"
            + " was sent. An answer has %,d bytes. The HTTP server alone reads the"
                .formatted(answerBytes)
            + " same events and forgets them, and always answers the same.");
  }

  private static RequestLoop.Result measure(Run run, int port, long nextMs)
      throws IOException, InterruptedException {
    int full = run.sizes().fullCookies;
    RequestLoop.Requests profiles =
        (http, connection) -> {
          SplittableRandom random = new SplittableRandom(connection);
          return IntStream.range(0, PREPARED)
              .mapToObj(_ -> Tags.profile(http, Tags.full(random.nextInt(full)), ""))
              .toList();
        };
    RequestLoop loop = new RequestLoop(port, CONNECTIONS, 200, QUERIES_PER_SECOND);
    try (Feed _ = Feed.start(port, Tags.generator(3, nextMs), FEED)) {
      loop.run(profiles, run.sizes().warmUpSeconds);
      RequestLoop.Result result = loop.run(profiles, run.sizes().seconds);
      if (result.errors() > 0) {
        throw new IllegalStateException(result.errors() + " queries failed");
      }
      return result;
    }
  }
}
