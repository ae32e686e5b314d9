package io.tidemark.bench;

import io.tidemark.server.allezon.AllezonTools;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools.LoadOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Measures a node from end to end and writes docs/benchmarks.md. The load runs on the same cores.
public final class Bench {
  private static final int BATCH = 5_000;

  private Bench() {}

  /// @param args the project's folder, and how many events the bulk has, in thousands
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]).toAbsolutePath();
    long events = Long.parseLong(args[1]) * 1_000;
    Path work = Files.createTempDirectory("tidemark-bench-");
    Results results = new Results();
    Path tags = work.resolve("tags");
    System.out.println("making " + events + " tags …");
    TagFile.write(tags, events, BATCH);
    Path data = work.resolve("data");
    try (NodeProcess node = NodeProcess.start(root, data)) {
      results.add("start to ready, empty", ms(node.readyMs()), "< 6 s", "");
      bulk(node, tags, events, results);
      single(node, results);
      results.add("stop (Ctrl-C)", ms(node.stop()), "< 5 s", "");
    }
    try (NodeProcess node = NodeProcess.start(root, data)) {
      results.add("restart to ready with that data", ms(node.readyMs()), "< 10 s", "");
    }
    String load;
    try (NodeProcess node = NodeProcess.start(root, work.resolve("data2"))) {
      load = load(node, results);
    }
    write(root, events, results, load);
  }

  private static String ms(long ms) {
    return ms + " ms";
  }

  private static void bulk(NodeProcess node, Path tags, long events, Results results)
      throws IOException, InterruptedException {
    long cpu = node.cpuMs();
    Bulk.Result bulk = Bulk.run(node.port(), tags);
    results.add(
        "bulk NDJSON → visible in all views, " + events / 1_000_000.0 + " M events",
        Results.number(events / bulk.visibleSeconds()) + " events/s",
        "≥ 60 000 events/s",
        "acknowledged at %s events/s; %.1f µs of CPU per event in the node"
            .formatted(
                Results.number(events / bulk.acknowledgedSeconds()),
                (node.cpuMs() - cpu) * 1000.0 / events));
    results.add("memory (RSS) after the bulk", node.residentMb() + " MB", "< 1 500 MB", "");
    results.add(
        "disk per event, log aside, after the bulk",
        Results.number(node.bytes("shards") / (double) events) + " bytes",
        "< 80 bytes",
        "log: %s bytes".formatted(Results.number(node.bytes("log") / (double) events)));
  }

  private static void single(NodeProcess node, Results results)
      throws IOException, InterruptedException {
    SingleEvents.run(node.port(), 5);
    SingleEvents.Result tidemark = SingleEvents.run(node.port(), 15);
    Process bare =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                BareServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(bare.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
      SingleEvents.run(port, 5);
      SingleEvents.Result yardstick = SingleEvents.run(port, 10);
      results.add(
          "single POST /user_tags, 64 connections",
          Results.number(tidemark.perSecond()) + "/s",
          "≥ 15 000/s",
          "bare HTTP server %s/s: %.0f %%"
              .formatted(
                  Results.number(yardstick.perSecond()),
                  100 * tidemark.perSecond() / yardstick.perSecond()));
      results.add(
          "  its p99",
          Results.number(tidemark.p99Ms()) + " ms",
          "",
          "errors: " + tidemark.errors());
    } finally {
      bare.destroyForcibly();
    }
  }

  private static String load(NodeProcess node, Results results) throws InterruptedException {
    StringWriter text = new StringWriter();
    try (NodeClient client = new NodeClient(node.base())) {
      var result =
          new AllezonTools()
              .load(
                  client,
                  new LoadOptions(1_000, 100, Duration.ofSeconds(60), 1, true, 64),
                  new PrintWriter(text));
      results.add(
          "queries beside 1 000 tags/s and 100 profiles/s, verified",
          result.mismatches() + " mismatches",
          "0",
          "errors: " + result.errors());
    }
    String all = text.toString();
    return all.substring(all.indexOf("\n\n") + 1).strip();
  }

  private static void write(Path root, long events, Results results, String load)
      throws IOException {
    String text =
        """
        # Benchmarks

        Measured on %s by `bench/run %d` on %s, with the load generator on the same cores. The node is
        started as a user starts it: broker, shards and HTTP server in one process.

        %s
        `tidemark load apps/allezon --verify`: 1 000 tags/s, 100 profiles/s and 1 aggregate/s for a
        minute; latencies count from when a request was due, and every answer was compared with what
        had been sent:

        ```text
        %s
        ```
        """
            .formatted(
                Machine.describe(),
                events / 1_000,
                LocalDate.now(ZoneOffset.UTC),
                results.markdown(),
                load);
    Files.writeString(root.resolve("docs/benchmarks.md"), text);
    System.out.println(load);
    System.out.println("written to docs/benchmarks.md");
  }
}
