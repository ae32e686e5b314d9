package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards;
import io.tidemark.shard.CompactionPolicy;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("alone")
class ShardHostIT {
  private static final int PARTITIONS = 4;

  @TempDir Path folder;

  private TestLog log(StreamSpec stream) throws Exception {
    return new TestLog(folder.resolve("broker"), stream);
  }

  private TestNode node(TestLog log, MemoryDisk disk) {
    return new TestNode(log.bootstrap(), log.stream, folder.resolve("streams"), disk, 1);
  }

  private static StreamSpec stream() {
    return Readings.stream(PARTITIONS, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
  }

  @Test
  void eachEventIsVisibleOnce() throws Exception {
    try (TestLog log = log(stream());
        TestNode node = node(log, new MemoryDisk()).awaitReady()) {
      log.append(100_000);
      assertThat(node.totals(log.mark())).isEqualTo(log.totals());
      assertThat(node.counts().events()).isEqualTo(100_000);
      assertThat(node.counts().gap()).isZero();
      assertThat(node.metrics.checkpoints).hasValueGreaterThan(4);
      assertThat(node.metrics.failedThreads).hasValue(0);
      assertThat(node.host.health()).hasSize(PARTITIONS).noneMatch(StageHealth::isRed);
    }
  }

  @Test
  void anAnswerWithAMarkHoldsAllThatTheMarkStandsFor() throws Exception {
    try (TestLog log = log(stream())) {
      TestNode node = node(log, new MemoryDisk());
      try (node) {
        node.awaitReady();
        for (int i = 0; i < 200; i++) {
          log.append(10);
          assertThat(node.totals(log.mark())).isEqualTo(log.totals());
        }
      }
      assertThat(node.metrics.published).hasValue(2_000);
    }
  }

  @Test
  void aRecordOfANewerSchemaStopsItsShardOnly() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream())) {
      Path streams = folder.resolve("streams");
      try (TestNode node =
          new TestNode(
                  log.bootstrap(),
                  log.stream,
                  streams,
                  disk,
                  1,
                  TestNode.LIMITS,
                  InstantSource.system(),
                  Readings.SHAPES)
              .awaitReady()) {
        log.append(10_000);
        assertThat(node.totals(log.mark())).isEqualTo(log.totals());
        long before = next(node, 0);
        log.appendNewer(0);
        TestNode.await(
            "shard 0 is red",
            Duration.ofSeconds(20),
            () -> node.host.health().stream().anyMatch(h -> h.reason().contains("newer app")));
        log.append(10_000);
        TestNode.await(
            "the others go on", Duration.ofSeconds(20), () -> node.counts().events() > 15_000);
        assertThat(next(node, 0)).isEqualTo(before);
        assertThat(node.host.health()).filteredOn(StageHealth::isRed).hasSize(1);
        assertThat(node.counts().malformed()).isZero();
        assertThat(node.metrics.failedThreads).hasValue(0);
      }
      // Nor is it passed over where its version is lost.
      try (TestNode node = node(log, disk)) {
        TestNode.await(
            "shard 0 is red again",
            Duration.ofSeconds(20),
            () -> node.host.health().stream().anyMatch(h -> h.reason().contains("from a backup")));
        assertThat(node.counts().malformed()).isZero();
      }
    }
  }

  private static long next(TestNode node, int partition) {
    return node.host
        .local(new StreamPartition(Readings.STREAM, partition))
        .orElseThrow()
        .shard()
        .visibleNext();
  }

  @Test
  void goesOnFromItsCheckpoints() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream())) {
      try (TestNode node = node(log, disk).awaitReady()) {
        log.append(20_000);
        node.totals(log.mark());
      }
      try (TestNode node = node(log, disk).awaitReady()) {
        // Everything was written at the close: nothing is left to apply.
        assertThat(node.host.locals())
            .allSatisfy(l -> assertThat(l.shard().tailRows()).isZero())
            .hasSize(PARTITIONS);
        assertThat(node.totals(Mark.NONE)).isEqualTo(log.totals());
        log.append(20_000);
        assertThat(node.totals(log.mark())).isEqualTo(log.totals());
        assertThat(node.counts().events()).isEqualTo(40_000);
      }
    }
  }

  @Test
  void appliesAgainWhatACrashHasTaken() throws Exception {
    try (TestLog log = log(stream())) {
      MemoryDisk disk = new MemoryDisk();
      MemoryDisk left;
      try (TestNode node = node(log, disk).awaitReady()) {
        log.append(33_333);
        node.totals(log.mark());
        left = disk.crash();
      }
      log.append(1_000);
      try (TestNode node = node(log, left).awaitReady()) {
        // Ready says: it has what the log had. No mark is needed to see it.
        assertThat(node.totals(Mark.NONE)).isEqualTo(log.totals());
        assertThat(node.counts().events()).isEqualTo(34_333);
        assertThat(node.counts().gap()).isZero();
      }
    }
  }

  @Test
  void goesOnAfterTheBrokerWasAway() throws Exception {
    try (TestLog log = log(stream());
        TestNode node = node(log, new MemoryDisk()).awaitReady()) {
      for (int round = 0; round < 3; round++) {
        log.append(5_000);
        log.restart();
      }
      log.append(5_000);
      assertThat(
              TestNode.totals(
                  new NodeShards(node.host), node.all(), log.mark(), Duration.ofSeconds(60)))
          .isEqualTo(log.totals());
      assertThat(node.counts().gap()).isZero();
    }
  }

  @Test
  void trimsTheLogAsFarAsTheShardsSayAndNotFurther() throws Exception {
    try (TestLog log = log(Readings.stream(PARTITIONS, 200_000));
        TestNode node = node(log, new MemoryDisk()).awaitReady();
        Admin admin =
            Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, log.bootstrap()))) {
      log.append(100_000);
      node.totals(log.mark());
      TestNode.await(
          "each log is trimmed",
          Duration.ofSeconds(20),
          () -> node.metrics.trimmed.size() == PARTITIONS);
      for (int p = 0; p < PARTITIONS; p++) {
        long start = logStart(admin, p);
        Shard shard =
            node.host.local(new StreamPartition(Readings.STREAM, p)).orElseThrow().shard();
        assertThat(start).isPositive().isLessThanOrEqualTo(shard.logMayStartAt());
        assertThat(shard.logMayStartAt()).isLessThanOrEqualTo(shard.sealedNext());
      }
      assertThat(node.totals(log.mark())).isEqualTo(log.totals());
    }
  }

  private static long logStart(Admin admin, int partition)
      throws ExecutionException, InterruptedException {
    TopicPartition id = new TopicPartition(Readings.STREAM, partition);
    return admin.listOffsets(Map.of(id, OffsetSpec.earliest())).partitionResult(id).get().offset();
  }

  @Test
  void stopsApplyingWhileItCannotWriteAndGoesOnWhenItCan() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream());
        TestNode node = node(log, disk).awaitReady()) {
      disk.fill();
      log.append(60_000);
      TestNode.await(
          "a stage says what is wrong",
          Duration.ofSeconds(20),
          () ->
              node.host.health().stream().anyMatch(h -> h.reason().contains("no space left"))
                  && node.metrics.failedCheckpoints.get() > 0);
      assertThatThrownBy(
              () ->
                  TestNode.totals(
                      new NodeShards(node.host), node.all(), log.mark(), Duration.ofSeconds(1)))
          .isInstanceOf(Shards.NotVisibleException.class)
          .hasMessageContaining("not yet at");
      // Two tails, of which one is frozen, and no more.
      assertThat(node.host.locals())
          .allSatisfy(l -> assertThat(l.shard().tailRows()).isLessThan(2 * 5_000 + 2 * 4_096));
      disk.empty();
      assertThat(node.totals(log.mark())).isEqualTo(log.totals());
      assertThat(node.metrics.stalls).hasValueGreaterThan(0);
    }
  }

  @Test
  void aShardOfAnotherSchemaStaysClosedAndSaysWhy() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream())) {
      try (TestNode node = node(log, disk).awaitReady()) {
        log.append(4_000);
        node.totals(log.mark());
      }
      StreamSpec other = OtherReadings.stream(PARTITIONS);
      try (TestNode node =
          new TestNode(log.bootstrap(), other, folder.resolve("streams"), disk, 1)) {
        TestNode.await(
            "all say why",
            Duration.ofSeconds(20),
            () ->
                node.host.health().stream()
                        .filter(h -> h.reason().contains("written with another schema"))
                        .count()
                    == PARTITIONS);
        assertThat(node.host.isReady()).isFalse();
        assertThat(node.metrics.failedThreads).hasValue(0);
        assertThatThrownBy(() -> node.totals(Mark.NONE))
            .isInstanceOf(Shards.UnavailableException.class)
            .hasMessageContaining("another schema");
      }
      try (TestNode node = node(log, disk).awaitReady()) {
        assertThat(node.totals(log.mark())).isEqualTo(log.totals());
      }
    }
  }

  @Test
  void aShardOfAnotherLogStaysClosedAndSaysWhy() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream());
        TestNode node = node(log, disk).awaitReady()) {
      log.append(4_000);
      node.totals(log.mark());
    }
    // A topic of the same name, made anew.
    try (TestLog log = new TestLog(folder.resolve("broker2"), stream());
        TestNode node = new TestNode(log.bootstrap(), stream(), folder.resolve("s2"), disk, 1)) {
      TestNode.await(
          "all say why",
          Duration.ofSeconds(20),
          () ->
              node.host.health().stream()
                      .filter(h -> h.reason().contains("made from another log"))
                      .count()
                  == PARTITIONS);
      assertThat(node.host.isReady()).isFalse();
      assertThatThrownBy(() -> node.totals(Mark.NONE))
          .isInstanceOf(Shards.UnavailableException.class)
          .hasMessageContaining("made from another log");
    }
  }

  @Test
  void aTailIsAsOldAsItsRecordsHoweverOftenTheyAreReadAgain() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    MemoryDisk left;
    try (TestLog log = log(stream())) {
      try (TestNode node = node(log, disk).awaitReady()) {
        log.append(1_000);
        node.totals(log.mark());
        left = disk.crash();
      }
      InstantSource later =
          InstantSource.offset(
              InstantSource.system(), Duration.ofMillis(TestNode.LIMITS.tailAgeMs()));
      try (TestNode node =
          new TestNode(
                  log.bootstrap(),
                  stream(),
                  folder.resolve("streams"),
                  left,
                  1,
                  TestNode.LIMITS,
                  later)
              .awaitReady()) {
        TestNode.await(
            "all tails are in files",
            Duration.ofSeconds(20),
            () -> node.host.locals().stream().allMatch(l -> l.shard().tailRows() == 0));
        assertThat(node.counts().events()).isEqualTo(1_000);
      }
    }
  }

  @Test
  void writesOldTailsWithoutNewRecords() throws Exception {
    MemoryDisk disk = new MemoryDisk();
    try (TestLog log = log(stream());
        TestNode node =
            new TestNode(
                    log.bootstrap(),
                    stream(),
                    folder.resolve("streams"),
                    disk,
                    1,
                    new ShardSpec.Limits(1 << 20, 64 << 20, 300, 200_000, CompactionPolicy.DEFAULT),
                    InstantSource.system())
                .awaitReady()) {
      log.append(1_000);
      node.totals(log.mark());
      TestNode.await(
          "all tails are in files",
          Duration.ofSeconds(20),
          () -> node.host.locals().stream().allMatch(l -> l.shard().tailRows() == 0));
    }
  }
}
