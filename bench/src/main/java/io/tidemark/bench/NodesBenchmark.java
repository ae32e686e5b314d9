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

/// One node and two nodes beside one broker in a process of its own, on the same cores.
final class NodesBenchmark implements Benchmark {
  private static final Pattern ROLE = Pattern.compile("shard (user_tags/[0-9]+): \\w+ -> (\\w+)");
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int SHARDS = 8;

  @Override
  public void run(Run run) throws Exception {
    Table table =
        run.report()
            .table(
                "Nodes beside one broker", "nodes", "shards owned", "events/s", "RSS MB of each");
    double one = measure(run, table, 1);
    double two = measure(run, table, 2);
    table.note("Each was sent as many events before, to warm up.");
    run.report()
        .measured(
            "two nodes beside one broker, of one node's events/s",
            100 * two / one,
            Target.atLeast(100, "%"),
            "on the same cores; each shard has a copy on the other node, which applies everything, too");
  }

  private static double measure(Run run, Table table, int count) throws Exception {
    long events = run.sizes().growthEvents;
    Path data = run.work().resolve("broker-" + count);
    try (Child broker =
        Child.java(run.root(), run.work().resolve("broker.log"), Broker.class, data.toString())) {
      String bootstrap = broker.awaitLine("ready at ", READY);
      List<NodeProcess> nodes = start(run, count, bootstrap);
      try (Batches warmUp = Batches.of(Tags.generator(1, Tags.START_MS), events);
          Batches batches = Batches.of(Tags.generator(2, Tags.START_MS + events), events)) {
        List<Integer> owned = awaitBalance(nodes);
        List<Integer> ports = nodes.stream().map(NodeProcess::port).toList();
        Bulk bulk = new Bulk(Tags.STREAM, ports);
        bulk.send(warmUp);
        double seconds = bulk.send(batches).visibleSeconds();
        List<String> residentMb = new ArrayList<>();
        for (NodeProcess node : nodes) {
          residentMb.add(Long.toString(node.stat().residentMb()));
        }
        table.add(
            Integer.toString(count),
            owned.toString(),
            Target.number(events / seconds),
            String.join(", ", residentMb));
        return events / seconds;
      } finally {
        nodes.forEach(NodeProcess::close);
      }
    }
  }

  /// Starts nodes at the same time: each is ready when all shards are placed.
  private static List<NodeProcess> start(Run run, int count, String bootstrap) throws IOException {
    List<Future<NodeProcess>> starting = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < count; n++) {
        NodeProcess.Setup setup =
            run.node("node-%d-of-%d".formatted(n, count)).with("--kafka", bootstrap);
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
