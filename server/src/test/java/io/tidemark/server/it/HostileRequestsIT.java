package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.Catalog;
import io.tidemark.event.EventType;
import io.tidemark.log.Mark;
import io.tidemark.query.ShardQuery;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.server.http.PeerRoutes;
import io.tidemark.server.node.Apps;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.TableShape;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Whatever a client sends, it is answered below 500 with a problem document, or the connection is
/// closed; and the node is none the worse.
///
/// `-Drequests=` says how many, `-Dseed=` which.
class HostileRequestsIT {
  private static final int REQUESTS = Integer.getInteger("requests", 10_000);
  private static final int CLIENTS = 8;
  private static final byte[] ANOTHER =
      "GET /health/live HTTP/1.1\r\nHost: node\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @RegisterExtension static final LabNode LAB = new LabNode();

  private final long seed = Long.getLong("seed", 1);
  private final Http http = LAB.http();
  private final int logged = LAB.log().length();

  @AfterEach
  void theNodeIsNoneTheWorse() {
    http.get("/health/ready").expect(200);
    String event = "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"after all\"}";
    String mark = http.postJson("/v1/streams/readings", event).expect(200).mark();
    assertThat(
            http.get("/v1/timelines/latest/after%20all", "Tidemark-After", mark)
                .expect(200)
                .json()
                .get("events"))
        .isNotEmpty();
    assertThat(http.metric("tidemark_requests_seconds_count", "status=\"500\"")).isEqualTo(-1);
    assertThat(LAB.worries(logged)).isEmpty();
  }

