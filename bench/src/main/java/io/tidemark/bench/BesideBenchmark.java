package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.DayApp;
import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.load.Metrics;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.process.PeakMemory;
import io.tidemark.bench.report.Progress;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.S3;
import io.tidemark.server.node.DataFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The rate of a bulk beside what goes on in the background: alone, beside merging and archiving of
/// what was there before, and while a new view is filled from it. Each bulk has a node of its own
/// that begins with a copy of the same data; the three take turns, so that noise shows.
final class BesideBenchmark implements Benchmark {
  private static final Duration QUIET = Duration.ofMinutes(30);
  private static final Duration FILLED = Duration.ofHours(1);
  private static final int WARM_UP = 4;

  /// What was there before is of half a day, from noon on: files of one day are merged when events
  /// of the next one come.
  private static final long BEFORE_MS = DayTags.DAY_MS / 2;

  /// Events of the next day, some for each shard.
  private static final int NEXT_DAY = 5_000;

  /// What is to remain of the rate, in percent.
  private static final double REMAINS = 80;

  /// What goes on beside a bulk.
  private enum Beside {
    NOTHING("nothing that was there before"),
    KEEPING("merging and archiving"),
    FILLING("filling a new view");

    private final String title;

    Beside(String title) {
      this.title = title;
    }
  }

  /// One bulk.
  ///
  /// @param perSecond events visible a second
  /// @param seconds how long it took
  /// @param residentMb the most there was
  private record Window(
      double perSecond, double seconds, Background background, long residentMb, double cpuMicros) {}

  /// Apps and data that bulks begin with.
  ///
  /// @param loaded with files of a day that is over, none of them merged
  /// @param quiet with nothing to be merged any more
  private record Start(
      Path app, Path appOfNewView, Path loaded, Path quiet, Path warmUp, Path bulk) {}

  @Override
  public void run(Run run) throws Exception {
    Start start = prepare(run);
    Table table =
        run.report()
            .table(
                "Beside a bulk",
                "round",
                "beside",
                "events/s",
                "µs of CPU per event",
                "merges",
                "MB/s merged",
                "MB/s archived",
                "events/s filled",
                "M left",
                "RSS MB at most");
    Map<Beside, List<Window>> windows = new EnumMap<>(Beside.class);
    double fillingAlone = 0;
    Beside[] all = Beside.values();
    for (int round = 0; round < run.sizes().rounds; round++) {
      for (int i = 0; i < all.length; i++) {
        Beside beside = all[(round + i) % all.length];
        boolean last = round == run.sizes().rounds - 1;
        Path data = copy(beside == Beside.KEEPING ? start.loaded() : start.quiet(), run.work());
        try (Node node = node(run, start, beside, data)) {
          Window window = bulk(run, start, node.process());
          windows.computeIfAbsent(beside, _ -> new ArrayList<>()).add(window);
          add(table, round, beside, window);
          if (beside == Beside.FILLING && last) {
            fillingAlone = fillingAlone(node.process());
          }
        }
        DataFolder.delete(data);
      }
    }
    table.note(
        "%.1f M events of half a day were there before; each bulk has %.1f M events, and %.1f M before to warm up. The archive is %s. Left is what is not archived, or filled, when the bulk ends."
            .formatted(
                run.sizes().backlog / 1e6,
                run.sizes().window / 1e6,
                (double) run.sizes().window / WARM_UP / 1e6,
                run.sizes().archive == Sizes.Archive.s3
                    ? "an S3 server on the same cores"
                    : "a folder"));
    verdicts(run, windows, fillingAlone);
  }

  /// A node, and the S3 server that it archives to.
  private record Node(NodeProcess process, List<S3> servers) implements AutoCloseable {
    @Override
    public void close() {
      process.close();
      servers.forEach(S3::close);
    }
  }

  private static Start prepare(Run run) throws IOException, InterruptedException {
    Path work = run.work();
    DayApp app = new DayApp("{ hot: 30d, archive: 365d }", List.of());
    DayApp more = new DayApp(app.retain(), List.of(DayApp.COUNTRIES));
    Start start =
        new Start(
            app.write(run.root(), work.resolve("app")),
            more.write(run.root(), work.resolve("app-of-new-view")),
            work.resolve("loaded"),
            work.resolve("quiet"),
            work.resolve("warm-up"),
            work.resolve("bulk"));
    DayTags day = new DayTags(run.sizes().backlog, 1, BEFORE_MS);
    Progress progress = new Progress("events before", day.count());
    Supplier<DayTags.Row> rows = progress.of(day.rows());
    Supplier<String> tags = Tags.generator(2, Tags.START_MS + BEFORE_MS);
    try (NodeProcess node = run.node(start.app(), "loaded").start();
        Batches before = Batches.of(() -> rows.get().json(), day.count());
        Batches after = Batches.of(tags, NEXT_DAY)) {
      Bulk bulk = new Bulk(Tags.STREAM, node.port());
      bulk.send(before);
      double _ = progress.end();
      long inFiles = Sealed.await(node, day.count(), run.sizes().sealSeconds);
      System.out.printf("%,d of %,d rows are in files%n", inFiles, day.count());
      // The stop writes them to files.
      bulk.send(after);
    }
    copyTree(start.loaded(), start.quiet());
    try (NodeProcess node = run.node(start.app(), "quiet").start()) {
      node.awaitQuiet(QUIET);
      System.out.printf(
          "%.0f merges of what was there before%n",
          Metrics.sum(node.port(), "tidemark_compaction_seconds_count"));
    }
    long window = run.sizes().window;
    Batches.write(start.warmUp(), Batches.of(tags, window / WARM_UP));
    Batches.write(start.bulk(), Batches.of(tags, window));
    return start;
  }

