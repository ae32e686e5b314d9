package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.StreamSpec;
import io.tidemark.log.Mark;
import io.tidemark.shard.CompactionPolicy;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compactions beside everything else that a node does with its shards.
final class CompactionIT {
  private static final int PARTITIONS = 2;
  private static final int FAN_IN = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Everything is merged into one segment in the end, or nearly.
  private static final ShardSpec.Limits LIMITS =
      new ShardSpec.Limits(
          1_000, 64 << 20, 500, 200_000, new CompactionPolicy(FAN_IN, 1 << 16, 1 << 23, 1L << 60));

  @TempDir Path folder;

  private TestNode node(TestLog log, MemoryDisk disk) {
    return new TestNode(
        log.bootstrap(),
        log.stream,
        folder.resolve("streams"),
        disk,
        1,
        LIMITS,
        InstantSource.system());
  }

  private TestLog log() throws Exception {
    return new TestLog(
        folder.resolve("broker"), Readings.stream(PARTITIONS, StreamSpec.DEFAULT_LOG_KEEP_BYTES));
  }

  /// How many segments of the table the shards of a node have.
  private static long segments(TestNode node) throws IOException {
    long count = 0;
    for (ShardHost.LocalShard local : node.host.locals()) {
      Shard shard = local.shard();
      count += shard.files().names().stream().filter(n -> n.startsWith("_events-")).count();
    }
    return count;
  }

  @Test
  void answersStayRightWhileSegmentsAreMerged() throws Exception {
    try (TestLog log = log();
        TestNode node = node(log, new MemoryDisk()).awaitReady()) {
      TestNode.await(
          "compactions",
          PATIENCE,
          () -> {
            log.append(1_000);
            assertThat(node.totals(log.mark())).isEqualTo(log.totals());
            return node.metrics.compactions.get() >= 4;
          });
      assertThat(node.totals(log.mark())).isEqualTo(log.totals());
      assertThat(node.metrics.failedCompactions).hasValue(0);
    }
  }

  @Test
  void whatIsMergedIsTakenAlsoWhereNoMoreRecordsCome() throws Exception {
    try (TestLog log = log();
        TestNode node = node(log, new MemoryDisk()).awaitReady()) {
      for (int i = 0; i < 30; i++) {
        log.append(1_000);
        node.totals(log.mark());
      }
      TestNode.await("few segments", PATIENCE, () -> segments(node) <= PARTITIONS * FAN_IN);
      assertThat(node.totals(log.mark())).isEqualTo(log.totals());
      assertThat(node.counts().events()).isEqualTo(30_000);
    }
  }

  @Test
  void aCrashInTheMiddleCostsNothing() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log()) {
      for (int life = 0; life < 4; life++) {
        MemoryDisk left;
        try (TestNode node = node(log, disk).awaitReady()) {
          int before = node.metrics.compactions.get();
          // However few checkpoints a busy machine makes of many records, there are more of more.
          TestNode.await(
              "a compaction",
              PATIENCE,
              () -> {
                log.append(1_000);
                node.totals(log.mark());
                return node.metrics.compactions.get() > before;
              });
          left = disk.crash();
        }
        disk = left;
      }
      try (TestNode node = node(log, disk).awaitReady()) {
        assertThat(node.totals(Mark.NONE)).isEqualTo(log.totals());
        assertThat(node.counts().events()).isEqualTo(log.appended());
        assertThat(node.counts().gap()).isZero();
      }
    }
  }
}
