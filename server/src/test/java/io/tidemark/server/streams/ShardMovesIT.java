package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.StreamSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A shard that moves between two nodes again and again, while records come in and both nodes are
/// asked all the time: each answer is that of its mark, contains what was asked for, and none takes
/// long.
class ShardMovesIT {
  private static final int MOVES = 50;
  private static final StreamPartition SHARD = new StreamPartition(Readings.STREAM, 0);
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final Map<HostInfo, ShardHost> reachable = new ConcurrentHashMap<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean over;
  private volatile Mark acknowledged = Mark.NONE;

  private record Answer(long next, TestNode.Totals totals) {}

  private final Peers peers =
      (node, stream, partitions, query, after, deadline) -> {
        ShardHost host = reachable.get(node);
        if (host == null) {
          throw new Shards.UnavailableException("no connection to " + node);
        }
        return new NodeShards(host).ask(stream, partitions, query, after, deadline);
      };

  @Test
  void eachAnswerIsThatOfItsMarkWhereverTheShardIs() throws Exception {
    StreamSpec stream = Readings.stream(1, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    MemoryDisk[] disks = {new MemoryDisk(), new MemoryDisk()};
    try (TestLog log = new TestLog(folder.resolve("broker"), stream)) {
      TestNode[] nodes = {node(log, disks, 0), node(log, disks, 1)};
      try {
        nodes[0].awaitReady();
        move(log, disks, nodes);
        assertThat(wrong).isEmpty();
        // Nothing is lost: either says everything.
        for (TestNode node : nodes) {
          assertThat(ask(node, log.mark()).totals()).isEqualTo(log.totals());
        }
      } finally {
        nodes[0].close();
        nodes[1].close();
      }
      check(log.appended());
    }
  }

  private void move(TestLog log, MemoryDisk[] disks, TestNode[] nodes) throws Exception {
    List<Thread> threads =
        List.of(start(() -> append(log)), start(() -> ask(nodes, 0)), start(() -> ask(nodes, 1)));
    try {
      for (int moves = 0; moves < MOVES && wrong.isEmpty(); moves++) {
        int from = isActive(nodes[0]) ? 0 : 1;
        TestNode to = nodes[1 - from];
        reachable.remove(nodes[from].self);
        nodes[from].close();
        TestNode.await("the shard has moved to " + to.self, SOON, () -> isActive(to));
        nodes[from] = node(log, disks, from);
      }
    } finally {
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private TestNode node(TestLog log, MemoryDisk[] disks, int number) {
    TestNode node =
        new TestNode(
            log.bootstrap(), log.stream, folder.resolve("n" + number), disks[number], 1 + number);
    reachable.put(node.self, node.host);
    return node;
  }

  private static boolean isActive(TestNode node) {
    return node.host.local(SHARD).filter(l -> l.role() == Role.ACTIVE).isPresent();
  }

  /// Something that goes on until the test is over.
  private interface Work {
    void once() throws Exception;
  }

  private Thread start(Work work) {
    return Thread.startVirtualThread(
        () -> {
          try {
            while (!over) {
              work.once();
            }
          } catch (Exception | AssertionError e) {
            wrong.add(e);
          }
        });
  }

  private void append(TestLog log) {
    log.append(20);
    acknowledged = log.mark();
    // A stream, not a flood.
    LockSupport.parkNanos(2_000_000);
  }

  private void ask(TestNode[] nodes, int number) throws Exception {
    TestNode node = nodes[number];
    Mark after = acknowledged;
    try {
      Answer answer = ask(node, after);
      assertThat(answer.next()).isGreaterThanOrEqualTo(after.next(SHARD));
      answers.add(answer);
    } catch (Shards.UnavailableException e) {
      // A node that ends may say so; one that stays has to answer.
      if (reachable.get(node.self) == node.host) {
        throw e;
      }
    }
  }

  private Answer ask(TestNode node, Mark after) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    ShardQuery query = Readings.question();
    Shards shards = new ClusterShards(node.host, node.self, peers);
    List<Partial> partials = shards.ask(Readings.STREAM, List.of(0), query, after, deadline);
    Partial.OfRollup partial = (Partial.OfRollup) partials.getFirst();
    Groups groups = new Rollup(Readings.rollup(), Readings.TYPE).answer(Readings.everything());
    groups.merge(partial.groups());
    return new Answer(partial.mark().next(SHARD), TestNode.totals(groups));
  }

  /// With one partition, the records below an offset are the first so many readings.
  private void check(long appended) {
    System.out.printf("%d records, %d answers%n", appended, answers.size());
    assertThat(answers).hasSizeGreaterThan(2 * MOVES);
    for (Answer answer : answers) {
      assertThat(answer.next()).isLessThanOrEqualTo(appended);
      assertThat(answer.totals())
          .as("at %d", answer.next())
          .isEqualTo(new TestNode.Totals(answer.next(), Readings.sumOf(answer.next())));
    }
  }
}
