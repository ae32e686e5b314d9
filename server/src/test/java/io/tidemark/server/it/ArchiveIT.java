package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.s3.FaultyWay;
import io.tidemark.server.s3.S3Process;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that archives into a real S3 server, by a way on which things go wrong, and is killed
/// meanwhile: the archive has each event once, for whoever reads it, and queries find them there.
class ArchiveIT {
  private static final Duration MORE = Duration.ofSeconds(5);

  /// A shard whose archiving has failed twice is left alone for a minute and a half.
  private static final Duration PATIENCE = Duration.ofSeconds(300);

  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final int EVENTS = 9_000;
  private static final int SECONDS = 8;

  private static final String APP =
      """
      app: lab
      streams:
        readings:
          schema: schemas/reading.json
          time: at
          key: device
          retain: { hot: 2h, archive: forever }
          partitions: 2
      views:
        per_hour:
          rollup: readings
          every: 1h
          by: [device]
          measures: { count: count(), sum: sum(n) }
      """;

  @TempDir private Path folder;

  private Path app() throws IOException {
    Path app = LabApp.write(folder.resolve("lab"));
    Files.writeString(app.resolve("app.yaml"), APP);
    return app;
  }

  private static Map<String, String> environment(String endpoint) {
    return Map.of(
        "AWS_ENDPOINT_URL_S3",
        endpoint,
        "AWS_REGION",
        "us-east-1",
        "AWS_ACCESS_KEY_ID",
        S3Process.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY",
        S3Process.SECRET_KEY);
  }

  private static String event(int i) {
    return "{\"at\":\"%s\",\"device\":\"d%d\",\"n\":%d}\n"
        .formatted(START.plusSeconds((long) i * SECONDS), i % 7, i);
  }

  private static void send(NodeUnderTest node, int from, int to) {
    StringBuilder events = new StringBuilder();
    for (int i = from; i < to; i++) {
      events.append(event(i));
    }
    node.http()
        .post("/v1/streams/readings", events.toString(), "Content-Type", Http.NDJSON)
        .expect(200);
  }

  /// Two days later, so that all that was before is past its hour and no longer hot.
  private static void sendLater(NodeUnderTest node, int more) {
    send(node, 50_000 + more, 50_050 + more);
  }

  private static double archived(NodeUnderTest node) {
    return node.http().metric("tidemark_shard_archived_offset");
  }

  @Test
  void everyEventIsInTheArchiveOnceWhateverFailsAndIsKilled() throws Exception {
    Path objects = Files.createDirectory(folder.resolve("objects"));
    try (S3Process server = S3Process.start(objects);
        FaultyWay way = new FaultyWay(server.endpoint())) {
      server.makeBucket("lab");
      try (NodeUnderTest node =
          NodeUnderTest.launch(
                  environment(way.address().toString()),
                  folder.resolve("data"),
                  List.of(app()),
                  "--archive",
                  "s3://lab/some/where")
              .awaitReady()) {
        send(node, 0, EVENTS);
        node.restart();
        for (int i = 0; localRows() < EVENTS; i++) {
          // Who stops has little time for files. A file with what comes later would stay for long.
          assertThat(i).as("restarts").isLessThan(10);
          node.restart();
        }
        sendLater(node, 0);
        Random random = new Random(7);
        way.breakOneIn(12, random);
        assertThat(node.stop()).isIn(0, 143);
        for (int life = 0; life < 3; life++) {
          node.relaunch().awaitReady();
          double before = archived(node);
          // Where all that may be archived is, there is no more.
          boolean _ = Poll.holds(MORE, () -> archived(node) > before);
          Poll.pass(random.nextInt(1500));
          node.kill();
        }
        node.relaunch().awaitReady();
        // Only what two checkpoints have is archived.
        sendLater(node, 50);
        assertThat(node.stop()).isIn(0, 143);
        node.relaunch().awaitReady();
        Poll.until("all is archived", PATIENCE, () -> archived(node) >= EVENTS);
        way.mend();
        Path archive = objects.resolve("lab/some/where");
        readByOthers(archive);
        // One checkpoint lets go of what is there, the next one removes it, and queries find it
        // there.
        sendLater(node, 100);
        node.restart();
        sendLater(node, 150);
        node.restart();
        assertThat(localRows()).isLessThan(EVENTS / 10);
        answersAreAsBefore(node);
        assertThat(node.http().metric("tidemark_archive_fetched_files_total")).isPositive();
        sqlReadsBoth(node);
        try (Command verify = Command.tidemark("verify", "--node", node.address())) {
          assertThat(verify.exitCode(PATIENCE)).as(verify.toString()).isZero();
          assertThat(verify.out()).contains(", 0 different");
        }
        Poll.until(
            "the table has all, once",
            PATIENCE,
            () -> IcebergFolder.rows(archive, "readings") == EVENTS);
      }
    }
  }

