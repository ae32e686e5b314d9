package io.tidemark.server.it;

import static java.util.Collections.disjoint;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Views that are declared when their stream has events already, whose log has gone: they are
/// filled beside everything else, whatever is killed, and answer when they have all. Those that are
/// changed answer as they were until then.
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

  /// With another group, another measure, and more events of each key.
  private static final String CHANGED =
      """
        sums:
          rollup: readings
          every: 1m
          by: []
          measures: { most: max(n), count: count(), sum: sum(n) }
        latest:
          timeline: readings
          by: device
          keep: 12
      """;

  @TempDir private Path folder;
  private Path app;
  private int sent;
  private int sqlOfEarlier;
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

  private Http.Answer sums(NodeUnderTest node, String wanted) {
    return node.http()
        .get(
            "/v1/rollups/sums?every=1d&from=2022-03-22T00:00:00Z&to=2022-03-24T00:00:00Z" + wanted,
            "Tidemark-After",
            mark);
  }

  private Http.Answer latest(NodeUnderTest node) {
    return node.http().get("/v1/timelines/latest/d7", "Tidemark-After", mark);
  }

  /// The files of rollup `sums`.
  private Set<Path> filesOfSums() throws IOException {
    Path shards = folder.resolve("data/shards/readings");
    Set<Path> found = new HashSet<>();
    for (int partition = 0; partition < 2; partition++) {
      try (Stream<Path> files = Files.list(shards.resolve(partition + "/segments"))) {
        files.filter(f -> f.getFileName().toString().startsWith("sums-")).forEach(found::add);
      }
    }
    return found;
  }

  /// While views that have changed are being filled, they answer as they were.
  ///
  /// @return whether one of them still does
  private boolean everythingIsThereMeanwhile(NodeUnderTest node) {
    Http.Answer sums = sums(node, "&measures=count,sum").expect(200);
    assertSums(sums);
    Http.Answer latest = latest(node).expect(200);
    int kept = isEarlier(latest) ? 10 : 12;
    assertLatest(latest, kept);
    Http.Answer most = sums(node, "&measures=most");
    if (most.status() == 200) {
      assertThat(most.json().get("rows").get(0).get("most").asInt()).isEqualTo(sent - 1);
    } else {
      most.expectProblem(503, "view-filling");
      assertThat(most.json().get("detail").asString())
          .contains("view sums is being filled", "as it was declared before", "no most here");
    }
    Http.Answer sql =
        node.http()
            .post("/v1/sql", "SELECT sum(\"count\"), sum(sum) FROM sums", "Tidemark-After", mark)
            .expect(200);
    JsonNode row = sql.json().get("rows").get(0);
    assertThat(row.get(0).asLong()).isEqualTo(sent);
    assertThat(row.get(1).asLong()).isEqualTo((long) sent * (sent - 1) / 2);
    sqlOfEarlier += isEarlier(sql) ? 1 : 0;
    return isEarlier(sums) || isEarlier(latest) || most.status() != 200 || isEarlier(sql);
  }

  private static boolean isEarlier(Http.Answer answer) {
    return answer.header("Tidemark-View").equals("earlier");
  }

  private void everythingIsThere(NodeUnderTest node) {
    assertSums(sums(node, "").expect(200));
    assertLatest(latest(node).expect(200), 10);
  }

  private void assertSums(Http.Answer answer) {
    long count = 0;
    long sum = 0;
    for (JsonNode row : answer.json().get("rows")) {
      count += row.get("count").asLong();
      sum += row.get("sum").asLong();
    }
    assertThat(count).isEqualTo(sent);
    assertThat(sum).isEqualTo((long) sent * (sent - 1) / 2);
  }

  private void assertLatest(Http.Answer answer, int kept) {
    JsonNode events = answer.json().get("events");
    assertThat(events.size()).isEqualTo(kept);
    int newest = (sent - 1 - 7) / DEVICES * DEVICES + 7;
    for (int i = 0; i < kept; i++) {
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
      for (int life = 0; life < 2; life++) {
        node.relaunch().awaitReady();
        send(node, 1000);
        // What is answered meanwhile is right, or says how far it is.
        Http.Answer answer = sums(node, "");
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
      change(node, random);
    }
  }

  private void change(NodeUnderTest node, Random random) throws Exception {
    Set<Path> before = filesOfSums();
    assertThat(before).isNotEmpty();
    declare(CHANGED);
    assertThat(node.stop()).isIn(0, 143);
    int earlier = 0;
    for (int life = 0; life < 2; life++) {
      node.relaunch().awaitReady();
      send(node, 1000);
      earlier += everythingIsThereMeanwhile(node) ? 1 : 0;
      Poll.pass(random.nextInt(300));
      node.kill();
    }
    assertThat(earlier).as("lives in which an earlier view was asked").isPositive();
    assertThat(sqlOfEarlier).as("answers to SQL that say so").isPositive();
    node.relaunch().awaitReady();
    send(node, 1000);
    Poll.until("as they are declared now", PATIENCE, () -> !everythingIsThereMeanwhile(node));
    Poll.until("the files of before are gone", PATIENCE, () -> disjoint(before, filesOfSums()));
    assertLatest(latest(node).expect(200), 12);
    try (Command verify = Command.tidemark("verify", "--node", node.address())) {
      assertThat(verify.exitCode(PATIENCE)).isZero();
      assertThat(verify.out()).contains(" 0 different").doesNotContain("skipped");
    }
  }
}
