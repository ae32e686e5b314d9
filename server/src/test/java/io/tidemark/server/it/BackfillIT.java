package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Views that are declared when their stream has events already, whose log has gone: they are
/// filled beside everything else, whatever is killed, and answer when they have all.
class BackfillIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Instant START = Instant.parse("2022-03-22T12:00:00Z");
  private static final int DEVICES = 100;
  private static final int EVENTS = 300_000;
  private static final int BODY = 10_000;

  private static final String LATER =
      """
        sums:
          rollup: readings
          every: 1m
          by: [device]
          measures: { count: count(), sum: sum(n) }
        latest:
          timeline: readings
          by: device
          keep: 10
      """;

  @TempDir private Path folder;
  private Path app;
  private int sent;
  private String mark = "";

  @BeforeEach
  void app() throws IOException {
    app = LabApp.write(folder.resolve("lab"));
    declare("");
  }

  private void declare(String views) throws IOException {
    Files.writeString(
        app.resolve("app.yaml"),
        """
        app: lab
        streams:
          readings:
            schema: schemas/reading.json
            time: at
            key: device
            partitions: 2
            log: { keep: 1MiB }
        views:
          per_minute:
            rollup: readings
            every: 1m
            measures: { count: count() }
        """
            + views);
  }

  private void send(NodeUnderTest node, int events) {
    StringBuilder body = new StringBuilder();
    for (int i = sent; i < sent + events; i++) {
      body.append(
          "{\"at\":\"%s\",\"device\":\"d%d\",\"n\":%d}\n"
              .formatted(START.plusMillis(i * 20L), i % DEVICES, i));
    }
    mark =
        node.http()
            .post("/v1/streams/readings", body.toString(), "Content-Type", Http.NDJSON)
            .expect(200)
            .mark();
    sent += events;
  }

  /// The views that do not answer yet.
  private static List<JsonNode> filling(NodeUnderTest node) {
    return node.http()
        .get("/v1/streams/readings")
        .expect(200)
        .json()
        .get("views")
        .valueStream()
        .filter(v -> v.get("filling").isObject())
        .toList();
  }

  /// The first offset that the log of a shard still has.
  private long logStart() throws IOException {
    Path starts = folder.resolve("data/log/log-start-offset-checkpoint");
    return Files.readAllLines(starts).stream()
        .map(line -> line.split(" ", -1))
        .filter(p -> p.length == 3 && p[0].equals("readings") && p[1].equals("0"))
        .mapToLong(p -> Long.parseLong(p[2]))
        .findFirst()
        .orElse(0);
  }

  private Http.Answer sums(NodeUnderTest node) {
    return node.http()
        .get(
            "/v1/rollups/sums?every=1d&from=2022-03-22T00:00:00Z&to=2022-03-24T00:00:00Z",
            "Tidemark-After",
            mark);
  }

  private Http.Answer latest(NodeUnderTest node) {
    return node.http().get("/v1/timelines/latest/d7", "Tidemark-After", mark);
  }

  private void everythingIsThere(NodeUnderTest node) {
    long count = 0;
    long sum = 0;
    for (JsonNode row : sums(node).expect(200).json().get("rows")) {
      count += row.get("count").asLong();
      sum += row.get("sum").asLong();
    }
    assertThat(count).isEqualTo(sent);
    assertThat(sum).isEqualTo((long) sent * (sent - 1) / 2);
    JsonNode events = latest(node).expect(200).json().get("events");
    assertThat(events.size()).isEqualTo(10);
    int newest = (sent - 1 - 7) / DEVICES * DEVICES + 7;
    for (int i = 0; i < 10; i++) {
      assertThat(events.get(i).get("n").asInt()).isEqualTo(newest - i * DEVICES);
    }
  }

  @Test
  void aViewHasAllThatWasThereBeforeItWhateverIsKilled() throws Exception {
    Random random = new Random(7);
    try (NodeUnderTest node = NodeUnderTest.start(folder.resolve("data"), List.of(app))) {
      while (sent < EVENTS) {
        send(node, BODY);
        if (sent == EVENTS / 2) {
          node.restart();
        }
      }
      node.restart();
      send(node, 1000);
      declare(LATER);
      assertThat(node.stop()).isIn(0, 143);
      assertThat(logStart()).isPositive();
      for (int life = 0; life < 3; life++) {
        node.relaunch().awaitReady();
        send(node, 1000);
        // What is answered meanwhile is right, or says how far it is.
        Http.Answer answer = sums(node);
        if (answer.status() != 200) {
          answer.expectProblem(503, "view-filling");
          assertThat(answer.json().get("detail").asString())
              .contains("view sums is being filled", "%");
        }
        Poll.pass(random.nextInt(300));
        node.kill();
      }
      node.relaunch().awaitReady();
      send(node, 1000);
      try (Command views = Command.tidemark("views", "--wait", "--node", node.address())) {
        assertThat(views.exitCode(PATIENCE)).isZero();
        assertThat(views.out().lines())
            .containsExactly(
                "per_minute (rollup of readings): answers",
                "sums (rollup of readings): answers",
                "latest (timeline of readings): answers");
      }
      assertThat(filling(node)).isEmpty();
      everythingIsThere(node);
      send(node, 1000);
      node.restart();
      assertThat(filling(node)).isEmpty();
      everythingIsThere(node);
      assertThat(node.http().metric("tidemark_shard_gap")).isZero();
      try (Command verify = Command.tidemark("verify", "--node", node.address())) {
        assertThat(verify.exitCode(PATIENCE)).isZero();
        assertThat(verify.out()).contains(" 0 different").doesNotContain("skipped");
      }
    }
  }
}
