package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `POST /v1/streams/{stream}`: what is taken, what is refused and how, and when it can be asked
/// for.
class IngestIT {
  private static final String READINGS = "/v1/streams/readings";
  private static final String ORDERS = "/v1/streams/orders";
  private static final int MAX_BODY = 16 << 20;

  @RegisterExtension static final LabNode LAB = new LabNode();

  private Http http = LAB.http();

  @Test
  void oneEventAnArrayAndLinesAreTaken() {
    JsonNode one = http.postJson(READINGS, reading("forms", 1)).expect(200).json();
    assertThat(one.get("items").asInt()).isEqualTo(1);
    assertThat(one.get("accepted").asInt()).isEqualTo(1);
    assertThat(one.get("refused")).isEmpty();
    assertThat(one.get("mark").asString()).matches("readings/[01]:[0-9]+");
    accepted(3, http.postJson(READINGS, "[%s, %s,%s]".formatted(readings("forms", 2, 4))));
    String lines = "\n%s\r\n\n%s\n%s".formatted(readings("forms", 5, 7));
    for (String type : List.of(Http.NDJSON, "application/ndjson", "application/jsonl")) {
      accepted(3, http.post(READINGS, lines, "Content-Type", type + "; charset=utf-8"));
    }
    // Nothing at all, and what browsers and curl say: one event, or an array.
    accepted(1, http.post(READINGS, reading("forms", 8)));
    accepted(
        1,
        http.post(
            READINGS, reading("forms", 9), "Content-Type", "application/x-www-form-urlencoded"));
    Http.Answer last = accepted(1, http.postJson(READINGS, reading("forms", 10)));
    assertThat(timeline("forms", last.mark()).size()).isEqualTo(1 + 3 + 9 + 1 + 1 + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "GZIP"})
  void compressedBodiesAreTaken(String encoding) {
    byte[] body = (reading("gzip", 1) + "\n" + reading("gzip", 2)).getBytes(StandardCharsets.UTF_8);
    Http.Answer answer =
        http.post(
            READINGS, Http.gzip(body), "Content-Type", Http.NDJSON, "Content-Encoding", encoding);
    accepted(2, answer);
  }

