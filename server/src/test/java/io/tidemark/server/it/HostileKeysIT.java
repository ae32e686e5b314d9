package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Keys of any length, a key with all the load, and events that are too large to be answered
/// together.
class HostileKeysIT {
  private static final String READINGS = "/v1/streams/readings";
  private static final int KEY_BYTES_MAX = 16 << 10;
  private static final int HOT_EVENTS = 300_000;
  private static final int BATCH = 10_000;

  @RegisterExtension static final LabNode LAB = new LabNode();

  private Http http = LAB.http();

  private static String reading(String device, long ms, String members) {
    return "{\"at\":\"2022-03-22T12:%02d:%02d.%03dZ\",\"device\":\"%s\"%s}"
        .formatted(ms / 60_000, ms / 1000 % 60, ms % 1000, device, members);
  }

  @Test
  void aKeyIsTakenAndAskedForOrRefusedForItsLength() {
    List<String> keys =
        List.of(
            "k".repeat(KEY_BYTES_MAX),
            "é".repeat(KEY_BYTES_MAX / 2),
            "😀".repeat(KEY_BYTES_MAX / 4),
            "%/?#&+ \\u0000".repeat(1000),
            "\\u0000");
    for (String key : keys) {
      String event = reading(key, 1, "");
      String mark = http.postJson(READINGS, event).expect(200).mark();
      JsonNode tree = Http.JSON.readTree(event);
      String path = "/v1/timelines/latest/" + Http.encode(tree.get("device").asString());
      JsonNode answer = http.get(path, "Tidemark-After", mark).expect(200).json();
      assertThat(answer.get("events")).containsExactly(tree);
    }
    for (String key : List.of("k".repeat(KEY_BYTES_MAX + 1), "k".repeat(64 << 10))) {
      JsonNode refused =
          http.postJson(READINGS, reading(key, 1, "")).expect(422).json().at("/refused/0");
      assertThat(refused.get("reason").asString()).isEqualTo("too_large");
      assertThat(refused.get("pointer").asString()).isEqualTo("/device");
    }
  }

  @Test
  void aKeyWithAllTheLoadIsAnsweredExactly() {
    long start = System.nanoTime();
    String mark = "";
    for (int from = 0; from < HOT_EVENTS; from += BATCH) {
      String body =
          IntStream.range(from, from + BATCH)
              // Not in order: a later event is often older.
              .map(i -> i / 1000 * 1000 + i * 7 % 1000)
              .mapToObj(i -> reading("hot", i, ",\"n\":" + i))
              .collect(Collectors.joining("\n"));
      mark = http.post(READINGS, body, "Content-Type", Http.NDJSON).expect(200).mark();
      newest("hot", 1, mark);
    }
    long sent = System.nanoTime();
    hotIsExact(mark);
    long answered = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      newest("hot", 100, mark);
    }
    long asked = System.nanoTime();
    LAB.restart();
    http = LAB.http();
    long restarted = System.nanoTime();
    hotIsExact(mark);
    System.out.printf(
        "hot key: %d events in %d ms, first answers %d ms, a timeline from memory %d us, restart"
            + " %d ms, answers %d ms%n",
        HOT_EVENTS,
        (sent - start) / 1_000_000,
        (answered - sent) / 1_000_000,
        (asked - answered) / 20_000,
        (restarted - asked) / 1_000_000,
        (System.nanoTime() - restarted) / 1_000_000);
  }

  private void hotIsExact(String mark) {
    List<Integer> newest = newest("hot", 100, mark);
    List<Integer> expected = new ArrayList<>();
    for (int i = HOT_EVENTS - 1; i >= HOT_EVENTS - 100; i--) {
      expected.add(i);
    }
    assertThat(newest).isEqualTo(expected);
    JsonNode rows =
        http.get(
                "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T13:00:00Z"
                    + "&every=1h&where.device=hot",
                "Tidemark-After",
                mark)
            .expect(200)
            .json()
            .get("rows");
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get("count").asInt()).isEqualTo(HOT_EVENTS);
    assertThat(rows.get(0).get("sum").asLong()).isEqualTo(HOT_EVENTS * (HOT_EVENTS - 1L) / 2);
  }

  private List<Integer> newest(String device, int limit, String mark) {
    JsonNode events =
        http.get("/v1/timelines/latest/" + device + "?limit=" + limit, "Tidemark-After", mark)
            .expect(200)
            .json()
            .get("events");
    return events.valueStream().map(e -> e.get("n").asInt()).toList();
  }

  /// A hundred events may be asked for, and an event may have a megabyte.
  @Test
  void eventsThatAreTooLargeTogetherAreNotAnsweredTogether() {
    String text = ",\"text\":\"" + "x".repeat(1_000_000) + "\",\"n\":";
    String mark = "";
    for (int i = 0; i < 60; i++) {
      mark = http.postJson(READINGS, reading("large", i, text + i)).expect(200).mark();
    }
    largeIsLimited(mark);
    LAB.restart();
    http = LAB.http();
    largeIsLimited(mark);
  }

  private void largeIsLimited(String mark) {
    assertThat(newest("large", 3, mark)).containsExactly(59, 58, 57);
    String all = READINGS + "/events?where.device=large&limit=";
    assertThat(http.get(all + 3, "Tidemark-After", mark).expect(200).json().get("events"))
        .hasSize(3);
    http.get("/v1/timelines/latest/large").expectProblem(422, "answer-too-large");
    http.get(all + 100).expectProblem(422, "answer-too-large");
    http.get(all + 10_000).expectProblem(422, "answer-too-large");
    assertThat(http.metric("tidemark_requests_seconds_count", "status=\"5")).isEqualTo(-1);
    Poll.until(
        "the node is well",
        Duration.ofSeconds(10),
        () -> http.get("/health/ready").status() == 200);
  }
}
