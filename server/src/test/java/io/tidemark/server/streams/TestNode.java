package io.tidemark.server.streams;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.Shapes;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.shard.CompactionPolicy;
import io.tidemark.shard.Counts;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A node for tests: a host of the shards of [Readings] on a disk in memory.
final class TestNode implements AutoCloseable {
  static final ShardSpec.Limits LIMITS =
      new ShardSpec.Limits(5_000, 64 << 20, 60_000, 200_000, CompactionPolicy.DEFAULT);

  final StreamSpec stream;
  final HostInfo self;
  final ShardHost host;
  final RecordedMetrics metrics = new RecordedMetrics();

  TestNode(String bootstrap, StreamSpec stream, Path folder, MemoryDisk disk, int port) {
    this(bootstrap, stream, folder, disk, port, LIMITS, InstantSource.system());
  }

  TestNode(
      String bootstrap,
      StreamSpec stream,
      Path folder,
      MemoryDisk disk,
      int port,
      ShardSpec.Limits limits,
      InstantSource clock) {
    this(bootstrap, stream, folder, disk, port, limits, clock, Shapes.NO_OTHERS);
  }

  TestNode(
      String bootstrap,
      StreamSpec stream,
      Path folder,
      MemoryDisk disk,
      int port,
      ShardSpec.Limits limits,
      InstantSource clock,
      Shapes shapes) {
    this.stream = stream;
    this.self = new HostInfo("localhost", port);
    this.host =
        new ShardHost(
            Readings.catalog(stream),
            new HostOptions(
                bootstrap,
                "test",
                self,
                folder,
                1,
                HostOptions.DEFAULT_STANDBYS,
                HostOptions.DEFAULT_TAIL_BUDGET_BYTES,
                Duration.ofSeconds(2),
                Duration.ofSeconds(20),
                LogForce.NOT_HERE,
                _ -> true,
                Optional.empty()),
            UnaryOperator.identity(),
            (name, partition, log, thorough) ->
                Shard.open(
                    new ShardSpec(stream, List.of(Readings.rollup()), partition, limits, shapes),
                    disk.storage(new StreamPartition(name, partition)),
                    log,
                    thorough),
            clock,
            metrics);
    host.start();
  }

  List<Integer> all() {
    return IntStream.range(0, stream.partitions()).boxed().toList();
  }

  /// The events that this node's active shards have applied, duplicates, gaps and all.
  Counts counts() {
    long events = 0;
    long gap = 0;
    long malformed = 0;
    for (ShardHost.LocalShard local : host.locals()) {
      if (local.role() == Role.ACTIVE) {
        Counts c = local.shard().counts();
        events += c.events();
        gap += c.gap();
        malformed += c.malformed();
      }
    }
    return new Counts(events, 0, 0, malformed, gap, 0);
  }

  /// What a rollup over everything says.
  record Totals(long count, long sum) {}

  static Totals totals(Shards shards, List<Integer> partitions, Mark after, Duration patience)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    ShardQuery query = Readings.question();
    Groups groups = new Rollup(Readings.rollup(), Readings.TYPE).answer(Readings.everything());
    for (Partial partial : shards.ask(Readings.STREAM, partitions, query, after, deadline)) {
      groups.merge(((Partial.OfRollup) partial).groups());
    }
    return totals(groups);
  }

  static Totals totals(Groups groups) {
    if (groups.count() == 0) {
      return new Totals(0, 0);
    }
    Number count = groups.result(0, 0);
    Number sum = groups.result(0, 1);
    return new Totals(count == null ? 0 : count.longValue(), sum == null ? 0 : sum.longValue());
  }

  Totals totals(Mark after) throws Exception {
    return totals(new NodeShards(host), all(), after, Duration.ofSeconds(20));
  }

  TestNode awaitReady() throws Exception {
    await("ready: " + self, Duration.ofSeconds(60), host::isReady);
    return this;
  }

  /// Waits for a condition; says of what, and how far it came, where it does not come true.
  static void await(String what, Duration patience, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + patience.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Override
  public void close() {
    host.close();
  }
}
