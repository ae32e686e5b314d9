package io.tidemark.bench;

import io.tidemark.bench.load.Feed;
import io.tidemark.bench.load.Freshness;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// A long time at a rate, with queries and restarts: memory, files, threads and latencies are the
/// same in the end.
final class SoakBenchmark implements Benchmark {
  /// Stretches between restarts.
  private static final int STRETCHES = 4;

  private static final int SAMPLES_OF_A_STRETCH = 10;
  private static final int QUERIES_PER_SECOND = 50;
  private static final int CONNECTIONS = 4;
  private static final int PREPARED = 500;

  /// By how much, in percent, the last stretch may be worse than those between it and the first.
  private static final double FLAT = 15;

  private static final double FLAT_LATENCY = 50;

  /// Latencies below this are as good as one another.
  private static final double FAST_MS = 10;

  /// What was seen in a while.
  ///
  /// @param stretch since which start of the node, from 0
  private record Sample(
      int stretch,
      double residentMb,
      double files,
      double threads,
      double profileMs,
      double freshMs) {}

  @Override
  public void run(Run run) throws Exception {
    Table table =
        run.report()
            .table(
                "Soak at %,d events/s for %d minutes"
                    .formatted(run.sizes().rate, run.sizes().minutes),
                "start",
                "minute",
                "M events",
                "events/s",
                "RSS MB",
                "open files",
                "threads",
                "profile p99 ms",
                "freshness p99 ms",
                "disk MB");
    List<Sample> samples = new ArrayList<>();
    NodeProcess.Setup setup = run.node("node");
    NodeProcess node = setup.start();
    long start = System.nanoTime();
    int each = Math.max(2, run.sizes().minutes * 60 / STRETCHES / SAMPLES_OF_A_STRETCH);
    try (Feed feed =
        Feed.start(node.port(), Tags.generator(1, System.currentTimeMillis()), run.sizes().rate)) {
      for (int stretch = 0; stretch < STRETCHES; stretch++) {
        if (stretch > 0) {
          node.stop();
          node = setup.start();
          feed.moveTo(node.port());
        }
        for (int i = 0; i < SAMPLES_OF_A_STRETCH; i++) {
          samples.add(sample(table, node, feed, stretch, each, start));
        }
      }
    } finally {
      node.close();
    }
    verdict(run, "RSS", samples, Sample::residentMb, FLAT, 0);
    verdict(run, "open files", samples, Sample::files, FLAT, 0);
    verdict(run, "threads", samples, Sample::threads, FLAT, 0);
    verdict(run, "p99 of profiles", samples, Sample::profileMs, FLAT_LATENCY, FAST_MS);
    verdict(run, "p99 of freshness", samples, Sample::freshMs, FLAT_LATENCY, FAST_MS);
  }

  private static Sample sample(
      Table table, NodeProcess node, Feed feed, int stretch, int seconds, long start)
      throws IOException, InterruptedException {
    long sent = feed.sent();
    long began = System.nanoTime();
    RequestLoop.Requests profiles =
        (http, connection) -> {
          SplittableRandom random = new SplittableRandom(connection);
          return IntStream.range(0, PREPARED)
              .mapToObj(_ -> Tags.profile(http, "cookie-" + random.nextInt(499), ""))
              .toList();
        };
    RequestLoop loop = new RequestLoop(node.port(), CONNECTIONS, 200, QUERIES_PER_SECOND);
    RequestLoop.Result queries;
    Freshness.Result fresh;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Freshness.Result> probes =
          threads.submit(() -> new Freshness(node.port()).probe(seconds));
      queries = loop.run(profiles, seconds);
      fresh = probes.get();
    } catch (ExecutionException e) {
      throw new IOException("a probe failed: " + e.getCause(), e);
    }
    if (queries.errors() > 0) {
      throw new IOException(queries.errors() + " queries failed");
    }
    Sample sample =
        new Sample(
            stretch,
            (double) node.stat().residentMb(),
            (double) node.stat().openFiles(),
            (double) node.stat().threads(),
            queries.p99Ms(),
            fresh.p99Ms());
    table.add(
        Integer.toString(stretch + 1),
        "%.1f".formatted((System.nanoTime() - start) / 60e9),
        Target.number(feed.sent() / 1e6),
        Target.number((feed.sent() - sent) / ((System.nanoTime() - began) / 1e9)),
        Target.number(sample.residentMb()),
        Target.number(sample.files()),
        Target.number(sample.threads()),
        Target.number(sample.profileMs()),
        Target.number(sample.freshMs()),
        Target.number(node.bytes(".") / 1e6));
    return sample;
  }

  /// Compares the last stretch with those between it and the first, in which much is new.
  ///
  /// @param floor values below it count as it
  private static void verdict(
      Run run,
      String what,
      List<Sample> samples,
      ToDoubleFunction<Sample> value,
      double flat,
      double floor) {
    double last = mean(samples, value, STRETCHES - 1, STRETCHES, floor);
    double before = mean(samples, value, 1, STRETCHES - 1, floor);
    run.report()
        .measured(
            "soak: " + what + ", growth in the last quarter",
            100 * (last - before) / before,
            Target.below(flat, "%"),
            "%s, before it %s".formatted(Target.number(last), Target.number(before)));
  }

  /// Of the second half of each stretch: after a start, memory and latencies settle first.
  private static double mean(
      List<Sample> samples, ToDoubleFunction<Sample> value, int from, int to, double floor) {
    return IntStream.range(0, samples.size())
        .filter(i -> i % SAMPLES_OF_A_STRETCH >= SAMPLES_OF_A_STRETCH / 2)
        .mapToObj(samples::get)
        .filter(s -> s.stretch() >= from && s.stretch() < to)
        .mapToDouble(s -> Math.max(floor, value.applyAsDouble(s)))
        .average()
        .orElseThrow();
  }
}