  private static Node node(Run run, Start start, Beside beside, Path data)
      throws IOException, InterruptedException {
    Path app = beside == Beside.FILLING ? start.appOfNewView() : start.app();
    NodeProcess.Setup setup = new NodeProcess.Setup(run.root(), app, data, List.of(), "");
    if (beside != Beside.KEEPING) {
      return new Node(setup.start(), List.of());
    }
    // In the folder of the data, so that it goes with it.
    Path archive = Files.createDirectories(data.resolve("bench-archive"));
    if (run.sizes().archive == Sizes.Archive.folder) {
      return new Node(setup.with("--archive", archive.toString()).start(), List.of());
    }
    S3 server = S3.start(run.root(), archive, run.work().resolve("s3.log"));
    try {
      NodeProcess.Setup toServer =
          setup.with("--archive", server.address()).withJava(server.javaOptions());
      return new Node(toServer.start(), List.of(server));
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static Window bulk(Run run, Start start, NodeProcess node)
      throws IOException, InterruptedException {
    long events = run.sizes().window;
    try (PeakMemory memory = new PeakMemory(node.stat());
        Batches warmUp = Batches.read(start.warmUp());
        Batches batches = Batches.read(start.bulk())) {
      Bulk sender = new Bulk(Tags.STREAM, node.port());
      sender.send(warmUp);
      Background before = Background.of(node);
      long cpu = node.stat().cpuMs();
      Bulk.Result result = sender.send(batches);
      double cpuMicros = (node.stat().cpuMs() - cpu) * 1000.0 / events;
      return new Window(
          events / result.visibleSeconds(),
          result.visibleSeconds(),
          Background.of(node).since(before),
          memory.megabytes(),
          cpuMicros);
    }
  }

  /// How fast the rest is filled with nothing else to do, in events a second.
  private static double fillingAlone(NodeProcess node) throws IOException, InterruptedException {
    long start = System.nanoTime();
    double before = Metrics.sum(node.port(), "tidemark_shard_backfill_left");
    double left = before;
    while (left > 0 && System.nanoTime() - start < FILLED.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(500);
      left = Metrics.sum(node.port(), "tidemark_shard_backfill_left");
    }
    return (before - left) / ((System.nanoTime() - start) / 1e9);
  }

  private static void add(Table table, int round, Beside beside, Window window) {
    Background done = window.background();
    double seconds = window.seconds();
    double left =
        switch (beside) {
          case NOTHING -> 0;
          case KEEPING -> done.unarchived();
          case FILLING -> done.unfilled();
        };
    table.add(
        Integer.toString(round + 1),
        beside.title,
        Target.number(window.perSecond()),
        Target.number(window.cpuMicros()),
        Target.number(done.merged()),
        Target.number(done.mergedBytes() / 1e6 / seconds),
        Target.number(done.archivedBytes() / 1e6 / seconds),
        Target.number(Math.rint(done.filled() / seconds)),
        Target.number(left / 1e6),
        Long.toString(window.residentMb()));
  }

  /// Compares the two bulks of each round, and says the median of that.
  private static void verdicts(Run run, Map<Beside, List<Window>> windows, double fillingAlone) {
    List<Window> alone = windows.getOrDefault(Beside.NOTHING, List.of());
    for (Beside beside : List.of(Beside.KEEPING, Beside.FILLING)) {
      List<Window> other = windows.getOrDefault(beside, List.of());
      List<Double> shares = new ArrayList<>();
      for (int round = 0; round < Math.min(alone.size(), other.size()); round++) {
        shares.add(100 * other.get(round).perSecond() / alone.get(round).perSecond());
      }
      shares.sort(null);
      String more =
          beside == Beside.FILLING
              ? "; with nothing else to do %s events/s are filled"
                  .formatted(Target.number(fillingAlone))
              : "";
      run.report()
          .measured(
              "bulk beside %s, of its rate beside nothing".formatted(beside.title),
              shares.get(shares.size() / 2),
              Target.atLeast(REMAINS, "%"),
              "%s events/s beside nothing, %s beside it; from %s to %s %%%s"
                  .formatted(
                      rates(alone),
                      rates(other),
                      Target.number(shares.getFirst()),
                      Target.number(shares.getLast()),
                      more));
    }
  }

  private static String rates(List<Window> windows) {
    return String.join(", ", windows.stream().map(w -> Target.number(w.perSecond())).toList());
  }

  private static Path copy(Path data, Path work) throws IOException {
    Path copy = work.resolve("data");
    copyTree(data, copy);
    return copy;
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(
          file -> {
            try {
              Files.copy(file, to.resolve(from.relativize(file)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
