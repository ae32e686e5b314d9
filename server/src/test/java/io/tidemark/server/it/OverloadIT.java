package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// More is offered than a node can take, many times over, beside clients that want little. It takes
/// what it can, refuses the rest, and what it has acknowledged is there exactly once.
@Tag("alone")
class OverloadIT {
  private static final String READINGS = "/v1/streams/readings";

  /// Bodies of so many clients are several times what a node has room for. Some send all of a body
  /// before they read, as most libraries do; the others look whether there is an answer.
  private static final int STUBBORN = 8;

  private static final int ATTENTIVE = 24;

  private static final int EVENTS_A_BODY = 10_000;
  private static final int PART = 64 << 10;
  private static final Duration LASTS = Duration.ofSeconds(10);

  /// Who wants little gets at least this part of what he gets where he is alone.
  private static final double MODEST_SHARE = 0.01;

  private static final Duration ALONE = Duration.ofSeconds(3);

  private static final Duration RECOVERS = Duration.ofSeconds(30);

  @RegisterExtension static final LabNode LAB = new LabNode();

  private final Http http = LAB.http();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger spared = new AtomicInteger();
  private final MarkUnion marks = new MarkUnion();

  @Test
  void whatIsTakenIsThereOnceAndOthersAreServedMeanwhile() throws Exception {
    byte[] body =
        IntStream.range(0, EVENTS_A_BODY)
            .mapToObj(n -> reading("greedy", n, "x".repeat(1400)))
            .collect(Collectors.joining("\n"))
            .getBytes(StandardCharsets.UTF_8);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      double alone = alone(clients) / (double) ALONE.toMillis();
      List<Future<?>> greedy = new ArrayList<>();
      for (int i = 0; i < STUBBORN; i++) {
        greedy.add(clients.submit(() -> untilOver(() -> post(body))));
      }
      for (int i = 0; i < ATTENTIVE; i++) {
        greedy.add(clients.submit(() -> untilOver(() -> postAttentively(body))));
      }
      Future<Integer> modest = clients.submit(() -> sendAndAsk("modest"));
      LockSupport.parkNanos(LASTS.toNanos());
      over.set(true);
      for (Future<?> client : greedy) {
        client.get();
      }
      int rounds = modest.get();
      double share = rounds / (alone * LASTS.toMillis());
      System.out.printf(
          "%d bodies of %d MB taken, %d refused, %d of them before they were sent; meanwhile %d single events sent and asked for,"
              + " %.1f %% of what is possible alone%n",
          taken.get(), body.length >> 20, refused.get(), spared.get(), rounds, 100 * share);
      assertThat(taken).hasPositiveValue();
      assertThat(refused).hasValueGreaterThan(2 * taken.get());
      assertThat(spared).hasPositiveValue();
      assertThat(share).isGreaterThanOrEqualTo(MODEST_SHARE);
      Poll.until("all is visible", RECOVERS, () -> ask("greedy").status() == 200);
      assertThat(count("greedy")).isEqualTo((long) taken.get() * EVENTS_A_BODY);
      assertThat(count("modest")).isEqualTo(rounds);
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

  /// How many events the client that wants little sends and asks for where there is no other.
  private int alone(ExecutorService clients) throws Exception {
    sendAndAskFor(ALONE, clients);
    return sendAndAskFor(ALONE, clients);
  }

  private int sendAndAskFor(Duration time, ExecutorService clients) throws Exception {
    Future<Integer> rounds = clients.submit(() -> sendAndAsk("alone"));
    LockSupport.parkNanos(time.toNanos());
    over.set(true);
    int sent = rounds.get();
    over.set(false);
    return sent;
  }

  /// What a client does once; answers whether it was taken.
  @FunctionalInterface
  private interface Attempt {
    boolean succeeds() throws IOException;
  }

  private Void untilOver(Attempt attempt) throws IOException {
    while (!over.get()) {
      if (attempt.succeeds()) {
        taken.incrementAndGet();
      } else {
        refused.incrementAndGet();
        // Less than it was asked for, but not at once.
        LockSupport.parkNanos(100_000_000);
      }
    }
    return null;
  }

  private boolean post(byte[] body) {
    Http.Answer answer = http.post(READINGS, body, "Content-Type", Http.NDJSON);
    if (answer.status() == 429) {
      answer.expectProblem(429, "overload");
      assertThat(answer.header("Retry-After")).isEqualTo("1");
      return false;
    }
    assertThat(answer.expect(200).json().get("accepted").asInt()).isEqualTo(EVENTS_A_BODY);
    marks.add(answer.mark());
    return true;
  }

  private boolean postAttentively(byte[] body) throws IOException {
    String head =
        "POST %s HTTP/1.1\r\nHost: node\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(READINGS, Http.NDJSON, body.length);
    try (RawConnection connection = RawConnection.to(http).send(head)) {
      int sent = 0;
      while (sent < body.length && !connection.hasAnswer()) {
        int length = Math.min(PART, body.length - sent);
        connection.send(body, sent, length);
        sent += length;
      }
      RawConnection.Answer answer = connection.read().orElseThrow();
      if (answer.status() == 429) {
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(answer.header("connection")).isEqualTo("close");
        spared.addAndGet(sent < body.length ? 1 : 0);
        return false;
      }
      assertThat(answer.text()).contains("\"accepted\":" + EVENTS_A_BODY);
      marks.add(answer.header("tidemark"));
      return true;
    }
  }

  /// Sends single events, and asks for them and for a rollup; returns how many were taken.
  private int sendAndAsk(String device) {
    int sent = 0;
    while (!over.get()) {
      Http.Answer answer = http.postJson(READINGS, reading(device, sent, ""));
      if (answer.status() == 429) {
        LockSupport.parkNanos(10_000_000);
        continue;
      }
      marks.add(answer.expect(200).mark());
      sent++;
      JsonNode newest = http.get("/v1/timelines/latest/" + device + "?limit=1").expect(200).json();
      assertThat(newest.has("events")).isTrue();
      http.get(rollup(device)).expect(200);
    }
    return sent;
  }

  private long count(String device) {
    JsonNode rows = ask(device).expect(200).json().get("rows");
    assertThat(rows).hasSize(1);
    return rows.get(0).get("count").asLong();
  }

  private Http.Answer ask(String device) {
    return http.get(rollup(device), "Tidemark-After", marks.toString());
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
