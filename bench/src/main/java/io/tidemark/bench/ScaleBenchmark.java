package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.PlainApp;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.server.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Events a second and memory over the number of shards, views and keys, and over the size of
/// events.
final class ScaleBenchmark implements Benchmark {
  /// JSON in one row, so that large events do not take for ever.
  private static final long MAX_BYTES = 2_000_000_000L;

  @Override
  public void run(Run run) throws Exception {
    PlainApp usual = PlainApp.USUAL;
    Table table =
        run.report()
            .table(
                "Events a second and memory",
                "shards",
                "views",
                "keys",
                "bytes per event",
                "M events",
                "events/s",
                "MB/s",
                "µs of CPU per event",
                "RSS MB");
    for (int shards : List.of(1, 4, 16, 64)) {
      measure(run, table, new PlainApp(shards, usual.views(), usual.keys(), usual.bytes()));
    }
    for (int views : List.of(1, 2, 4, 8)) {
      measure(run, table, new PlainApp(usual.partitions(), views, usual.keys(), usual.bytes()));
    }
    for (int keys : List.of(1_000, 10_000, 100_000, 1_000_000, 10_000_000)) {
      measure(run, table, new PlainApp(usual.partitions(), usual.views(), keys, usual.bytes()));
    }
    for (int bytes : List.of(100, 300, 1_000, 3_000, 10_000)) {
      measure(run, table, new PlainApp(usual.partitions(), usual.views(), usual.keys(), bytes));
    }
    table.note(
        "Bulk NDJSON until it is visible in all views, each row with a node of its own that has just started; the JVM warms up"
            + " within the row.");
  }

  /// Adds a row; where that fails, the row says so and the others go on.
  private static void measure(Run run, Table table, PlainApp app) throws IOException {
    long most = MAX_BYTES / app.bytes();
    // Each key is to come at least once.
    long events = Math.min(most, Math.max(run.sizes().growthEvents, keysWithin(run, app)));
    Path folder = Files.createTempDirectory(run.work(), "row-");
    String[] cells = {
      Integer.toString(app.partitions()),
      Integer.toString(app.views()),
      "%,d".formatted(app.keys()),
      "%,d".formatted(app.bytes()),
      Target.number(events / 1e6),
      "**failed**",
      "",
      "",
      ""
    };
    try {
      app.write(folder.resolve("app"));
      Path file = folder.resolve("events");
      Batches.write(file, Batches.of(app.generator(), events));
      NodeProcess.Setup setup =
          run.node(folder.resolve("app"), run.work().relativize(folder.resolve("node")).toString());
      try (NodeProcess node = setup.start();
          Batches batches = Batches.read(file)) {
        long cpu = node.stat().cpuMs();
        double seconds = new Bulk(PlainApp.STREAM, node.port()).send(batches).visibleSeconds();
        cells[5] = Target.number(events / seconds);
        cells[6] = Target.number(Files.size(file) / 1e6 / seconds);
        cells[7] = Target.number((node.stat().cpuMs() - cpu) * 1000.0 / events);
        cells[8] = Long.toString(node.stat().residentMb());
      }
      table.add(cells);
    } catch (Exception e) {
      table.add(cells);
      run.report().failed("scale: " + app, e);
    } finally {
      DataFolder.delete(folder);
    }
  }

  /// Small runs do not have all keys.
  private static long keysWithin(Run run, PlainApp app) {
    return Math.min(app.keys(), 10 * run.sizes().growthEvents);
  }
}