  @Test
  void eventsAreTakenAndRefusedOneByOne() {
    String bad = reading("mixed", 2).replace("\"n\":2", "\"n\":\"two\"");
    String worse = "{\"device\":\"mixed\"}";
    Http.Answer mixed =
        http.postJson(READINGS, "[%s,%s,%s]".formatted(reading("mixed", 1), bad, worse))
            .expect(207);
    JsonNode outcome = mixed.json();
    assertThat(outcome.get("items").asInt()).isEqualTo(3);
    assertThat(outcome.get("accepted").asInt()).isEqualTo(1);
    assertThat(outcome.get("refused")).hasSize(2);
    isRefused(outcome.get("refused").get(0), 1, "wrong_type", "/n");
    isRefused(outcome.get("refused").get(1), 2, "missing", "/at");
    assertThat(timeline("mixed", mixed.mark())).hasSize(1);

    Http.Answer none = http.post(READINGS, bad + "\n" + worse, "Content-Type", Http.NDJSON);
    assertThat(none.expect(422).json().get("accepted").asInt()).isZero();
    assertThat(none.mark()).isEmpty();
    assertThat(http.metric("tidemark_events_refused_total", "wrong_type")).isPositive();
    JsonNode quarantine = http.get("/v1/quarantine?stream=readings").expect(200).json();
    assertThat(quarantine.get("streams").get(0).get("counts").get("missing").asInt()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "n":1.5                        | wrong_type     | /n
          "n":null                       | wrong_type     | /n
          "n":9223372036854775808        | out_of_range   | /n
          "n":-9223372036854775809       | out_of_range   | /n
          "x":"1"                        | wrong_type     | /x
          "mode":"off"                   | not_allowed    | /mode
          "text":17                      | wrong_type     | /text
          "at":"yesterday"               | format         | /at
          "at":"2022-03-22"              | format         | /at
          "at":"2999-01-01T00:00:00Z"    | time_in_future | /at
          "device":""                    | out_of_range   | /device
          "n":1,"n":2                    | duplicate_key  | /n
          "more":{"a":1,"a":2}           | duplicate_key  | /more/a
          """)
  void aRefusalNamesItsReasonAndItsPlace(String member, String reason, String pointer) {
    String name = member.substring(0, member.indexOf(':'));
    List<String> members = new ArrayList<>(List.of("\"at\":\"2022-03-22T12:00:00Z\""));
    members.add("\"device\":\"refused\"");
    members.removeIf(m -> m.startsWith(name + ":"));
    members.add(member);
    String event = "{" + String.join(",", members) + "}";
    JsonNode refused = http.postJson(READINGS, event).expect(422).json().get("refused");
    assertThat(refused).hasSize(1);
    isRefused(refused.get(0), 0, reason, pointer);
  }

  @Test
  void theLastMomentBeforeTheFutureIsTaken() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String event = "{\"at\":\"%s\",\"device\":\"tomorrow\"}";
    accepted(1, http.postJson(READINGS, event.formatted(now.plusSeconds(3_500))));
    JsonNode late =
        http.postJson(READINGS, event.formatted(now.plusSeconds(3_700))).expect(422).json();
    isRefused(late.get("refused").get(0), 0, "time_in_future", "/at");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"n\":9007199254740993",
        "\"n\":9223372036854775807",
        "\"n\":-9223372036854775808",
        "\"more\":123456789012345678901234567890",
        "\"more\":1.0000000000000000000000000000001",
        "\"x\":0.1",
        "\"x\":1e-300",
        "\"x\":-2.5",
        "\"x\":12345678901234567890123",
        "\"text\":\"köök 饼干 🍪\"",
        "\"text\":\"\\u0000\\u0001\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"text\":\"\\ud83c\\udf6a\"",
        "\"text\":\"\"",
        "\"more\":{\"é/~\\\"\":[[],{},null,true,false,\"\\u2028\"]}",
        "\"\":0",
        "\"N\":\"not n\"",
        "\"a.b\":1,\"a\":{\"b\":2}",
        "\"\\u006e\":5",
      })
  void whatCameInIsGivenBack(String members) {
    String device = "back " + members.hashCode();
    String event = "{\"at\":\"2022-03-22T12:00:00.000Z\",\"device\":\"%s\",%s}";
    String body = event.formatted(device, members);
    String mark = accepted(1, http.postJson(READINGS, body)).mark();
    JsonNode events = timeline(device, mark);
    assertThat(events).containsExactly(UserTag.EXACT.readTree(body));
  }

  @Test
  void timesWithAnOffsetAreGivenBackAsTheyCame() {
    String event = "{\"at\":\"2022-03-22T13:00:00.123456+01:00\",\"device\":\"offset\"}";
    String mark = accepted(1, http.postJson(READINGS, event)).mark();
    assertThat(timeline("offset", mark)).containsExactly(Http.JSON.readTree(event));
    JsonNode rows =
        http.get(
                "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z"
                    + "&where.device=offset",
                "Tidemark-After",
                mark)
            .expect(200)
            .json()
            .get("rows");
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("count").asInt()).isEqualTo(1);
  }

  @Test
  void sumsAreExactBeyondLongs() {
    String big = "9223372036854775807";
    String event = "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"sums\",\"n\":%s}";
    String body = "[%s,%s]".formatted(event.formatted(big), event.formatted(big));
    String mark = accepted(2, http.postJson(READINGS, body)).mark();
    String rollup =
        http.get(
                "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z"
                    + "&where.device=sums&measures=sum",
                "Tidemark-After",
                mark)
            .expect(200)
            .text();
    assertThat(rollup).contains("18446744073709551614");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \n ",
        "[]",
        "{",
        "nonsense",
        "[{}",
        "[EVENT,",
        "[EVENT]]",
        "EVENT EVENT",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"x\":NaN}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"x\":Infinity}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"x\":+1}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"x\":01}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"x\":1.}",
        "{'at':'2022-03-22T12:00:00Z','device':'broken'}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"text\":\"\n\"}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\",\"text\":\"\\x\"}",
        "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"broken\"} // comment",
      })
  void aBodyThatIsNotJsonIsRefusedAsAWhole(String body) {
    Http.Answer answer = http.postJson(READINGS, body.replace("EVENT", reading("broken", 1)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(timeline("broken", "")).isEmpty();
  }

  @Test
  void bytesThatAreNotTextAreRefused() {
    byte[] body = reading("latin", 1).replace("latin", "l?tin").getBytes(StandardCharsets.UTF_8);
    body[indexOf(body, (byte) '?')] = (byte) 0xe4;
    Http.Answer answer = http.post(READINGS, body, "Content-Type", "application/json");
    assertThat(answer.status()).isIn(400, 422);
    assertThat(answer.text()).contains("UTF-8");
  }

  private static int indexOf(byte[] bytes, byte wanted) {
    int i = 0;
    while (bytes[i] != wanted) {
      i++;
    }
    return i;
  }

  @Test
  void aLineThatIsNotJsonDoesNotHarmTheOthers() {
    String lines = reading("lines", 1) + "\n{nonsense\n" + reading("lines", 3) + "\n[]\n17\n";
    Http.Answer answer = http.post(READINGS, lines, "Content-Type", Http.NDJSON).expect(207);
    JsonNode refused = answer.json().get("refused");
    assertThat(refused).hasSize(3);
    isRefused(refused.get(0), 1, "malformed", "");
    assertThat(refused.get(1).get("index").asInt()).isEqualTo(3);
    assertThat(refused.get(2).get("index").asInt()).isEqualTo(4);
    assertThat(timeline("lines", answer.mark())).hasSize(2);
  }

  @Test
  void whatIsTooDeepOrTooLargeIsRefused() {
    String deep = "[".repeat(1000) + "]".repeat(1000);
    isRefused(refusedReading("\"more\":" + deep), 0, "too_deep", null);
    String bottomless = "{\"a\":".repeat(100_000);
    assertThat(http.postJson(READINGS, bottomless).status()).isIn(400, 422);
    isRefused(refusedReading("\"text\":\"" + "x".repeat(2 << 20) + "\""), 0, "too_large", "");
    String large = "x".repeat((1 << 20) - 1000);
    accepted(1, http.postJson(READINGS, reading("large", 1).replace("\"n\":1", text(large))));
  }

  private static String text(String value) {
    return "\"text\":\"" + value + "\"";
  }

  private JsonNode refusedReading(String member) {
    String event = "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"large\",%s}";
    return http.postJson(READINGS, event.formatted(member))
        .expect(422)
        .json()
        .get("refused")
        .get(0);
  }

  @Test
  void tooManyEventsAreRefusedAsAWhole() {
    String fits =
        IntStream.range(0, 10_000)
            .mapToObj(n -> reading("many-" + n % 200, n))
            .collect(Collectors.joining("\n"));
    accepted(10_000, http.post(READINGS, fits, "Content-Type", Http.NDJSON));
    String line = reading("too-many", 1) + "\n";
    http.post(READINGS, line.repeat(10_001), "Content-Type", Http.NDJSON)
        .expectProblem(413, "too-many-events");
    String array = "[" + reading("too-many", 1) + ("," + reading("too-many", 2)).repeat(10_000);
    Http.Answer answer = http.postJson(READINGS, array + "]").expectProblem(413, "too-many-events");
    assertThat(answer.json().get("limit").asInt()).isEqualTo(10_000);
    assertThat(timeline("too-many", "")).isEmpty();
  }

  @Test
  void aLargeBodyIsRefused() throws IOException {
    accepted(1, http.post(READINGS, body(MAX_BODY), "Content-Type", Http.NDJSON));
    http.post(READINGS, body(MAX_BODY + 1), "Content-Type", Http.NDJSON)
        .expectProblem(413, "body-too-large");
    // It says how large it is going to be, and is refused before it comes.
    String announced =
        http.raw(
            "POST %s HTTP/1.1\r\nHost: node\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n"
                .formatted(READINGS),
            false);
    assertThat(announced).startsWith("HTTP/1.1 413 ").contains("body-too-large", "16777216");
    byte[] bomb = Http.gzip(body(200 << 20));
    assertThat(bomb.length).isLessThan(1 << 20);
    for (int i = 0; i < 20; i++) {
      http.post(READINGS, bomb, "Content-Encoding", "gzip").expectProblem(413, "body-too-large");
    }
    Poll.until(
        "the memory for bodies is given back",
        java.time.Duration.ofSeconds(5),
        () -> http.metric("tidemark_in_flight_bytes") == 0);
  }

  /// One event and white space up to so many bytes.
  private static byte[] body(int length) {
    byte[] body = new byte[length];
    Arrays.fill(body, (byte) '\n');
    byte[] event = reading("body", 1).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(event, 0, body, 0, event.length);
    return body;
  }

  @Test
  void brokenCompressionIsRefused() {
    byte[] good = Http.gzip(reading("cut", 1).getBytes(StandardCharsets.UTF_8));
    byte[] notGzip = reading("cut", 1).getBytes(StandardCharsets.UTF_8);
    byte[] badSum = good.clone();
    badSum[badSum.length - 5] ^= 1;
    List<byte[]> broken =
        List.of(
            notGzip,
            badSum,
            Arrays.copyOf(good, good.length - 1),
            Arrays.copyOf(good, good.length / 2),
            Arrays.copyOf(good, 5));
    for (byte[] body : broken) {
      http.post(READINGS, body, "Content-Encoding", "gzip").expectProblem(400, "bad-encoding");
    }
    http.post(READINGS, good, "Content-Encoding", "br").expectProblem(415, "unknown-encoding");
    accepted(1, http.post(READINGS, notGzip, "Content-Encoding", "identity"));
  }

  @Test
  void aBodyThatIsCutShortIsNotTaken() throws IOException {
    String event = reading("short", 1);
    String answer =
        http.raw(
            "POST %s HTTP/1.1\r\nHost: node\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(READINGS, event.length() + 10, event),
            true);
    assertThat(answer).satisfiesAnyOf(a -> assertThat(a).isEmpty(), a -> isClientError(a));
    String chunked =
        http.raw(
            "POST %s HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"
                .formatted(READINGS, event.length(), event),
            true);
    assertThat(chunked).satisfiesAnyOf(a -> assertThat(a).isEmpty(), a -> isClientError(a));
    Http.Answer after = accepted(1, http.postJson(READINGS, reading("short", 2)));
    assertThat(timeline("short", after.mark())).hasSize(1);
  }

  @Test
  void chunksThatAreTooLargeOrNoChunksAreRefused() throws IOException {
    String head = "POST %s HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (String path : List.of(READINGS, "/user_tags", "/metrics", "/nowhere")) {
      for (String body : List.of("60000000\r\n" + " ".repeat(100_000), "ZZ\r\n{}\r\n0\r\n\r\n")) {
        isClientError(http.raw(head.formatted(path) + body, false));
      }
    }
    assertThat(http.metric("tidemark_requests_seconds_count", "status=\"500\""))
        .isLessThanOrEqualTo(0);
  }

  private static void isClientError(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 4");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/streams/readings/events, GET",
    "HEAD, /v1/quarantine, GET",
    "PUT, /metrics, GET"
  })
  void otherMethodsAreRefusedWithTheOnesThereAre(String method, String path, String allowed) {
    Http.Answer answer = http.send(method, path, new byte[0]);
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("Allow")).isEqualTo(allowed);
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() {
    Http.Answer answer = http.postJson("/v1/streams/reading", reading("x", 1));
    answer.expectProblem(404, "not-found");
    assertThat(answer.json().get("detail").asString()).contains("readings");
    http.postJson("/v1/stream/readings", reading("x", 1)).expectProblem(404, "not-found");
    Http.Answer parameter = http.postJson(READINGS + "?refresh=true", reading("x", 1));
    parameter.expectProblem(400, "bad-parameter");
    assertThat(parameter.json().get("parameter").asString()).isEqualTo("refresh");
  }

  @Test
  void aRepeatedIdCountsOnceInsideItsWindow() {
    String order = order("ann", "o-1", "2022-03-22T12:00:00Z", 10);
    List<String> bodies =
        List.of(
            order,
            order,
            // Another one, and the first again with other values.
            order("ann", "o-2", "2022-03-22T12:00:01Z", 100),
            order("ann", "o-1", "2022-03-22T12:00:02Z", 1000));
    String mark = "";
    for (String body : bodies) {
      mark = accepted(1, http.postJson(ORDERS, body)).mark();
    }
    mark = accepted(3, http.postJson(ORDERS, "[%s,%s,%s]".formatted(order, order, order))).mark();
    assertThat(orders("ann", "12:00", mark)).isEqualTo("2 110");
    LAB.restart();
    http = LAB.http();
    accepted(1, http.postJson(ORDERS, order));
    // Beyond the window, in stream time, it is another order.
    accepted(1, http.postJson(ORDERS, order("ann", "o-3", "2022-03-22T13:30:00Z", 1)));
    mark =
        accepted(1, http.postJson(ORDERS, order("ann", "o-1", "2022-03-22T13:30:01Z", 7))).mark();
    assertThat(orders("ann", "12:00", mark)).isEqualTo("2 110");
    assertThat(orders("ann", "13:30", mark)).isEqualTo("2 8");
  }

  private static String order(String customer, String id, String at, int amount) {
    return "{\"at\":\"%s\",\"customer\":\"%s\",\"order_id\":\"%s\",\"amount\":%d}"
        .formatted(at, customer, id, amount);
  }

  /// Count and total of a customer's orders in the minute that begins then.
  private String orders(String customer, String minute, String mark) {
    JsonNode rows =
        http.get(
                "/v1/rollups/order_totals?where.customer=%s&from=2022-03-22T%s:00Z&to=2022-03-22T%s1:00Z"
                    .formatted(customer, minute, minute.substring(0, 4)),
                "Tidemark-After",
                mark)
            .expect(200)
            .json()
            .get("rows");
    assertThat(rows).hasSize(1);
    return rows.get(0).get("count").asInt() + " " + rows.get(0).get("total").asInt();
  }

  private JsonNode timeline(String device, String mark) {
    return UserTag.EXACT
        .readTree(
            http.get("/v1/timelines/latest/" + Http.encode(device), "Tidemark-After", mark)
                .expect(200)
                .bytes())
        .get("events");
  }

  private static Http.Answer accepted(int events, Http.Answer answer) {
    assertThat(answer.expect(200).json().get("accepted").asInt()).isEqualTo(events);
    assertThat(answer.mark()).isEqualTo(answer.json().get("mark").asString()).isNotEmpty();
    return answer;
  }

  private static void isRefused(
      JsonNode item, int index, String reason, @org.jspecify.annotations.Nullable String pointer) {
    assertThat(item.get("index").asInt()).isEqualTo(index);
    assertThat(item.get("reason").asString()).as(item.toString()).isEqualTo(reason);
    assertThat(item.get("detail").asString()).isNotBlank();
    if (pointer != null) {
      assertThat(item.get("pointer").asString()).as(item.toString()).isEqualTo(pointer);
    }
  }

  private static String reading(String device, int n) {
    return "{\"at\":\"2022-03-22T12:00:00.%03dZ\",\"device\":\"%s\",\"n\":%d}"
        .formatted(n % 1000, device, n);
  }

  private static Object[] readings(String device, int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(n -> reading(device, n)).toArray();
  }
}
