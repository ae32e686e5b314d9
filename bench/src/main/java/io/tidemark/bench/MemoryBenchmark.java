package io.tidemark.bench;

import io.tidemark.bench.load.Feed;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Memory over as many events as come in an hour at 1 000 a second, with queries beside them, sent
/// faster than that; and whether it is flat by then.
final class MemoryBenchmark implements Benchmark {
  private static final int EVENTS = 4_000_000;
  private static final int RATE = 40_000;
  private static final int SAMPLES = 16;
  private static final int QUERIES_PER_SECOND = 20;

  /// How much more memory the last quarter may have than the one before.
  private static final double FLAT = 5;

  @Override
  public void run(Run run) throws Exception {
    int events = (int) Math.min(EVENTS, run.sizes().events);
    Table table = run.report().table("Memory", "M events", "RSS MB", "threads", "open files");
    List<Long> residentMb = new ArrayList<>();
    try (NodeProcess node = run.node("node").start();
        Feed feed = Feed.start(node.port(), Tags.generator(1, Tags.START_MS), RATE)) {
      RequestLoop.Requests profiles =
          (http, connection) -> {
            SplittableRandom random = new SplittableRandom(connection);
            return IntStream.range(0, 100)
                .mapToObj(_ -> Tags.profile(http, "cookie-" + random.nextInt(499), ""))
                .toList();
          };
      RequestLoop queries = new RequestLoop(node.port(), 2, 200, QUERIES_PER_SECOND);
      for (int sample = 1; sample <= SAMPLES; sample++) {
        while (feed.sent() < (long) events * sample / SAMPLES) {
          queries.run(profiles, 1);
        }
        residentMb.add(node.stat().residentMb());
        table.add(
            Target.number(feed.sent() / 1e6),
            Long.toString(node.stat().residentMb()),
            Long.toString(node.stat().threads()),
            Long.toString(node.stat().openFiles()));
      }
    }
    double last = mean(residentMb.subList(SAMPLES * 3 / 4, SAMPLES));
    double before = mean(residentMb.subList(SAMPLES / 2, SAMPLES * 3 / 4));
    run.report()
        .measured(
            "memory after %.1f M events".formatted(events / 1e6),
            residentMb.stream().mapToDouble(m -> m).max().orElseThrow(),
            Target.below(1_500, "MB RSS"),
            "at most, of %d samples; sent at %,d/s".formatted(SAMPLES, RATE));
    run.report()
        .measured(
            "how much the last quarter has more than the third",
            100 * (last - before) / before,
            Target.below(FLAT, "%"),
            "%.0f MB and %.0f MB on average".formatted(last, before));
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(v -> v).average().orElseThrow();
  }
}