  @Test
  void everyRequestIsAnsweredOrItsConnectionIsClosed() throws Exception {
    System.out.println("HostileRequestsIT -Dseed=" + seed + " -Drequests=" + REQUESTS);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<Integer>> answered = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        long own = seed * CLIENTS + client;
        answered.add(clients.submit(() -> attack(own, REQUESTS / CLIENTS)));
      }
      int all = 0;
      for (Future<Integer> one : answered) {
        all += get(one);
      }
      System.out.println(all + " answers");
      // The generator must not drift to what the server closes without a word.
      assertThat(all).isGreaterThan(REQUESTS * 3 / 4);
    }
  }

  private static int get(Future<Integer> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  /// Returns how many answers came.
  private int attack(long ofClient, int requests) throws IOException {
    HostileRequests hostile = new HostileRequests(new Random(ofClient));
    int answers = 0;
    for (int i = 0; i < requests; i++) {
      HostileRequests.Request request = hostile.next();
      try (RawConnection connection = RawConnection.to(http)) {
        connection.trySend(request.bytes());
        if (request.isSound()) {
          connection.trySend(ANOTHER);
        }
        connection.tryEnd();
        answers += check(request, connection.readAll());
      } catch (IOException | AssertionError | RuntimeException e) {
        throw new AssertionError("-Dseed=%d, request %d:%n%s".formatted(seed, i, request), e);
      }
    }
    return answers;
  }

  private static int check(HostileRequests.Request request, List<RawConnection.Answer> answers) {
    for (RawConnection.Answer answer : answers) {
      check(answer);
    }
    if (request.isSound()) {
      assertThat(answers).isNotEmpty();
      if (!answers.getFirst().header("connection").equalsIgnoreCase("close")) {
        // Its connection can be used again: what was sent behind it is answered as well.
        assertThat(answers).hasSize(2);
        assertThat(answers.getLast().text()).isEqualTo("{\"status\":\"live\"}");
      }
    }
    return answers.size();
  }

  private static void check(RawConnection.Answer answer) {
    assertThat(answer.status()).as(answer::text).isBetween(200, 499);
    if (answer.status() >= 400 && answer.body().length > 0) {
      assertThat(answer.header("content-type"))
          .isIn("application/problem+json", "application/json");
      JsonNode document = Http.JSON.readTree(answer.body());
      if (answer.header("content-type").equals("application/problem+json")) {
        assertThat(document.get("status").asInt()).isEqualTo(answer.status());
        assertThat(document.get("type").asString()).startsWith("urn:tidemark:");
        assertThat(document.get("detail").asString()).isNotBlank();
      }
    }
  }

  /// Questions between nodes are for nodes, but their port is everybody's.
  @Test
  void questionsOfNodesThatAreTamperedWithAreRefused(@TempDir Path folder) throws Exception {
    Catalog catalog = new Catalog(Apps.read(List.of(LabApp.write(folder.resolve("lab")))));
    Random random = new Random(seed);
    List<byte[]> questions = new ArrayList<>();
    for (ShardQuery query : queries(catalog)) {
      questions.add(PeerRoutes.question(catalog, "readings", List.of(0, 1), Mark.NONE, 100, query));
    }
    questions.forEach(q -> http.post(PeerRoutes.PATH, q).expect(200));
    for (int i = 0; i < REQUESTS / 5; i++) {
      byte[] question = questions.get(random.nextInt(questions.size())).clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        int at = random.nextInt(question.length);
        question[at] =
            random.nextBoolean()
                ? (byte) random.nextInt(256)
                : (byte) (question[at] ^ 1 << random.nextInt(8));
      }
      Http.Answer answer = http.post(PeerRoutes.PATH, question);
      assertThat(answer.status())
          .as("-Dseed=%d, question %d: %s", seed, i, answer.text())
          .isIn(200, 400, 404, 422, 503, 504);
      if (answer.status() == 503) {
        // It is about the view as it might have been declared before.
        answer.expectProblem(503, "view-filling");
      }
    }
  }

  private static List<ShardQuery> queries(Catalog catalog) {
    EventType type = catalog.stream("readings").orElseThrow().type();
    byte[] ann = "ann".getBytes(StandardCharsets.UTF_8);
    return List.of(
        new ShardQuery.OfTimeline(
            "latest",
            catalog.view("latest").orElseThrow().definition(type),
            new TimelineQuery(ann, Long.MIN_VALUE, Long.MAX_VALUE, List.of(), 10)),
        new ShardQuery.OfRollup(
            "per_minute",
            catalog.view("per_minute").orElseThrow().definition(type),
            new RollupQuery(
                0,
                60_000_000,
                60_000_000,
                List.of(0),
                List.of(new RollupQuery.Filter(0, List.of(ann), List.of())),
                List.of(0, 1),
                100)),
        new ShardQuery.OfEvents(
            "readings",
            new EventQuery(
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                List.of(
                    new Condition.TextIn(TableShape.FIRST_FIELD + 1, List.of(ann)),
                    new Condition.AnyContains(List.of(TableShape.FIRST_FIELD + 1), "a"),
                    new Condition.WordIn(TableShape.FIRST_FIELD + 2, List.of(1L, 2L)),
                    new Condition.OlderThan(5, 6)),
                100,
                new EventQuery.Cursor(1, 2, 0))));
  }

  /// Names that clients make up must not become metrics: each would cost memory for ever.
  @Test
  void fiveThousandKindsOfErrorsMakeNoMoreMetricsThanAFew() {
    Random random = new Random(seed);
    int before = series();
    // Five hundred of each kind: more than all of them may come to.
    for (int i = 0; i < 5_000; i++) {
      String name = "x" + Integer.toHexString(i) + "x".repeat(random.nextInt(40));
      switch (i % 10) {
        case 0 -> http.postJson("/v1/streams/" + name, "{}").expect(404);
        case 1 -> http.get("/v1/timelines/" + name + "/k").expect(404);
        case 2 -> http.get("/v1/rollups/" + name).expect(404);
        case 3 -> http.get("/" + name + "/" + name).expect(404);
        case 4 -> http.get("/v1/quarantine?" + name + "=1").expect(400);
        case 5 -> http.send("M" + name, "/v1/quarantine", new byte[0]).expect(405);
        case 6 -> http.postJson("/v1/streams/readings", "{\"" + name + "\":1}").expect(422);
        case 7 -> http.postJson("/v1/streams/readings", "[" + name + "]").expect(400);
        case 8 -> http.post("/v1/streams/readings", name, "Content-Encoding", name).expect(415);
        default -> http.get("/health/live", "Tidemark-After", name).expect(200);
      }
    }
    assertThat(series() - before).isLessThan(400);
    JsonNode newest = http.get("/v1/quarantine?stream=readings").json().at("/streams/0/newest");
    assertThat(newest).hasSize(100);
  }

  /// How many metrics there are, with their labels. Each route has a dozen for each status.
  private int series() {
    return (int) http.get("/metrics").expect(200).text().lines().count();
  }

  @Test
  void whatIsRememberedOfRefusalsIsSmallWhateverTheEvents() {
    String name = "n".repeat(900_000);
    for (int i = 0; i < 120; i++) {
      http.postJson(
              "/v1/streams/readings", "{\"more%d\":{\"%s\":1,\"%s\":2}}".formatted(i, name, name))
          .expect(422);
    }
    assertThat(http.get("/v1/quarantine").expect(200).bytes().length).isLessThan(1 << 20);
  }
}
