package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIT {
  private static final int PARTITIONS = 6;

  @TempDir Path folder;

  /// The nodes that can be reached; a request to another fails as one over a network would.
  private final Map<HostInfo, ShardHost> reachable = new ConcurrentHashMap<>();

  private final Peers peers =
      (node, stream, partitions, query, after, deadline) -> {
        ShardHost host = reachable.get(node);
        if (host == null) {
          throw new Shards.UnavailableException("no connection to " + node);
        }
        return new NodeShards(host).ask(stream, partitions, query, after, deadline);
      };

  private TestNode node(TestLog log, String name, int port) {
    return node(log, name, port, new MemoryDisk());
  }

  private TestNode node(TestLog log, String name, int port, MemoryDisk disk) {
    TestNode node = new TestNode(log.bootstrap(), log.stream, folder.resolve(name), disk, port);
    reachable.put(node.self, node.host);
    return node;
  }

  private TestNode.Totals totals(TestNode node, TestLog log) throws Exception {
    Shards shards = new ClusterShards(node.host, node.self, peers);
    return TestNode.totals(shards, node.all(), log.mark(), Duration.ofSeconds(30));
  }

  private static long active(TestNode node) {
    return node.host.locals().stream().filter(l -> l.role() == Role.ACTIVE).count();
  }

  private static void awaitSplit(TestNode a, TestNode b) throws Exception {
    TestNode.await(
        "the shards are split, each with a copy on the other node",
        Duration.ofSeconds(150),
        () ->
            active(a) == PARTITIONS / 2
                && active(b) == PARTITIONS / 2
                && a.host.locals().size() == PARTITIONS
                && b.host.locals().size() == PARTITIONS
                && a.host.isReady()
                && b.host.isReady());
  }

  @Test
  void twoNodesShareTheShardsAndTakeOver() throws Exception {
    StreamSpec stream = Readings.stream(PARTITIONS, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    try (TestLog log = new TestLog(folder.resolve("broker"), stream);
        TestNode a = node(log, "a", 1)) {
      try (TestNode b = node(log, "b", 2)) {
        awaitSplit(a, b);
        log.append(50_000);
        assertThat(totals(a, log)).isEqualTo(log.totals());
        assertThat(totals(b, log)).isEqualTo(log.totals());
        assertThat(a.counts().events() + b.counts().events()).isEqualTo(50_000);

        // A node that cannot be reached is stood in for by its copies.
        reachable.remove(b.self);
        log.append(5_000);
        assertThat(totals(a, log)).isEqualTo(log.totals());
        reachable.put(b.self, b.host);
        reachable.remove(b.self);
      }
      long start = System.nanoTime();
      log.append(5_000);
      assertThat(totals(a, log)).isEqualTo(log.totals());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      TestNode.await("a has all", Duration.ofSeconds(20), () -> active(a) == PARTITIONS);
      assertThat(a.counts().events()).isEqualTo(60_000);
      assertThat(a.counts().gap()).isZero();
    }
  }

  /// The copy of the only shard, wherever it is; it has all there is, and some of it in files.
  private static boolean isCopied(TestNode node, TestLog log) {
    List<ShardHost.LocalShard> locals = node.host.locals();
    return locals.size() == 1
        && locals.getFirst().role() == Role.STANDBY
        && locals.getFirst().shard().sealedNext() > 0
        && locals.getFirst().shard().visibleNext() == log.appended()
        && node.host.isReady();
  }

  @Test
  void aDamagedCopyIsMendedByItself() throws Exception {
    StreamSpec stream = Readings.stream(1, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    StreamPartition shard = new StreamPartition(Readings.STREAM, 0);
    MemoryDisk diskOfA = new MemoryDisk();
    MemoryDisk diskOfB = new MemoryDisk();
    try (TestLog log = new TestLog(folder.resolve("broker"), stream);
        TestNode a = node(log, "a", 1, diskOfA);
        TestNode b = node(log, "b", 2, diskOfB)) {
      log.append(20_000);
      Duration patience = Duration.ofSeconds(60);
      TestNode.await("there is a copy", patience, () -> isCopied(a, log) || isCopied(b, log));
      TestNode copy = isCopied(a, log) ? a : b;
      TestNode other = copy.equals(a) ? b : a;
      MemoryDisk disk = copy.equals(a) ? diskOfA : diskOfB;

      // While nothing comes.
      disk.lose(shard);
      TestNode.await("the damage is found", patience, () -> copy.metrics.damages.get() == 1);
      TestNode.await("the copy is there again", patience, () -> isCopied(copy, log));

      // While records come.
      disk.lose(shard);
      TestNode.await(
          "the damage is found",
          patience,
          () -> {
            log.append(10);
            return copy.metrics.damages.get() == 2;
          });
      log.append(5_000);
      TestNode.await("the copy is there again", patience, () -> isCopied(copy, log));
      assertThat(copy.metrics.failedThreads).hasValue(0);
      assertThat(totals(other, log)).isEqualTo(log.totals());
      reachable.remove(other.self);
      assertThat(totals(copy, log)).isEqualTo(log.totals());
    }
  }
}
