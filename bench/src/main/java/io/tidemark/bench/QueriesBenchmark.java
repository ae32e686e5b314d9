package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.RawHttp;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// Queries of each kind, as many as get answered.
final class QueriesBenchmark implements Benchmark {
  private static final int CONNECTIONS = 16;
  private static final int PREPARED = 500;

  private static Map<String, BiFunction<RawHttp, SplittableRandom, byte[]>> kinds(long minutes) {
    long first = Tags.START_MS / 60_000;
    Map<String, BiFunction<RawHttp, SplittableRandom, byte[]>> kinds = new LinkedHashMap<>();
    kinds.put(
        "`POST /user_profiles` of busy cookies",
        (http, random) -> Tags.profile(http, busy(random), ""));
    kinds.put(
        "timeline, the newest 10",
        (http, random) -> http.get("/v1/timelines/profile/" + busy(random) + "?limit=10", ""));
    kinds.put(
        "`POST /aggregates`, 10 minutes",
        (http, random) -> Tags.Question.random(random, first, minutes).request(http, ""));
    kinds.put(
        "rollup by brand, 10 minutes",
        (http, random) -> {
          long from = (first + random.nextLong(Math.max(1, minutes - 10))) * 60_000;
          String range = "?from=%d&to=%d".formatted(from, from + 600_000);
          return http.get(
              "/v1/rollups/actions" + range + "&by=product_info.brand_id&where.action=BUY", "");
        });
    kinds.put(
        "table, the newest 100 of a country",
        (http, random) -> {
          String country =
              "" + (char) ('A' + random.nextInt(10)) + (char) ('A' + random.nextInt(10));
          return http.get("/v1/streams/user_tags/events?limit=100&where.country=" + country, "");
        });
    return kinds;
  }

  private static String busy(SplittableRandom random) {
    return "cookie-" + random.nextInt(499);
  }

  @Override
  public void run(Run run) throws Exception {
    long events = 2 * run.sizes().growthEvents;
    Table table =
        run.report()
            .table("Queries at saturation", "query", "answers/s", "p50 ms", "p99 ms", "refused");
    try (NodeProcess node = run.node("queries").start();
        Batches batches = Batches.of(Tags.generator(1, Tags.START_MS), events)) {
      new Bulk(Tags.STREAM, node.port()).send(batches);
      RequestLoop loop = new RequestLoop(node.port(), CONNECTIONS, 200, 0);
      for (var kind : kinds(events / 60_000).entrySet()) {
        RequestLoop.Requests requests =
            (http, connection) -> {
              SplittableRandom random = new SplittableRandom(connection);
              return IntStream.range(0, PREPARED)
                  .mapToObj(_ -> kind.getValue().apply(http, random))
                  .toList();
            };
        loop.run(requests, Math.max(1, run.sizes().warmUpSeconds / 2));
        RequestLoop.Result result = loop.run(requests, Math.max(1, run.sizes().seconds / 3));
        table.add(
            kind.getKey(),
            Target.number(result.perSecond()),
            Target.number(result.p50Ms()),
            Target.number(result.p99Ms()),
            Long.toString(result.errors()));
      }
    }
    table.note(
        "%d connections that ask again as soon as they are answered; %.1f M tags of the app `allezon`."
            .formatted(CONNECTIONS, events / 1e6));
  }
}
