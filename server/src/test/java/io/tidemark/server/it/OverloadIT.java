package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// More is offered than a node can take, many times over, beside clients that want little. It takes
/// what it can, refuses the rest, and what it has acknowledged is there exactly once.
class OverloadIT {
  private static final String READINGS = "/v1/streams/readings";

  /// Bodies of so many clients are several times what a node has room for.
  private static final int GREEDY = 32;

  private static final int EVENTS_A_BODY = 10_000;
  private static final Duration LASTS = Duration.ofSeconds(10);
  private static final Duration RECOVERS = Duration.ofSeconds(90);

  @RegisterExtension static final LabNode LAB = new LabNode();

  private final Http http = LAB.http();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  @Test
  void whatIsTakenIsThereOnceAndOthersAreServedMeanwhile() throws Exception {
    byte[] body =
        IntStream.range(0, EVENTS_A_BODY)
            .mapToObj(n -> reading("greedy", n, "x".repeat(1400)))
            .collect(Collectors.joining("\n"))
            .getBytes(StandardCharsets.UTF_8);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> greedy = new ArrayList<>();
      for (int i = 0; i < GREEDY; i++) {
        greedy.add(clients.submit(() -> send(body)));
      }
      Future<Integer> modest = clients.submit(this::sendAndAsk);
      LockSupport.parkNanos(LASTS.toNanos());
      over.set(true);
      for (Future<?> client : greedy) {
        client.get();
      }
      System.out.printf(
          "%d bodies of %d MB taken, %d refused; meanwhile %d single events sent and asked for%n",
          taken.get(), body.length >> 20, refused.get(), modest.get());
      assertThat(refused).hasPositiveValue();
      assertThat(taken).hasPositiveValue();
      assertThat(modest.get()).isPositive();
      Poll.until("everything is visible", RECOVERS, () -> http.metric("tidemark_shard_lag") == 0);
      assertThat(count("greedy")).isEqualTo((long) taken.get() * EVENTS_A_BODY);
      assertThat(count("modest")).isEqualTo((long) modest.get());
    }
    Poll.until(
        "the memory for bodies is given back",
        RECOVERS,
        () -> http.metric("tidemark_in_flight_bytes") == 0);
    http.get("/health/ready").expect(200);
    http.post(READINGS, body, "Content-Type", Http.NDJSON).expect(200);
    assertThat(http.metric("tidemark_requests_seconds_count", "status=\"5")).isEqualTo(-1);
    assertThat(LAB.log()).doesNotContain("OutOfMemory", " failed");
  }

  private void send(byte[] body) {
    while (!over.get()) {
      Http.Answer answer = http.post(READINGS, body, "Content-Type", Http.NDJSON);
      if (answer.status() == 429) {
        answer.expectProblem(429, "overload");
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        refused.incrementAndGet();
        // Less than it was asked for, but not at once.
        LockSupport.parkNanos(100_000_000);
      } else {
        assertThat(answer.expect(200).json().get("accepted").asInt()).isEqualTo(EVENTS_A_BODY);
        taken.incrementAndGet();
      }
    }
  }

  /// Sends single events, and asks for them and for a rollup; returns how many were taken.
  private int sendAndAsk() {
    int sent = 0;
    while (!over.get()) {
      Http.Answer answer = http.postJson(READINGS, reading("modest", sent, ""));
      if (answer.status() == 429) {
        LockSupport.parkNanos(10_000_000);
        continue;
      }
      answer.expect(200);
      sent++;
      JsonNode newest = http.get("/v1/timelines/latest/modest?limit=1").expect(200).json();
      assertThat(newest.has("events")).isTrue();
      http.get(rollup("modest")).expect(200);
    }
    return sent;
  }

  private long count(String device) {
    JsonNode rows = http.get(rollup(device)).expect(200).json().get("rows");
    assertThat(rows).hasSize(1);
    return rows.get(0).get("count").asLong();
  }

  private static String rollup(String device) {
    return "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z&where.device="
        + device;
  }

  private static String reading(String device, int n, String text) {
    return "{\"at\":\"2022-03-22T12:00:%02d.%03dZ\",\"device\":\"%s\",\"n\":%d,\"text\":\"%s\"}"
        .formatted(n / 1000 % 60, n % 1000, device, n, text);
  }
}
