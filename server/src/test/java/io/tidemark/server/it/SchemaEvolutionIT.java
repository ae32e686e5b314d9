package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A node whose app has got another schema: what it answers then, and what it does not start with.
class SchemaEvolutionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int EVENTS = 100;

  private static final String FIRST =
      """
      {"type": "object", "required": ["at", "device"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "device": {"type": "string"},
         "n": {"type": "integer"},
         "text": {"type": "string"},
         "mode": {"enum": ["auto", "manual"]}}}
      """;

  /// With a field before all others and one within a new group, one that is wider, one that need
  /// not be there any more, and one more value.
  private static final String SECOND =
      """
      {"type": "object", "required": ["at", "device"],
       "properties": {
         "colour": {"type": "string"},
         "at": {"type": "string", "format": "date-time"},
         "device": {"type": "string"},
         "place": {"type": "object", "properties": {"room": {"type": "integer"}}},
         "n": {"type": "number"},
         "text": {"type": "string"},
         "mode": {"enum": ["auto", "manual", "eco"]}}}
      """;

  private static final String WRONG =
      """
      {"type": "object", "required": ["at", "device", "colour"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "device": {"type": "integer"},
         "colour": {"type": "string"},
         "n": {"type": "number"},
         "mode": {"enum": ["auto", "eco"]}}}
      """;

  @TempDir private Path folder;
  private Path app;

  /// What the last events stand for.
  private String mark = "";

  @BeforeEach
  void app() throws IOException {
    app = Files.createDirectories(folder.resolve("app"));
    declare(FIRST, "");
  }

  private void declare(String schema, String more) throws IOException {
    Files.writeString(app.resolve("reading.json"), schema);
    Files.writeString(
        app.resolve("app.yaml"),
        """
        app: lab
        streams:
          readings:
            schema: reading.json
            %s
            time: at
            key: device
            partitions: 2
        views:
          per_minute:
            rollup: readings
            every: 1m
            by: [device]
            measures: { count: count() }
          sums:
            rollup: readings
            every: 1m
            measures: { sum: sum(n) }
          latest:
            timeline: readings
            by: device
            keep: 1000
        """
            .formatted(more));
  }

  private NodeUnderTest start() {
    return NodeUnderTest.start(folder.resolve("data"), List.of(app));
  }

  private void send(NodeUnderTest node, String event) {
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < EVENTS; i++) {
      events.append(event.formatted(i % 60, i % 3, i)).append('\n');
    }
    mark =
        node.http()
            .post("/v1/streams/readings", events.toString(), "Content-Type", Http.NDJSON)
            .expect(200)
            .mark();
  }

  private void sendFirst(NodeUnderTest node) {
    send(node, "{\"at\":\"2022-03-22T12:%02d:00Z\",\"device\":\"d%d\",\"n\":%d,\"mode\":\"auto\"}");
  }

  private void sendSecond(NodeUnderTest node) {
    send(
        node,
        "{\"at\":\"2022-03-22T12:%02d:00Z\",\"device\":\"d%d\",\"n\":%d.5,\"mode\":\"eco\","
            + "\"colour\":\"red\",\"place\":{\"room\":7}}");
  }

  private JsonNode rows(NodeUnderTest node, String sql) {
    return node.http().post("/v1/sql", sql, "Tidemark-After", mark).expect(200).json().get("rows");
  }

  private int events(NodeUnderTest node, String filter) {
    return node.http()
        .get("/v1/streams/readings/events?limit=1000" + filter, "Tidemark-After", mark)
        .expect(200)
        .json()
        .get("events")
        .size();
  }

  private static String refusedStart(Path data, Path app) {
    try (Command command =
        Command.tidemark(
            "run", app.toString(), "--http", "127.0.0.1:0", "--data", data.toString())) {
      assertThat(command.exitCode(PATIENCE)).isNotZero();
      return command.err();
    }
  }

  @Test
  void aCompatibleSchemaAppliesAndOldEventsAnswerWithNulls() throws IOException {
    try (NodeUnderTest node = start()) {
      sendFirst(node);
      // Half of it is in files, half of it in the log only.
      node.restart();
      sendFirst(node);
      node.kill();
    }
    declare(SECOND, "");
    try (NodeUnderTest node = start()) {
      sendSecond(node);
      assertThat(node.log()).contains("schema readings-value has version 2 now");
      // What a view computes has another definition where its columns have.
      node.awaitFilled();
      for (int round = 0; round < 2; round++) {
        assertThat(events(node, "")).isEqualTo(3 * EVENTS);
        assertThat(events(node, "&where.colour=red")).isEqualTo(EVENTS);
        assertThat(
                rows(
                        node,
                        "SELECT count(*), count(colour), count(place.room), sum(n), max(mode) FROM"
                            + " readings")
                    .toString())
            .isEqualTo("[[300,100,100,14900.0,\"eco\"]]");
        assertThat(rows(node, "SELECT sum(count) FROM per_minute").toString()).isEqualTo("[[300]]");
        assertThat(rows(node, "SELECT sum(sum) FROM sums").toString()).isEqualTo("[[14900.0]]");
        JsonNode newest =
            node.http().get("/v1/timelines/latest/d1?limit=1000").expect(200).json().get("events");
        assertThat(newest).hasSize(99);
        for (JsonNode event : newest) {
          assertThat(event.has("colour")).isEqualTo(event.get("mode").asString().equals("eco"));
        }
        for (String line : node.http().get("/v1/verify").expect(200).text().lines().toList()) {
          assertThat(Http.JSON.readTree(line).path("different").asInt()).as(line).isZero();
        }
        node.restart();
      }
    }
  }

  @Test
  void anIncompatibleSchemaIsRefusedAtStartAndAnotherVersionOfTheStreamBegins() throws IOException {
    try (NodeUnderTest node = start()) {
      sendFirst(node);
      assertThat(node.stop()).isIn(0, 143);
    }
    declare(WRONG, "");
    assertThat(refusedStart(folder.resolve("data"), app))
        .contains("stream readings: its schema cannot follow the one in force")
        .contains(
            "- device was a string and is an integer now; only an integer may become a number")
        .contains("- text is gone, but events that came before have it")
        .contains("- colour is new and required")
        .contains("- mode had \"manual\" among its values")
        .contains("declare `version: 2` for the stream");
    declare(WRONG.replace("integer", "string"), "version: 2");
    try (NodeUnderTest node = start()) {
      mark = "";
      assertThat(events(node, "")).isZero();
      sendSecond(node);
      assertThat(events(node, "")).isEqualTo(EVENTS);
      assertThat(folder.resolve("data/shards/readings/0")).isDirectory();
      assertThat(folder.resolve("data/shards/readings-v2/0")).isDirectory();
    }
    // The way back is open: version 1 is as it was.
    declare(FIRST, "");
    mark = "";
    try (NodeUnderTest node = start()) {
      assertThat(events(node, "")).isEqualTo(EVENTS);
    }
  }

  @Test
  void checkComparesWithARunningNode() throws IOException {
    try (NodeUnderTest node = start()) {
      assertThat(checked(node, 0)).contains("stream readings: its schema is in force");
      declare(SECOND, "");
      assertThat(checked(node, 0)).contains("stream readings: its schema will be a new version");
      declare(WRONG, "");
      assertThat(checked(node, 1))
          .contains("stream readings: its schema cannot follow the one in force")
          .contains("text is gone")
          .contains("declare `version: 2`");
      declare(WRONG, "version: 2");
      assertThat(checked(node, 0)).contains("stream readings: new");
    }
  }

  private String checked(NodeUnderTest node, int code) {
    try (Command command = Command.tidemark("check", app.toString(), "--node", node.address())) {
      assertThat(command.exitCode(PATIENCE)).isEqualTo(code);
      return command.out() + command.err();
    }
  }

  @Test
  void anOlderAppIsRefusedWhereTheSchemaHasGoneOn() throws IOException {
    declare(SECOND, "");
    try (NodeUnderTest node = start()) {
      assertThat(node.stop()).isIn(0, 143);
    }
    declare(FIRST, "");
    assertThat(refusedStart(folder.resolve("data"), app))
        .contains("- colour is gone")
        .contains(
            "if it comes from an older app than other nodes run, start this node with theirs");
  }
}
