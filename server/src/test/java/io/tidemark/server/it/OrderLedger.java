package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Orders with ids that are sent to a node which may die at any moment, again and again until they
/// are acknowledged: then each counts once, however often it was sent. For many threads.
final class OrderLedger {
  private static final int MAX_BATCH = 20;
  private static final Instant START = Instant.parse("2022-03-22T12:00:00Z");
  private static final int MAX_EVENTS = 10_000;

  private final AtomicInteger nextNumber = new AtomicInteger();

  /// Requests whose outcome is not known.
  private final Queue<List<Integer>> again = new ConcurrentLinkedQueue<>();

  private final MarkUnion marks = new MarkUnion();

  /// Sends a request that broke before, or a new one.
  void write(Http http, SplittableRandom random) throws IOException {
    List<Integer> numbers = again.poll();
    if (numbers == null) {
      int size = 1 + random.nextInt(MAX_BATCH);
      int first = nextNumber.getAndAdd(size);
      numbers = IntStream.range(first, first + size).boxed().toList();
    }
    send(http, numbers);
  }

  private void send(Http http, List<Integer> numbers) throws IOException {
    boolean acknowledged = false;
    try {
      String lines = numbers.stream().map(OrderLedger::order).collect(Collectors.joining("\n"));
      Http.Answer answer = http.postOrBreak("/v1/streams/orders", lines, Http.NDJSON);
      if (answer.status() != 503 && answer.status() != 207) {
        marks.add(answer.expect(200).mark());
        acknowledged = true;
      }
    } finally {
      if (!acknowledged) {
        again.add(numbers);
      }
    }
  }

  private static String order(int number) {
    return "{\"at\":\"%s\",\"customer\":\"c%d\",\"order_id\":\"o%d\",\"amount\":%d}"
        .formatted(START.plusMillis(7L * number), number % 50, number, number);
  }

  /// Sends what is not acknowledged yet, and requires that each order is there once.
  void verify(Http http) throws IOException {
    for (List<Integer> numbers = again.poll(); numbers != null; numbers = again.poll()) {
      send(http, numbers);
    }
    int count = nextNumber.get();
    long counted = 0;
    long total = 0;
    JsonNode answer =
        http.get(
                "/v1/rollups/order_totals?from=2022-03-22T12:00:00Z&to=2022-03-23T12:00:00Z",
                "Tidemark-After",
                marks.toString())
            .expect(200)
            .json();
    for (JsonNode row : answer.get("rows")) {
      counted += row.get("count").asLong();
      total += row.get("total").asLong();
    }
    assertThat(counted).as("orders").isEqualTo(count);
    assertThat(total).as("their amounts").isEqualTo((long) count * (count - 1) / 2);
    assertThat(numbers(http)).isEqualTo(IntStream.range(0, count).boxed().toList());
  }

  private List<Integer> numbers(Http http) {
    List<Integer> numbers = new ArrayList<>();
    String cursor = "";
    while (true) {
      JsonNode page =
          http.get(
                  "/v1/streams/orders/events?limit=" + MAX_EVENTS + cursor,
                  "Tidemark-After",
                  marks.toString())
              .expect(200)
              .json();
      page.get("events").forEach(e -> numbers.add(e.get("amount").asInt()));
      if (!page.has("next")) {
        return numbers.stream().sorted().toList();
      }
      cursor = "&cursor=" + page.get("next").asString();
    }
  }
}
