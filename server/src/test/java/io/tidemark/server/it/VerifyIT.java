package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `tidemark verify` and the audit of a node: both find what no checksum shows.
class VerifyIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int EVENTS = 2_000;

  @TempDir private Path folder;

  private NodeUnderTest start() {
    NodeUnderTest node =
        NodeUnderTest.start(folder.resolve("data"), List.of(LabApp.write(folder.resolve("lab"))));
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < EVENTS; i++) {
      events.append(
          "{\"at\":\"2022-03-22T12:%02d:00Z\",\"device\":\"d%d\",\"n\":%d}\n"
              .formatted(i % 60, i % 50, i));
    }
    String mark =
        node.http()
            .post("/v1/streams/readings", events.toString(), "Content-Type", Http.NDJSON)
            .expect(200)
            .mark();
    // So that a stop that follows puts all of them into files.
    node.http().get("/v1/streams/readings/events?limit=1", "Tidemark-After", mark).expect(200);
    return node;
  }

  private static List<JsonNode> lines(Http.Answer answer) {
    return answer.expect(200).text().lines().map(MAPPER::readTree).toList();
  }

  /// Adds one to the counts of the last minute of a rollup in a shard, with the right checksums.
  private static void forge(Path shard) throws IOException, SQLException {
    Path segment = newest(shard.resolve("segments"), "per_minute-");
    Path forged = segment.resolveSibling("forged");
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      statement.execute(
          "COPY (SELECT * REPLACE (CASE WHEN _bucket = '2022-03-22 12:59:00' THEN count + 1 ELSE count END AS count)"
              + " FROM read_parquet('%s')) TO '%s' (FORMAT parquet)".formatted(segment, forged));
    }
    Files.move(forged, segment, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path manifest = newest(shard, "manifest-");
    String name = segment.getFileName().toString().replace(".parquet", "");
    StringBuilder lines = new StringBuilder();
    for (String line : Files.readAllLines(manifest)) {
      String[] parts = line.split("\t", -1);
      if (parts[0].equals("segment") && parts[1].equals(name)) {
        parts[5] = Long.toString(Files.size(segment));
        parts[6] = crc(Files.readAllBytes(segment));
        lines.append(String.join("\t", parts)).append('\n');
      } else if (!parts[0].equals("crc32c")) {
        lines.append(line).append('\n');
      }
    }
    String sum = crc(lines.toString().getBytes(StandardCharsets.UTF_8));
    Files.writeString(manifest, lines + "crc32c\t" + sum + "\n");
  }

  private static String crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Long.toHexString(crc.getValue());
  }

  private static Path newest(Path folder, String beginning) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(beginning))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  @Test
  void whatIsRightIsFoundToBeSo() {
    try (NodeUnderTest node = start()) {
      node.restart();
      List<JsonNode> lines = lines(node.http().get("/v1/verify"));
      JsonNode last = lines.getLast();
      assertThat(last.toString())
          .startsWith("{\"done\":true,")
          .contains("\"different\":0", "\"skipped\":0");
      // Two shards of two streams; readings have a table and two views, orders one view.
      assertThat(lines).hasSize(2 * 3 + 2 * 2 + 1);
      List<JsonNode> table = lines(node.http().get("/v1/verify?view=readings"));
      assertThat(table.getLast().get("compared").asInt()).isEqualTo(EVENTS);
      List<JsonNode> hour =
          lines(
              node.http()
                  .get(
                      "/v1/verify?view=per_minute&from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z"));
      assertThat(hour.getLast().get("compared").asInt()).isBetween(1, 50);
      node.http().get("/v1/verify?view=per_hour").expectProblem(400, "bad-parameter");
      node.http()
          .get("/v1/verify?from=2022-03-22T12:00:00Z&to=2022-03-22T11:00:00Z")
          .expectProblem(400, "bad-parameter");
    }
  }

  @Test
  void whatWasWrittenWrongIsToldByTheCommandAndFoundByTheAudit() throws Exception {
    try (NodeUnderTest node = start()) {
      assertThat(node.stop()).isIn(0, 143);
      forge(folder.resolve("data/shards/readings/0"));
      node.relaunch().awaitReady();
      try (Command command = Command.tidemark("verify", "per_minute", "--node", node.address())) {
        assertThat(command.exitCode(PATIENCE)).isEqualTo(1);
        assertThat(command.out())
            .contains("per_minute in readings/0", "expected count=", "found    count=")
            .containsPattern("2022-03-22T12:59:00Z device=\"d\\d+\"")
            .containsPattern("(?m)^\\d+ compared, [1-9]\\d* different$");
      }
      try (Command command = Command.tidemark("verify", "latest", "--node", node.address())) {
        assertThat(command.exitCode(PATIENCE)).as(command.toString()).isZero();
      }
      Poll.until(
          "the audit finds it",
          PATIENCE,
          () -> node.http().metric("tidemark_audit_differences_total") > 0);
      assertThat(node.log()).contains("per_minute differs from its events");
    }
  }
}
