package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.kafka.EmbeddedBroker;
import io.tidemark.server.kafka.Sync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// SQL of three nodes on one broker: whichever is asked, it answers over all shards.
class SqlClusterIT {
  private static final String SQL = "/v1/sql";
  private static final Duration BALANCED = Duration.ofSeconds(150);
  private static final Duration FAIL_OVER = Duration.ofSeconds(60);
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final int VISITS = 600;
  private static final int ORDERS = 200;

  private static final String DECLARATION =
      """
      app: shop
      streams:
        visits:
          schema: schemas/visit.json
          time: at
          key: user
          max_ahead: 365d
          partitions: 6
        orders:
          schema: schemas/order.json
          time: at
          key: user
          max_ahead: 365d
          partitions: 3
      views:
        visits_a_minute:
          rollup: visits
          every: 1m
          by: [page.name]
          measures: { count: count(), seconds: sum(seconds), users: distinct(user) }
      """;

  private static final String VISIT =
      """
      {"$schema": "https://json-schema.org/draft/2020-12/schema",
       "type": "object",
       "required": ["at", "user"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "user": {"type": "string"},
         "seconds": {"type": "integer"},
         "page": {"type": "object", "properties": {
           "name": {"type": "string"},
           "place": {"type": "object", "properties": {"x": {"type": "number"}}}}},
         "tags": {}}}
      """;

  private static final String ORDER =
      """
      {"$schema": "https://json-schema.org/draft/2020-12/schema",
       "type": "object",
       "required": ["at", "user"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "user": {"type": "string"},
         "amount": {"type": "integer"}}}
      """;

  private final MarkUnion marks = new MarkUnion();

