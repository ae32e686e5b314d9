package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a node that are cut short, changed or missing; a log that has lost its end; a copy of
/// the data folder of a node that runs. Never a wrong answer.
class DamageIT {
  private static final Duration MENDED = Duration.ofSeconds(60);

  /// How long a question waits for shards that are away.
  private static final Duration WAITS = Duration.ofSeconds(10);

  /// So that there is a shard for each kind of damage.
  private static final int WIDE_PARTITIONS = 14;

  private static final List<String> SHARDS =
      List.of("readings/0", "readings/1", "orders/0", "orders/1");

  @TempDir private Path folder;
  private final LabLoad load = new LabLoad(7);
  private Path data = Path.of("");
  private Path app = Path.of("");

  @BeforeEach
  void prepare() {
    data = folder.resolve("data");
    app = LabApp.write(folder.resolve("lab"));
  }

  /// What can be damaged in a shard's folder.
  private enum Kind {
    NEWEST_MANIFEST("manifest-"),
    ALL_MANIFESTS("manifest-"),
    TABLE("_events-"),
    OLD_TABLE("_events-"),
    ROLLUP("per_minute-", "order_totals-"),
    SORTED_ENTRIES(".sst"),
    SORTED_LIST("MANIFEST-"),
    SORTED_CURRENT("CURRENT"),
    LOCK("lock");

    private final List<String> names;

    Kind(String... names) {
      this.names = List.of(names);
    }

    List<Path> files(Path shard) throws IOException {
      List<Path> found;
      try (Stream<Path> all = Files.walk(shard)) {
        found =
            all.filter(f -> names.stream().anyMatch(f.getFileName().toString()::contains))
                .filter(Files::isRegularFile)
                .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                .toList();
      }
      return switch (this) {
        case ALL_MANIFESTS, SORTED_ENTRIES -> found;
        // On a busy machine a node may have ended before all tails were in files.
        case OLD_TABLE -> found.subList(0, Math.min(1, found.size()));
        default -> found.subList(Math.max(0, found.size() - 1), found.size());
      };
    }
  }

  private enum Harm {
    CUT,
    FLIP,
    DELETE;

