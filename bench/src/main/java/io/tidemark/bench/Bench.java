package io.tidemark.bench;

import io.tidemark.server.allezon.AllezonTools;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools.LoadOptions;
import io.tidemark.server.node.DataFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Measures a node from end to end and writes docs/benchmarks.md. The load runs on the same cores.
public final class Bench {
  private static final int BATCH = 5_000;

  /// For the JVM to have compiled what is hot; on two cores it takes that long.
  private static final int WARM_UP_SECONDS = 25;

  private Bench() {}

  /// @param args the project's folder, and how many events the bulk has, in thousands
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]).toAbsolutePath();
    long events = Long.parseLong(args[1]) * 1_000;
    Path work = Files.createTempDirectory("tidemark-bench-");
    Results results = new Results();
    Path tags = work.resolve("tags");
    System.out.println("making " + events + " tags …");
    // They end where the load that comes after them begins.
    TagFile.write(tags, events, BATCH, System.currentTimeMillis() - 1_800_000 - events);
    Path data = work.resolve("data");
    try (NodeProcess node = NodeProcess.start(root, data)) {
      results.add("start to ready, empty", ms(node.readyMs()), "< 6 s", "");
      bulk(node, tags, events, results);
      disk(node, events, results);
      results.add("stop (Ctrl-C)", ms(node.stop()), "< 5 s", "");
    }
    String beside;
    try (NodeProcess node = NodeProcess.start(root, data)) {
      results.add("restart to ready with that data", ms(node.readyMs()), "< 10 s", "");
      beside = load(node, false, results);
    }
    String verified;
    try (NodeProcess node = NodeProcess.start(root, work.resolve("data2"))) {
      single(node, results);
    }
    try (NodeProcess node = NodeProcess.start(root, work.resolve("data4"), "--sync", "always")) {
      SingleEvents.run(node.port(), WARM_UP_SECONDS);
      SingleEvents.Result forced = SingleEvents.run(node.port(), 20);
      results.add(
          "  with --sync always",
          Results.number(forced.perSecond()) + "/s",
          "",
          "p99 %.2f ms, errors: %d".formatted(forced.p99Ms(), forced.errors()));
    }
    try (NodeProcess node = NodeProcess.start(root, work.resolve("data3"))) {
      verified = load(node, true, results);
    }
    write(root, events, results, beside, verified);
    DataFolder.delete(work);
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
  }

  private static void disk(NodeProcess node, long events, Results results) throws IOException {
    double sealed;
    try (NodeClient client = new NodeClient(node.base())) {
      sealed =
          client
              .get("/metrics")
              .body()
              .lines()
              .filter(line -> line.startsWith("tidemark_shard_sealed_offset"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .sum();
    }
    results.add(
        "disk per event that is in files, log aside",
        Results.number(node.bytes("shards") / sealed) + " bytes",
        "< 80 bytes",
        "log: %s bytes".formatted(Results.number(node.bytes("log") / (double) events)));
  }

  private static void single(NodeProcess node, Results results)
      throws IOException, InterruptedException {
    SingleEvents.run(node.port(), WARM_UP_SECONDS);
    SingleEvents.Result tidemark = SingleEvents.run(node.port(), 20);
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
      SingleEvents.run(port, WARM_UP_SECONDS);
      SingleEvents.Result yardstick = SingleEvents.run(port, 20);
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

  private static String load(NodeProcess node, boolean verify, Results results)
      throws InterruptedException {
    StringWriter text = new StringWriter();
    try (NodeClient client = new NodeClient(node.base())) {
      var result =
          new AllezonTools()
              .load(
                  client,
                  new LoadOptions(1_000, 100, Duration.ofSeconds(verify ? 60 : 120), 1, verify, 64),
                  new PrintWriter(text));
      results.add(
          "1 000 tags/s and 100 profiles/s" + (verify ? ", verified" : ""),
          (verify ? result.mismatches() + " mismatches, " : "") + result.errors() + " errors",
          "0",
          "memory: " + node.residentMb() + " MB");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String all = text.toString();
    return all.substring(all.indexOf("\n\n") + 1).strip();
  }

  private static void write(Path root, long events, Results results, String beside, String verified)
      throws IOException {
    String text =
        """
        # Benchmarks

        Measured on %s by `bench/run %d` on %s, with the load generator on the same cores. The node is
        started as a user starts it: broker, shards and HTTP server in one process. Single events
        and the bare server are each given %d s to warm up.

        %s
        Latencies of `tidemark load apps/allezon` beside the bulk's data, asking for full lists: 1 000 tags/s, 100 profiles/s
        and 1 aggregate/s for two minutes after a restart. They count from when a request was due:

        ```text
        %s
        ```

        The same with `--verify` on an empty node. Each query carries the mark of everything
        acknowledged so far and is compared with what had been sent, so its latency contains the time until
        the newest event is visible:

        ```text
        %s
        ```
        """
            .formatted(
                Machine.describe(),
                events / 1_000,
                LocalDate.now(ZoneOffset.UTC),
                WARM_UP_SECONDS,
                results.markdown(),
                beside,
                verified);
    Files.writeString(root.resolve("docs/benchmarks.md"), text);
    System.out.println(beside + "\n" + verified + "\nwritten to docs/benchmarks.md");
  }
}
