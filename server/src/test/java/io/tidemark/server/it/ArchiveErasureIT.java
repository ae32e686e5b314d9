package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.s3.FaultyWay;
import io.tidemark.server.s3.S3Process;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import tools.jackson.databind.JsonNode;

/// Somebody is to be forgotten whose events are in a real S3 server, on a way where things go
/// wrong, by a node that is killed meanwhile: in the end no object has them, nor what was fetched
/// of them.
class ArchiveErasureIT {
  /// A shard whose archiving has failed twice is left alone for a minute and a half.
  private static final Duration PATIENCE = Duration.ofSeconds(300);

  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final int EVENTS = 3_000;
  private static final int SECONDS = 8;
  private static final int DEVICES = 7;

  /// The last of all keys, so that the statistics of files have it as it is.
  private static final String ERASED = "zz-somebody-to-be-forgotten";

  private static final int OF_ERASED = (EVENTS + DEVICES - 1) / DEVICES;

  private static final String APP =
      """
      app: lab
      streams:
        readings:
          schema: schemas/reading.json
          time: at
          key: device
          retain: { hot: 2h, archive: forever }
          partitions: 1
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

  private static void send(NodeUnderTest node, int from, int to) {
    StringBuilder events = new StringBuilder();
    for (int i = from; i < to; i++) {
      boolean isErased = i < EVENTS && i % DEVICES == 0;
      events.append(
          "{\"at\":\"%s\",\"device\":\"%s\",\"n\":%d}\n"
              .formatted(
                  START.plusSeconds((long) i * SECONDS), isErased ? ERASED : "d" + i % 5, i));
    }
    node.http()
        .post("/v1/streams/readings", events.toString(), "Content-Type", Http.NDJSON)
        .expect(200);
  }

  /// Two days later, so that all that was before is past its hour and no longer hot; and with a
  /// checkpoint.
  private static void sendLater(NodeUnderTest node, int more) throws Exception {
    send(node, 50_000 + more, 50_050 + more);
    node.restart();
  }

  private static int events(NodeUnderTest node, String mark) {
    return node.http()
        .get(
            "/v1/streams/readings/events?limit=10000&where.device=" + ERASED,
            "Tidemark-After",
            mark)
        .expect(200)
        .json()
        .get("events")
        .size();
  }

  private static JsonNode receipt(NodeUnderTest node) {
    return node.http()
        .get("/v1/streams/readings/erasures")
        .expect(200)
        .json()
        .get("erasures")
        .get(0);
  }

  private static long query(String sql) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getLong(1);
    }
  }

  /// The files under a folder in which the key stands as it is.
  private static List<Path> having(Path root) throws IOException {
    List<Path> having = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(ERASED)) {
          having.add(file);
        }
      }
    }
    return having;
  }

  @Test
  void whoIsErasedIsGoneFromTheArchiveAndFromWhatWasFetched() throws Exception {
    Path objects = Files.createDirectory(folder.resolve("objects"));
    Path archive = objects.resolve("lab/some/where");
    Path fetched = folder.resolve("data/archive/files");
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
        sendLater(node, 0);
        sendLater(node, 50);
        Poll.until(
            "all is archived",
            PATIENCE,
            () -> node.http().metric("tidemark_shard_archived_offset") >= EVENTS);
        sendLater(node, 100);
        sendLater(node, 150);
        assertThat(events(node, "")).isEqualTo(OF_ERASED);
        assertThat(having(archive)).isNotEmpty();
        assertThat(having(fetched)).isNotEmpty();

        Random random = new Random(11);
        way.breakOneIn(12, random);
        String mark =
            node.http()
                .post("/v1/streams/readings/erasures", "{\"key\":\"" + ERASED + "\"}")
                .expect(202)
                .mark();
        for (int life = 0; life < 2; life++) {
          Poll.pass(random.nextInt(2500));
          node.kill();
          node.relaunch().awaitReady();
        }
        way.mend();
        assertThat(events(node, mark)).isZero();
        Poll.until(
            "it is done", PATIENCE, () -> receipt(node).get("state").asString().equals("done"));
        assertThat(having(archive)).isEmpty();
        assertThat(having(fetched)).isEmpty();
        assertThat(having(folder.resolve("data/shards"))).isEmpty();
        JsonNode receipt = receipt(node);
        assertThat(receipt.get("archived_events").asInt()).isEqualTo(OF_ERASED);
        assertThat(receipt.get("archived_files").asInt()).isEqualTo(7);
        assertThat(receipt.get("first").asString()).isEqualTo("2026-03-01T00:00:00.000Z");
        theRestIsThere(node, archive, mark);
      }
    }
  }

  private static void theRestIsThere(NodeUnderTest node, Path archive, String mark)
      throws Exception {
    String all = "read_parquet('%s/stream=*/*/*/*.parquet')".formatted(archive);
    String old = all + " WHERE n < " + EVENTS;
    assertThat(query("SELECT count(*) FROM " + old)).isEqualTo(EVENTS - OF_ERASED);
    assertThat(query("SELECT count(DISTINCT n) FROM " + old)).isEqualTo(EVENTS - OF_ERASED);
    assertThat(query("SELECT count(*) FROM %s AND n %% %d = 0".formatted(old, DEVICES))).isZero();
    assertThat(events(node, mark)).isZero();
    String sql = "SELECT count(*), count(DISTINCT n) FROM readings WHERE n < " + EVENTS;
    assertThat(
            node.http()
                .post("/v1/sql", sql, "Content-Type", "application/sql")
                .expect(200)
                .json()
                .get("rows")
                .toString())
        .isEqualTo("[[%d,%d]]".formatted(EVENTS - OF_ERASED, EVENTS - OF_ERASED));
    try (Command verify = Command.tidemark("verify", "--node", node.address())) {
      assertThat(verify.exitCode(PATIENCE)).as(verify.toString()).isZero();
      assertThat(verify.out()).contains(", 0 different");
    }
  }
}