    void doTo(Path file) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      switch (this) {
        case CUT -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        case FLIP -> flip(file);
        case DELETE -> Files.delete(file);
      }
    }
  }

  /// Changes one bit in the middle of a file, in place.
  private static void flip(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      if (open.length() > 0) {
        long at = open.length() / 2;
        open.seek(at);
        int old = open.read();
        open.seek(at);
        open.write(old ^ 0x10);
      }
    }
  }

  /// Each kind in each way, all at once, each in a shard of its own; then once more, each in a
  /// shard of the other stream.
  @Test
  void whateverIsDamagedIsMendedFromTheLog() throws IOException {
    LabLoad load = new LabLoad(100);
    Path declared = app.resolve("app.yaml");
    Files.writeString(
        declared,
        Files.readString(declared).replace("partitions: 2", "partitions: " + WIDE_PARTITIONS));
    List<String> shards = new ArrayList<>();
    for (int partition = 0; partition < WIDE_PARTITIONS; partition++) {
      shards.add("readings/" + partition);
      shards.add("orders/" + partition);
    }
    try (NodeUnderTest node = NodeUnderTest.start(data, List.of(app))) {
      load.post(node.http(), 500);
      node.restart();
      for (int round = 0; round < 2; round++) {
        load.post(node.http(), 500);
        node.stop();
        List<String> done = new ArrayList<>();
        int shard = round;
        for (Kind kind : Kind.values()) {
          for (Harm harm : Harm.values()) {
            for (Path file :
                kind.files(data.resolve("shards").resolve(shards.get(shard++ % shards.size())))) {
              harm.doTo(file);
              done.add(harm + " " + data.relativize(file));
            }
          }
        }
        System.out.println("DamageIT: " + done);
        node.relaunch().awaitReady();
        awaitAnswered(node, load);
      }
    }
  }

  /// A question that finds damage may be refused; none is answered wrongly.
  private static void awaitAnswered(NodeUnderTest node, LabLoad load) {
    Poll.until("all is answered", MENDED, () -> load.isAnswered(node.http()), node::log);
    Poll.until(
        "it is ready",
        MENDED,
        () -> node.http().get("/health/ready").status() == 200,
        () -> node.http().get("/health/ready").text());
  }

  @Test
  void whatIsDamagedWhileTheNodeRunsIsNeverAnsweredFrom() throws IOException {
    try (NodeUnderTest node = NodeUnderTest.start(data, List.of(app))) {
      load.post(node.http(), 300);
      node.restart();
      load.post(node.http(), 300);
      // It has read all its files once.
      load.check(node.http());
      flip(files("readings/0", "_events-").getFirst());
      flip(files("orders/0", "order_totals-").getFirst());
      Path entries = files("readings/1", ".sst").getFirst();
      flip(entries);
      awaitAnswered(node, load);
      // By questions, or since all files are read again and again.
      Poll.until("all damage is found", MENDED, () -> damages(node) >= 3, node::log);
      awaitAnswered(node, load);

      node.stop();
      for (Path manifest : files("orders/1", "manifest-")) {
        Files.delete(manifest);
      }
      node.relaunch().awaitReady();
      awaitAnswered(node, load);
    }
  }

  private List<Path> files(String shard, String name) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("shards").resolve(shard))) {
      return files.filter(f -> f.getFileName().toString().contains(name)).sorted().toList();
    }
  }

  private static double damages(NodeUnderTest node) {
    return node.http().get("/metrics").expect(200).text().contains("tidemark_shard_damages_total")
        ? node.http().metric("tidemark_shard_damages_total")
        : 0;
  }

  /// Nobody waits for what only a person can mend.
  @Test
  void aShardBeyondRepairSaysSoAtOnce() throws Exception {
    try (NodeUnderTest node = NodeUnderTest.launchAt(Http.freeAddress(), data, List.of(app))) {
      node.awaitReady();
      load.post(node.http(), 100);
      forgetTheStart(node, new TopicPartition("orders", 1));
      node.stop();
      for (Path manifest : files("orders/1", "manifest-")) {
        Files.delete(manifest);
      }
      node.relaunch();
      Poll.until(
          "it has looked", MENDED, () -> node.log().contains("orders/1 stays closed"), node::log);
      Poll.until("it serves", MENDED, () -> isServing(node.http()), node::log);
      long start = System.nanoTime();
      Http.Answer answer = node.http().get("/v1/streams/orders/events");
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      answer.expectProblem(503, "data-damaged");
      assertThat(answer.json().get("partition").asInt()).isEqualTo(1);
      assertThat(answer.header("Retry-After")).isEmpty();
      assertThat(took).isLessThan(WAITS.dividedBy(2));
      assertThat(node.http().get("/health/ready").expect(503).text()).contains("backup");
    }
  }

  private static boolean isServing(Http http) {
    try {
      return http.getOrBreak("/health/live").status() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  private static void forgetTheStart(NodeUnderTest node, TopicPartition log) throws Exception {
    Matcher broker = Pattern.compile("embedded broker serves at (\\S+?),").matcher(node.log());
    assertThat(broker.find()).isTrue();
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.group(1)))) {
      var _ = admin.deleteRecords(Map.of(log, RecordsToDelete.beforeOffset(1))).all().get();
    }
  }

  @Test
  void aLogThatHasLostItsEndIsFollowed() throws IOException {
    try (NodeUnderTest node = NodeUnderTest.start(data, List.of(app))) {
      load.post(node.http(), 200);
      node.restart();
      load.post(node.http(), 20);
      load.post(node.http(), 20);
      load.post(node.http(), 20);
      node.stop();
      for (String shard : SHARDS) {
        cutLog(data.resolve("log").resolve(shard.replace('/', '-')));
      }
      // As after a failure of the power.
      for (String name :
          List.of(
              ".kafka_cleanshutdown",
              "recovery-point-offset-checkpoint",
              "replication-offset-checkpoint")) {
        Files.deleteIfExists(data.resolve("log").resolve(name));
      }
      node.relaunch().awaitReady();
      load.takeWhatIsThere(node.http());
      assertThat(load.lost()).isNotEmpty().doesNotContain(0, 199);
      assertThat(node.log()).contains("going back from offset");
      // What comes now takes the offsets of what was lost.
      load.post(node.http(), 100);
      load.check(node.http());
      load.postLost(node.http());
      load.check(node.http());
      node.restart();
      load.check(node.http());
      assertThat(node.log()).doesNotContain("going back from offset");
    }
  }

  /// Cuts the newest batches off, in the middle of one.
  private static void cutLog(Path partition) throws IOException {
    try (Stream<Path> files = Files.list(partition)) {
      Path newest =
          files
              .filter(f -> f.toString().endsWith(".log"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      try (RandomAccessFile log = new RandomAccessFile(newest.toFile(), "rw")) {
        log.setLength(log.length() - 700);
      }
    }
  }

  @Test
  void aCopyMadeWhileTheNodeRunsAnswersWhatItsLogHas() throws Exception {
    Path copy = folder.resolve("copy");
    try (NodeUnderTest node = NodeUnderTest.start(data, List.of(app))) {
      load.post(node.http(), 1_000);
      node.restart();
      load.post(node.http(), 1_000);
      AtomicBoolean over = new AtomicBoolean();
      Http http = node.http();
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (!over.get()) {
                        load.send(http, 20);
                      }
                    } catch (IOException | AssertionError _) {
                      // The node has gone away.
                    }
                  });
      Process copying =
          new ProcessBuilder("cp", "-r", data.toString(), copy.toString()).inheritIO().start();
      // In the middle of it, all checkpoints are written.
      node.stop();
      // Files that went away while they were copied make it 1.
      assertThat(copying.waitFor()).isIn(0, 1);
      over.set(true);
      writer.join();
    }
    try (NodeUnderTest node = NodeUnderTest.start(copy, List.of(app))) {
      load.takeWhatIsThere(node.http());
      System.out.println("DamageIT: the copy lacks " + load.lost().size() + " readings");
      load.postLost(node.http());
      load.post(node.http(), 100);
      load.check(node.http());
    }
  }
}
