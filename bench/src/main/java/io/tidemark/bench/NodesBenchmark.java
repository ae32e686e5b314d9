package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.Broker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One node and two nodes, without copies and with them, beside one broker in a process of its own;
/// all on the same cores.
final class NodesBenchmark implements Benchmark {
  private static final Pattern ROLE = Pattern.compile("shard (user_tags/[0-9]+): \\w+ -> (\\w+)");
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int SHARDS = 8;

  @Override
  public void run(Run run) throws Exception {
    Table table =
        run.report()
            .table(
                "Nodes beside one broker",
                "nodes",
                "copies",
                "shards owned",
                "events/s",
                "µs of CPU per event",
                "RSS MB of each");
    double one = measure(run, table, 1, 0);
    double two = measure(run, table, 2, 0);
    double twice = measure(run, table, 2, 1);
    table.note("Each was sent as many events before, to warm up.");
    run.report()
        .measured(
            "two nodes beside one broker, of one node's events/s",
            100 * two / one,
            Target.atLeast(100, "%"),
            "on the same cores. Where each shard has a copy on the other node, which applies everything, too: %s %%"
                .formatted(Target.number(100 * twice / one)));
  }

  private static double measure(Run run, Table table, int count, int copies) throws Exception {
    long events = run.sizes().events;
    Path data = run.work().resolve("broker-%d-%d".formatted(count, copies));
    try (Child broker =
        Child.java(run.root(), run.work().resolve("broker.log"), Broker.class, data.toString())) {
      String bootstrap = broker.awaitLine("ready at ", READY);
      List<NodeProcess> nodes = start(run, count, copies, bootstrap);
      try (Batches warmUp = Batches.of(Tags.generator(1, Tags.START_MS), events);
          Batches batches = Batches.of(Tags.generator(2, Tags.START_MS + events), events)) {
        List<Integer> owned = awaitBalance(nodes);
        List<Integer> ports = nodes.stream().map(NodeProcess::port).toList();
        Bulk bulk = new Bulk(Tags.STREAM, ports);
        bulk.send(warmUp);
        long cpuMs = cpuMs(nodes);
        double seconds = bulk.send(batches).visibleSeconds();
        cpuMs = cpuMs(nodes) - cpuMs;
        List<String> residentMb = new ArrayList<>();
        for (NodeProcess node : nodes) {
          residentMb.add(Long.toString(node.stat().residentMb()));
        }
        table.add(
            Integer.toString(count),
            Integer.toString(copies),
            owned.toString(),
            Target.number(events / seconds),
            Target.number(cpuMs * 1000.0 / events),
            String.join(", ", residentMb));
        return events / seconds;
      } finally {
        nodes.forEach(NodeProcess::close);
      }
    }
  }

  private static long cpuMs(List<NodeProcess> nodes) throws IOException {
    long ms = 0;
    for (NodeProcess node : nodes) {
      ms += node.stat().cpuMs();
    }
    return ms;
  }

  /// Starts nodes at the same time: each is ready when all shards are placed.
  private static List<NodeProcess> start(Run run, int count, int copies, String bootstrap)
      throws IOException {
    List<Future<NodeProcess>> starting = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < count; n++) {
        NodeProcess.Setup setup =
            run.node("node-%d-of-%d-%d".formatted(n, count, copies))
                .with("--kafka", bootstrap, "--standbys", Integer.toString(copies));
        starting.add(threads.submit(setup::start));
      }
    }
    List<NodeProcess> nodes =
        starting.stream()
            .filter(node -> node.state() == Future.State.SUCCESS)
            .map(Future::resultNow)
            .toList();
    if (nodes.size() < count) {
      nodes.forEach(NodeProcess::close);
      throw new IOException("%d of %d nodes did not start".formatted(count - nodes.size(), count));
    }
    return nodes;
  }

  /// Waits until each node owns shards, and all are owned, and says how many each has.
  private static List<Integer> awaitBalance(List<NodeProcess> nodes)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    while (true) {
      List<Integer> owned = new ArrayList<>();
      for (NodeProcess node : nodes) {
        owned.add(owned(node));
      }
      if (!owned.contains(0) && owned.stream().mapToInt(o -> o).sum() == SHARDS) {
        return owned;
      } else if (System.nanoTime() > deadline) {
        throw new IOException("shards are not balanced: " + owned);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /// How many shards are the node's own, as its log says.
  private static int owned(NodeProcess node) throws IOException {
    Map<String, String> roles = new HashMap<>();
    Matcher change = ROLE.matcher(Files.readString(node.log()));
    while (change.find()) {
      roles.put(change.group(1), change.group(2));
    }
    return (int) roles.values().stream().filter("ACTIVE"::equals).count();
  }
}
