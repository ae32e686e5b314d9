package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Somebody is to be forgotten: no answer has him from the mark of the request on, and in the end
/// no file, whenever the node is killed.
class ErasureIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int DEVICES = 5;
  private static final int BODY = 1_000;
  private static final String ERASED = "d3";

  @TempDir private Path folder;
  private Path app;
  private int sent;
  private String mark = "";

  @BeforeEach
  void app() throws IOException {
    app = LabApp.write(folder.resolve("lab"));
  }

  private NodeUnderTest start() {
    return NodeUnderTest.start(folder.resolve("data"), List.of(app));
  }

  private void send(NodeUnderTest node) {
    String lines =
        IntStream.range(sent, sent + BODY)
            .mapToObj(
                n ->
                    "{\"at\":\"2022-03-22T12:%02d:%02d.%03dZ\",\"device\":\"d%d\",\"n\":%d}"
                        .formatted(n / 600 % 60, n / 10 % 60, n % 10 * 100, n % DEVICES, n))
            .collect(Collectors.joining("\n"));
    mark =
        node.http()
            .post("/v1/streams/readings", lines, "Content-Type", Http.NDJSON)
            .expect(200)
            .mark();
    sent += BODY;
  }

  private int events(NodeUnderTest node, String device) {
    return node.http()
        .get(
            "/v1/streams/readings/events?limit=10000&where.device=" + device,
            "Tidemark-After",
            mark)
        .expect(200)
        .json()
        .get("events")
        .size();
  }

  private String sql(NodeUnderTest node, String text) {
    return node.http()
        .post("/v1/sql", text, "Content-Type", "application/sql", "Tidemark-After", mark)
        .expect(200)
        .json()
        .get("rows")
        .toString();
  }

  private void nobodyHasIt(NodeUnderTest node, int later) {
    assertThat(events(node, ERASED)).isEqualTo(later);
    assertThat(events(node, "d2")).isEqualTo(sent / DEVICES);
    assertThat(
            node.http()
                .get("/v1/timelines/latest/" + ERASED, "Tidemark-After", mark)
                .expect(200)
                .json()
                .get("events")
                .size())
        .isEqualTo(Math.min(100, later));
    assertThat(sql(node, "SELECT count(*) FROM readings WHERE device = '" + ERASED + "'"))
        .isEqualTo("[[%d]]".formatted(later));
    int gone = sent / DEVICES - later;
    assertThat(sql(node, "SELECT count(*), count(DISTINCT device) FROM readings"))
        .isEqualTo("[[%d,%d]]".formatted(sent - gone, later > 0 ? DEVICES : DEVICES - 1));
    // A sum tells of nobody.
    assertThat(sql(node, "SELECT sum(count) FROM per_minute")).isEqualTo("[[%d]]".formatted(sent));
  }

  private static void everythingIsRight(NodeUnderTest node) {
    for (String line : node.http().get("/v1/verify").expect(200).text().lines().toList()) {
      JsonNode json = Http.JSON.readTree(line);
      assertThat(json.path("different").asInt()).as(line).isZero();
      assertThat(json.path("not_compared").asString("")).as(line).isEmpty();
    }
  }

  /// What files of the table, or of the rollup, have of a device.
  private long inFiles(String view, String which) throws SQLException {
    String files = folder.resolve("data/shards/readings") + "/*/segments/" + view + "-*.parquet";
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT count(*) FROM read_parquet('%s', union_by_name = true) WHERE device = '%s' AND %s"
                    .formatted(files, ERASED, which))) {
      assertThat(result.next()).isTrue();
      return result.getLong(1);
    }
  }

  @Test
  void whoIsErasedIsInNoAnswerFromThenOnAndInNoFileInTheEnd() throws Exception {
    try (NodeUnderTest node = start()) {
      send(node);
      node.restart();
      send(node);
      node.restart();
      send(node);
      assertThat(events(node, ERASED)).isEqualTo(sent / DEVICES);
      assertThat(inFiles("_events", "true")).isPositive();
      assertThat(inFiles("per_minute", "true")).isPositive();
      Http.Answer taken =
          node.http()
              .post("/v1/streams/readings/erasures", "{\"key\":\"" + ERASED + "\"}")
              .expect(202);
      mark = taken.mark();
      nobodyHasIt(node, 0);
      node.kill();
      node.relaunch().awaitReady();
      nobodyHasIt(node, 0);
      send(node);
      nobodyHasIt(node, BODY / DEVICES);
      Poll.until(
          "it is done", PATIENCE, () -> receipt(node).get("state").asString().equals("done"));
      JsonNode receipt = receipt(node);
      assertThat(receipt.get("events").asInt()).isEqualTo((sent - BODY) / DEVICES);
      assertThat(receipt.get("first").asString()).isEqualTo("2022-03-22T12:00:00.300Z");
      assertThat(receipt.get("log_bytes_left").asLong()).isPositive();
      nobodyHasIt(node, BODY / DEVICES);
      assertThat(inFiles("_events", "n < " + (sent - BODY))).isZero();
      assertThat(sql(node, "SELECT sum(count) FROM per_minute WHERE device IS NULL"))
          .isEqualTo("[[%d]]".formatted((sent - BODY) / DEVICES));
      everythingIsRight(node);

      // Who came back goes, too, and gets a receipt.
      try (Command erase =
          Command.tidemark("erase", "readings", "--key", ERASED, "--node", node.address())) {
        assertThat(erase.exitCode(PATIENCE)).as(erase.toString()).isZero();
        assertThat(erase.out())
            .contains("answers    have no event of the key from mark ")
            .contains("table      200 events from 2022-03-22T12:05:00.300Z to ")
            .contains("log        lets go of them when about ");
      }
      mark = "";
      nobodyHasIt(node, 0);
      assertThat(inFiles("_events", "true")).isZero();
      assertThat(inFiles("per_minute", "true")).isZero();
      assertThat(node.http().metric("tidemark_erased_events_total")).isPositive();
      assertThat(node.http().metric("tidemark_shard_erasures_pending")).isZero();
      node.restart();
      nobodyHasIt(node, 0);
      everythingIsRight(node);
    }
  }

  private static JsonNode receipt(NodeUnderTest node) {
    return node.http()
        .get("/v1/streams/readings/erasures")
        .expect(200)
        .json()
        .get("erasures")
        .get(0);
  }

  @Test
  void whatCannotBeErasedIsSaidSo() throws IOException {
    Files.writeString(
        app.resolve("app.yaml"),
        """
        app: lab
        streams:
          readings:
            schema: schemas/reading.json
            time: at
            partitions: 1
          kept:
            schema: schemas/reading.json
            time: at
            key: [device, n]
            partitions: 1
        """
            .replace("[device, n]", "device"));
    try (NodeUnderTest node = start()) {
      String key = "{\"key\":\"d\"}";
      node.http().post("/v1/streams/readings/erasures", key).expectProblem(422, "not-erasable");
      node.http().post("/v1/streams/none/erasures", key).expectProblem(404, "not-found");
      for (String wrong : List.of("", "7", "[]", "{\"key\":", "nonsense")) {
        node.http().post("/v1/streams/kept/erasures", wrong).expectProblem(400, "broken-body");
      }
      for (String wrong :
          List.of(
              "{}",
              "{\"key\":null}",
              "{\"key\":\"\"}",
              "{\"key\":[]}",
              "{\"key\":[\"a\",\"b\"]}",
              "{\"key\":{}}",
              "{\"key\":1.5}",
              "{\"key\":\"a\",\"more\":1}",
              "{\"key\":\"%s\"}".formatted("x".repeat(20_000)))) {
        node.http().post("/v1/streams/kept/erasures", wrong).expectProblem(400, "bad-parameter");
      }
      assertThat(node.http().get("/v1/streams/kept/erasures").expect(200).json().get("erasures"))
          .isEmpty();
    }
  }
}
