package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `POST /v1/sql` of a node whose events are in files and in memory.
class SqlIT {
  private static final String SQL = "/v1/sql";
  private static final String ENDLESS =
      "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private static Path folder;
  private static NodeUnderTest node;
  private static String mark = "";

  /// Ten events in each of four minutes; a checkpoint after each of the first three.
  @BeforeAll
  static void start() {
    node =
        NodeUnderTest.start(folder.resolve("data"), List.of(LabApp.write(folder.resolve("lab"))));
    for (int minute = 0; minute < 4; minute++) {
      if (minute > 0) {
        node.restart();
      }
      StringBuilder events = new StringBuilder();
      for (int i = 0; i < 10; i++) {
        events.append(
            "{\"at\":\"2022-03-22T12:0%d:%02dZ\",\"device\":\"d%d\",\"n\":%d,\"mode\":\"auto\"}\n"
                .formatted(minute, i, i, minute * 10 + i));
      }
      mark =
          node.http()
              .post("/v1/streams/readings", events.toString(), "Content-Type", Http.NDJSON)
              .expect(200)
              .json()
              .get("mark")
              .asString();
      // So that a stop that follows puts them into files.
      node.http().get("/v1/streams/readings/events?limit=1", "Tidemark-After", mark).expect(200);
    }
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Http.Answer ask(String sql, String... headers) {
    return node.http().post(SQL, sql, headers);
  }

  private static Http.Answer askAfterAll(String sql) {
    return ask(sql, "Tidemark-After", mark);
  }

  @Test
  void anAnswerContainsWhatItsMarkSays() {
    Http.Answer answer = askAfterAll("SELECT count(*), sum(n) FROM readings").expect(200);
    assertThat(answer.json().get("rows").toString()).isEqualTo("[[40,780]]");
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.mark()).contains("readings/0:", "readings/1:").doesNotContain("orders");
    assertThat(ask("SELECT 1").expect(200).mark()).isEmpty();
  }

  @Test
  void aQueryHasParametersAndALimit() {
    String body =
        """
        {"query": "SELECT device, n FROM readings WHERE n >= $least AND device <> $not ORDER BY n",
         "parameters": {"least": 37, "not": "d8"}, "limit": 2}
        """;
    node.http().postJson(SQL, "{\"query\":\"SELECT count(*) FROM readings\"}").expect(200);
    assertThat(
            node.http()
                .post(SQL, body, "Content-Type", "application/json", "Tidemark-After", mark)
                .expect(200)
                .json()
                .get("rows")
                .toString())
        .isEqualTo("[[\"d7\",37],[\"d9\",39]]");
    node.http()
        .postJson(SQL, "{\"query\":\"SELECT * FROM range(3)\",\"limit\":2}")
        .expectProblem(422, "too-many-rows");
    node.http().postJson(SQL, "{\"query\":\"SELECT * FROM range(2)\",\"limit\":2}").expect(200);
    node.http()
        .postJson(SQL, "{\"query\":\"SELECT ?\",\"parameters\":[]}")
        .expectProblem(400, "bad-parameter");
    assertThat(
            node.http()
                .postJson(
                    SQL,
                    "{\"query\":\"SELECT ?, ?, ?, typeof(?), ? = 0.1\",\"parameters\":[12345678901234567890.123456789, -1e3, 1e300, 100.0, 0.1]}")
                .expect(200)
                .text())
        .contains("[[12345678901234567890.123456789,-1000,1.0E300,\"DECIMAL(4,1)\",true]]");
    node.http().postJson(SQL, "{\"sql\":\"SELECT 1\"}").expectProblem(400, "bad-parameter");
    node.http().postJson(SQL, "[1]").expectProblem(400, "broken-body");
    node.http().post(SQL, "").expectProblem(400, "bad-parameter");
  }