  private static void answersAreAsBefore(NodeUnderTest node) {
    String hour = "from=2026-03-01T05:00:00Z&to=2026-03-01T05:01:00Z";
    List<Integer> found = new ArrayList<>();
    node.http()
        .get("/v1/streams/readings/events?" + hour)
        .expect(200)
        .json()
        .get("events")
        .forEach(e -> found.add(e.get("n").asInt()));
    List<Integer> expected = new ArrayList<>();
    for (int i = 5 * 3600 / SECONDS; i * SECONDS < 5 * 3600 + 60; i++) {
      expected.addFirst(i);
    }
    assertThat(found).isEqualTo(expected);
    // One device over all time, page by page.
    int count = 0;
    String cursor = "";
    while (true) {
      var page =
          node.http()
              .get("/v1/streams/readings/events?where.device=d3&limit=1000" + cursor)
              .expect(200)
              .json();
      count += page.get("events").size();
      if (!page.has("next")) {
        break;
      }
      cursor = "&cursor=" + Http.encode(page.get("next").asString());
    }
    long later = java.util.stream.IntStream.range(50_000, 50_200).filter(i -> i % 7 == 3).count();
    long then = java.util.stream.IntStream.range(0, EVENTS).filter(i -> i % 7 == 3).count();
    assertThat(count).isEqualTo(then + later);
  }

  private static void sqlReadsBoth(NodeUnderTest node) {
    String all = sql(node, "SELECT count(*) AS n, count(DISTINCT n) AS ns FROM readings");
    assertThat(all).contains("[%d,%d]".formatted(EVENTS + 200, EVENTS + 200));
    String hour =
        "FROM readings WHERE _time BETWEEN '2026-03-01 05:00:00' AND '2026-03-01 05:59:59'";
    assertThat(sql(node, "SELECT count(*) AS n " + hour))
        .contains("[%d]".formatted(3600 / SECONDS));
    // Of the archive nothing but the files of that hour.
    String plan = sql(node, "EXPLAIN SELECT count(*) " + hour);
    assertThat(plan).contains("date=2026-03-01/hour=05").doesNotContain("hour=09");
  }

  private static String sql(NodeUnderTest node, String text) {
    return node.http()
        .post("/v1/sql", text, "Content-Type", "application/sql")
        .expect(200)
        .text()
        .replace(" ", "");
  }

  /// Rows of the table that are still here.
  private long localRows() throws SQLException {
    String files = "'%s/data/shards/readings/*/segments/_events-*.parquet'".formatted(folder);
    return query("SELECT count(*) FROM glob(%s)".formatted(files)) == 0
        ? 0
        : query("SELECT count(*) FROM read_parquet(%s)".formatted(files));
  }

  /// Nothing but the files: as a partitioned table, by DuckDB's own reader.
  private static void readByOthers(Path archive) throws IOException, SQLException {
    String all =
        "read_parquet('%s/stream=*/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = true)"
            .formatted(archive);
    assertThat(query("SELECT count(*) FROM " + all)).isEqualTo(EVENTS);
    assertThat(query("SELECT count(DISTINCT n) FROM " + all + " WHERE n < " + EVENTS))
        .isEqualTo(EVENTS);
    assertThat(query("SELECT sum(n)::BIGINT FROM " + all))
        .isEqualTo((long) EVENTS * (EVENTS - 1) / 2);
    assertThat(
            query(
                "SELECT count(*) FROM %s WHERE date <> _time::DATE OR hour <> hour(_time)"
                    .formatted(all)))
        .isZero();
    // No file is there that no batch has.
    try (Stream<Path> files = Files.walk(archive.resolve("_tidemark/readings"))) {
      long named = 0;
      for (Path batch : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        named += Files.readString(batch).lines().filter(l -> l.startsWith("file\t")).count();
      }
      try (Stream<Path> there = Files.walk(archive.resolve("stream=readings"))) {
        assertThat(there.filter(Files::isRegularFile).count()).isEqualTo(named);
      }
    }
  }

  private static long query(String sql) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getLong(1);
    }
  }

  @Test
  void anArchiveThatIsAnotherOneIsNotTaken() throws Exception {
    Path archive = folder.resolve("archive");
    Path app = app();
    try (NodeUnderTest node =
        NodeUnderTest.start(
            folder.resolve("data"), List.of(app), "--archive", archive.toString())) {
      assertThat(node.stop()).isIn(0, 143);
      Files.move(archive, folder.resolve("away"));
      Files.createDirectory(archive);
      node.relaunch();
      assertThat(node.command().exitCode(PATIENCE)).isEqualTo(1);
      assertThat(node.log()).contains("is not the archive that this node has used", "mounted");
    }
  }
}