  private static void writeApp(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("schemas"));
    Files.writeString(folder.resolve("app.yaml"), DECLARATION);
    Files.writeString(folder.resolve("schemas").resolve("visit.json"), VISIT);
    Files.writeString(folder.resolve("schemas").resolve("order.json"), ORDER);
  }

  private static NodeUnderTest launch(
      Path folder, String name, EmbeddedBroker broker, String standbys) {
    return NodeUnderTest.launchAt(
        Http.freeAddress(),
        folder.resolve(name),
        List.of(folder.resolve("app")),
        "--kafka",
        broker.bootstrap(),
        "--standbys",
        standbys);
  }

  /// Waits until each node has shards that others have to ask for.
  ///
  /// @param others how many each has to ask at least
  private static void awaitBalance(List<NodeUnderTest> nodes, int others) {
    nodes.forEach(NodeUnderTest::awaitReady);
    Poll.until(
        "each owns shards of each stream",
        BALANCED,
        () -> {
          for (String stream : List.of("visits", "orders")) {
            List<Set<String>> asked =
                nodes.stream().map(n -> asked(n, "EXPLAIN SELECT * FROM " + stream)).toList();
            Set<String> all = asked.stream().flatMap(Set::stream).collect(Collectors.toSet());
            if (all.size() < nodes.size() || asked.stream().anyMatch(a -> a.size() < others)) {
              return false;
            }
          }
          return true;
        });
  }

  /// The addresses of the nodes that one asks.
  private static Set<String> asked(NodeUnderTest node, String explain) {
    Http.Answer answer = node.http().post(SQL, explain);
    return answer.status() != 200
        ? Set.of()
        : answer
            .json()
            .get("tables")
            .get(0)
            .get("nodes")
            .valueStream()
            .map(n -> "http://" + n.get("node").asString())
            .collect(Collectors.toSet());
  }

  private static String visit(int n) {
    return "{\"at\":\"%s\",\"user\":\"u%d\",\"seconds\":%d,\"page\":{\"name\":\"p%d\",\"place\":{\"x\":%s}},\"tags\":[%d],\"more\":%d}"
        .formatted(START.plusSeconds(n), n % 37, n, n % 4, n / 8.0, n, n);
  }

  private static String order(int n) {
    return "{\"at\":\"%s\",\"user\":\"u%d\",\"amount\":%d}"
        .formatted(START.plusSeconds(3L * n), n % 37, n * 10);
  }

  private void post(NodeUnderTest node, String stream, List<String> events) {
    marks.add(
        node.http()
            .post("/v1/streams/" + stream, String.join("\n", events), "Content-Type", Http.NDJSON)
            .expect(200)
            .mark());
  }

  /// Every third event to each node.
  private void postAll(List<NodeUnderTest> nodes, int half) {
    for (int i = 0; i < nodes.size(); i++) {
      int node = i;
      post(
          nodes.get(i),
          "visits",
          IntStream.range(half * VISITS / 2, (half + 1) * VISITS / 2)
              .filter(n -> n % nodes.size() == node)
              .mapToObj(SqlClusterIT::visit)
              .toList());
      post(
          nodes.get(i),
          "orders",
          IntStream.range(half * ORDERS / 2, (half + 1) * ORDERS / 2)
              .filter(n -> n % nodes.size() == node)
              .mapToObj(SqlClusterIT::order)
              .toList());
    }
  }

  private Http.Answer ask(NodeUnderTest node, String sql) {
    return node.http().post(SQL, sql, "Tidemark-After", marks.toString());
  }

  /// Rows that each node answers, with the same mark.
  private String rows(List<NodeUnderTest> nodes, String sql) {
    Set<String> answers = new TreeSet<>();
    Set<String> found = new TreeSet<>();
    for (NodeUnderTest node : nodes) {
      // While shards move there may be none.
      Http.Answer answer =
          Poll.value(
                  "an answer",
                  FAIL_OVER,
                  () -> Optional.of(ask(node, sql)).filter(a -> a.status() != 503))
              .expect(200);
      answers.add(answer.mark() + " " + answer.text());
      found.add(answer.json().get("rows").toString());
    }
    assertThat(answers).as(sql).hasSize(1);
    return found.iterator().next();
  }

  @Test
  void everyNodeAnswersOverAllShards(@TempDir Path folder) throws Exception {
    writeApp(folder.resolve("app"));
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder.resolve("kafka"), EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        NodeUnderTest one = launch(folder, "one", broker, "0").awaitReady();
        NodeUnderTest two = launch(folder, "two", broker, "0");
        NodeUnderTest three = launch(folder, "three", broker, "0")) {
      List<NodeUnderTest> nodes = List.of(one, two, three);
      awaitBalance(nodes, 2);
      postAll(nodes, 0);
      rows(nodes, "SELECT count(*) FROM visits");
      // What has come so far goes into files.
      nodes.forEach(NodeUnderTest::stop);
      nodes.forEach(NodeUnderTest::relaunch);
      awaitBalance(nodes, 2);
      postAll(nodes, 1);
      answersAreRight(nodes);
      explains(nodes);
      readsWhatAnyNodeHasTaken(nodes);
      for (NodeUnderTest node : nodes) {
        assertThat(node.http().get("/metrics").expect(200).text())
            .contains("tidemark_sql_excerpt_bytes 0.0");
      }
    }
  }

  private void answersAreRight(List<NodeUnderTest> nodes) {
    assertThat(rows(nodes, "SELECT count(*), sum(seconds) FROM visits"))
        .isEqualTo("[[%d,%d]]".formatted(VISITS, VISITS * (VISITS - 1) / 2));
    assertThat(rows(nodes, "SELECT page.name, count(*) FROM visits GROUP BY 1 ORDER BY 1"))
        .isEqualTo("[[\"p0\",150],[\"p1\",150],[\"p2\",150],[\"p3\",150]]");
    assertThat(
            rows(
                nodes,
                "SELECT page, tags, _extra FROM visits WHERE _time = TIMESTAMP '2026-03-01 12:00:09'"))
        .isEqualTo(
            "[[{\"name\":\"p1\",\"place\":{\"x\":1.125}},[9],{\"at\":\"2026-03-01T12:00:09Z\",\"more\":9}]]");
    // Each record once, and where it is.
    assertThat(
            rows(
                nodes,
                "SELECT count(DISTINCT (_partition, _offset)), count(DISTINCT _partition) FROM visits"))
        .isEqualTo("[[600,6]]");
    assertThat(rows(nodes, "SELECT * FROM visits ORDER BY _time, _partition, _offset"))
        .contains("\"u36\"");
    assertThat(
            rows(
                nodes,
                "SELECT count(*), sum(o.amount) FROM visits v JOIN orders o ON v.user = o.user AND v._time = o._time WHERE v._time < TIMESTAMP '2026-03-01 12:05:00'"))
        .isEqualTo("[[%s]]".formatted(joined()));
    assertThat(
            rows(
                nodes,
                "SELECT sum(count), sum(seconds) FROM visits_a_minute WHERE _time < TIMESTAMP '2026-03-01 12:02:00'"))
        .isEqualTo("[[120,7140]]");
    assertThat(
            rows(
                nodes,
                "SELECT count, seconds, users FROM visits_a_minute WHERE page.name = 'p1' AND _time = TIMESTAMP '2026-03-01 12:03:00'"))
        .isEqualTo("[[15,3135,15]]");
    // A stream and its rollup are of one moment.
    assertThat(
            rows(
                nodes,
                "SELECT (SELECT sum(count) FROM visits_a_minute) - (SELECT count(*) FROM visits), (SELECT count(*) FROM orders)"))
        .isEqualTo("[[0,200]]");
    for (NodeUnderTest node : nodes) {
      assertThat(
              node.http()
                  .post(
                      SQL,
                      "{\"query\":\"SELECT count(*) FROM visits WHERE user = $u AND seconds < $s\",\"parameters\":{\"u\":\"u7\",\"s\":100}}",
                      "Content-Type",
                      "application/json",
                      "Tidemark-After",
                      marks.toString())
                  .expect(200)
                  .json()
                  .get("rows")
                  .toString())
          .isEqualTo("[[3]]");
    }
  }

  private static String joined() {
    int count = 0;
    int amount = 0;
    for (int n = 0; n < ORDERS; n++) {
      int at = 3 * n;
      if (at < 300 && at % 37 == n % 37) {
        count++;
        amount += n * 10;
      }
    }
    return count + "," + amount;
  }

  /// What is read here and by others is, together, the same on each node.
  private void explains(List<NodeUnderTest> nodes) {
    Set<String> sums = new TreeSet<>();
    for (NodeUnderTest node : nodes) {
      JsonNode table =
          ask(
                  node,
                  "EXPLAIN SELECT user FROM visits WHERE _time >= TIMESTAMP '2026-03-01 12:04:00'")
              .expect(200)
              .json()
              .get("tables")
              .get(0);
      assertThat(table.get("nodes")).hasSize(2);
      List<JsonNode> all = new ArrayList<>(List.of(table));
      table.get("nodes").forEach(all::add);
      Set<String> others = new TreeSet<>();
      Set<String> files = new TreeSet<>();
      int inMemory = 0;
      for (JsonNode part : all) {
        part.get("files_read").forEach(f -> files.add(f.asString()));
        inMemory += part.get("rows_in_memory").asInt();
        others.add("http://" + part.path("node").asString(""));
      }
      others.remove("http://");
      assertThat(others)
          .containsExactlyInAnyOrderElementsOf(
              nodes.stream().filter(n -> n != node).map(NodeUnderTest::address).toList());
      assertThat(inMemory).isGreaterThanOrEqualTo(VISITS / 2);
      assertThat(files).isNotEmpty();
      sums.add(files + " " + inMemory);
    }
    assertThat(sums).hasSize(1);
  }

  private void readsWhatAnyNodeHasTaken(List<NodeUnderTest> nodes) {
    for (int n = 0; n < 30; n++) {
      post(nodes.get(n % 3), "visits", List.of(visit(VISITS + n)));
      assertThat(
              ask(nodes.get((n + 1) % 3), "SELECT count(*) FROM visits")
                  .expect(200)
                  .json()
                  .get("rows")
                  .toString())
          .isEqualTo("[[" + (VISITS + n + 1) + "]]");
    }
  }

  /// A node that dies or hangs costs answers, or nothing; but none is wrong.
  @Test
  void noAnswerHasLessWhenANodeIsLost(@TempDir Path folder) throws Exception {
    writeApp(folder.resolve("app"));
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder.resolve("kafka"), EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        NodeUnderTest one = launch(folder, "one", broker, "1").awaitReady();
        NodeUnderTest two = launch(folder, "two", broker, "1");
        NodeUnderTest three = launch(folder, "three", broker, "1")) {
      List<NodeUnderTest> nodes = List.of(one, two, three);
      awaitBalance(nodes, 1);
      postAll(nodes, 0);
      postAll(nodes, 1);
      answersAreRight(nodes);
      AtomicInteger right = new AtomicInteger();
      AtomicInteger refused = new AtomicInteger();
      try (Load load = new Load()) {
        for (NodeUnderTest node : List.of(one, two)) {
          load.with(() -> check(node, right, refused)).with(() -> check(node, right, refused));
        }
        three.command().signal("STOP");
        Poll.until("both answer", FAIL_OVER, () -> answers(one) && answers(two));
        three.command().signal("CONT");
        Poll.pass(1_000);
        three.kill();
        Poll.until("both answer", FAIL_OVER, () -> answers(one) && answers(two));
        int before = right.get();
        Poll.until("they go on", FAIL_OVER, () -> right.get() > before + 20);
      }
      System.out.printf("%d right answers, %d refused%n", right.get(), refused.get());
      answersAreRight(List.of(one, two));
    }
  }

  private boolean answers(NodeUnderTest node) {
    return ask(node, "SELECT count(*) FROM visits").status() == 200;
  }

  private void check(NodeUnderTest node, AtomicInteger right, AtomicInteger refused) {
    Http.Answer answer =
        ask(
            node,
            "SELECT (SELECT count(*) FROM visits), (SELECT sum(count) FROM visits_a_minute), (SELECT sum(amount) FROM orders)");
    if (answer.status() == 200) {
      assertThat(answer.json().get("rows").toString()).isEqualTo("[[600,600,199000]]");
      right.incrementAndGet();
    } else {
      assertThat(answer.json().path("type").asString())
          .isIn(
              "urn:tidemark:unavailable", "urn:tidemark:not-visible-yet", "urn:tidemark:overload");
      assertThat(answer.json().path("detail").asString()).isNotBlank();
      refused.incrementAndGet();
    }
  }
}