  @Test
  void answersComeAsTheClientWants() {
    String sql = "SELECT device, n FROM readings WHERE n < 2 ORDER BY n";
    assertThat(ask(sql, "Accept", "text/csv").expect(200).text())
        .isEqualTo("device,n\r\nd0,0\r\nd1,1\r\n");
    assertThat(ask(sql, "Accept", "application/x-ndjson").expect(200).text())
        .isEqualTo("{\"device\":\"d0\",\"n\":0}\n{\"device\":\"d1\",\"n\":1}\n");
    Http.Answer parquet = ask(sql, "Accept", "application/vnd.apache.parquet").expect(200);
    assertThat(parquet.text()).startsWith("PAR1");
    Http.Answer arrow = ask(sql, "Accept", "application/vnd.apache.arrow.stream").expect(200);
    assertThat(arrow.header("Content-Type")).isEqualTo("application/vnd.apache.arrow.stream");
    // A message of a stream begins with four bytes of ones, and the last one is empty.
    assertThat(arrow.bytes()).startsWith(-1, -1, -1, -1).endsWith(-1, -1, -1, -1, 0, 0, 0, 0);
    ask(sql, "Accept", "image/png").expectProblem(406, "not-acceptable");
    assertThat(ask("SELECT range FROM range(20000)", "Accept", "text/csv").status()).isEqualTo(422);
    assertThat(
            node.http()
                .post(
                    SQL + "?limit=200000", "SELECT range FROM range(200000)", "Accept", "text/csv")
                .expect(200)
                .text()
                .lines())
        .hasSize(200_001);
  }

  @Test
  void aRangeOfTimeOpensOnlyTheFilesItNeeds() {
    JsonNode all = askAfterAll("EXPLAIN SELECT * FROM readings").expect(200).json();
    JsonNode table = all.get("tables").get(0);
    assertThat(table.get("files_read").size()).isEqualTo(table.get("files").asInt()).isEqualTo(6);
    assertThat(table.get("rows_in_memory").asInt()).isEqualTo(10);
    JsonNode some =
        askAfterAll(
                "EXPLAIN SELECT count(*) FROM readings WHERE _time >= TIMESTAMP '2022-03-22 12:01:00' AND _time < TIMESTAMP '2022-03-22 12:02:00'")
            .expect(200)
            .json()
            .get("tables")
            .get(0);
    assertThat(some.get("files_read")).hasSize(2);
    assertThat(some.get("rows_in_memory").asInt()).isZero();
    assertThat(all.get("plan").asString()).contains("Parquet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT * FROM reading|404|not-found",
        "SELEC 1|400|bad-sql",
        "SELECT nothing FROM readings|400|bad-sql",
        "COPY readings TO '/tmp/x'|403|sql-not-allowed",
        "SELECT * FROM read_csv('/etc/passwd')|403|sql-not-allowed",
        "SELECT 'x'::INT|422|sql-failed",
      })
  void whatIsWrongIsSaid(String sql, int status, String type) {
    Http.Answer answer = ask(sql).expectProblem(status, type);
    if (status == 404) {
      assertThat(answer.text()).contains("did you mean readings?");
    }
  }

  @Test
  void aQueryEndsWhenItsTimeIsOverOrItsClientGoes() throws IOException {
    node.http()
        .postJson(SQL, "{\"query\":\"%s\",\"timeout_ms\":300}".formatted(ENDLESS))
        .expectProblem(422, "sql-too-slow");
    awaitRunning(0);
    URI uri = URI.create(node.address());
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket
          .getOutputStream()
          .write(
              "POST /v1/sql?timeout_ms=300000 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(ENDLESS.length(), ENDLESS)
                  .getBytes(StandardCharsets.US_ASCII));
      awaitRunning(1);
    }
    awaitRunning(0);
    // More than there are turns: each of them is free again.
    for (int i = 0; i < 5; i++) {
      ask("SELECT 1").expect(200);
    }
  }

  private static void awaitRunning(int count) {
    Poll.until(
        count + " queries under way",
        PATIENCE,
        () -> node.http().metric("tidemark_sql_running") == count);
  }

  @Test
  void aConnectionGoesOnAfterAQuery() throws IOException {
    String query = "POST /v1/sql HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nSELECT 1";
    URI uri = URI.create(node.address());
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      for (int i = 0; i < 3; i++) {
        // Two requests at once, then one.
        String both = i == 0 ? query + query : query;
        socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));
        assertThat(Http.readAnswer(socket.getInputStream())).contains("\"rows\":[[1]]");
        if (i == 0) {
          assertThat(Http.readAnswer(socket.getInputStream())).contains("\"rows\":[[1]]");
        }
      }
    }
  }
}
