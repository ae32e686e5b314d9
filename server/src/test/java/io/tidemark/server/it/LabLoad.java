package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Numbered readings and orders for the [LabApp], and what its views must answer about those that
/// are there. Each order is sent twice, in requests of their own.
final class LabLoad {
  private final int devices;

  /// What a timeline keeps.
  private static final int KEPT = 100;

  /// The number of the next one.
  private int next;

  /// What must be there, by stream.
  private final Map<String, Set<Integer>> expected =
      Map.of("readings", new TreeSet<>(), "orders", new TreeSet<>());

  /// @param devices how many devices the readings are of, and how many customers give the orders
  LabLoad(int devices) {
    this.devices = devices;
  }

  /// An answer was refused, since files are damaged or a shard is being opened again.
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /// Sends the next ones, and waits until all views have them.
  void post(Http http, int count) {
    List<Integer> numbers = IntStream.range(next, next + count).boxed().toList();
    next += count;
    postAgain(http, "readings", numbers);
    postAgain(http, "orders", numbers);
  }

  /// Sends what the log has lost.
  void postLost(Http http) {
    expected.keySet().forEach(stream -> postAgain(http, stream, lost(stream)));
  }

  private void postAgain(Http http, String stream, List<Integer> numbers) {
    if (numbers.isEmpty()) {
      return;
    }
    try {
      String mark = send(http, stream, numbers);
      String path = "/v1/streams/%s/events?limit=1".formatted(stream);
      http.get(path, "Tidemark-After", mark).expect(200);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Sends the next ones to a node that may go away meanwhile.
  void send(Http http, int count) throws IOException {
    List<Integer> numbers = IntStream.range(next, next + count).boxed().toList();
    next += count;
    send(http, "readings", numbers);
    send(http, "orders", numbers);
  }

  /// @return the mark
  private String send(Http http, String stream, List<Integer> numbers) throws IOException {
    boolean readings = stream.equals("readings");
    String format =
        readings
            ? "{\"at\":\"%s\",\"device\":\"d%d\",\"n\":%d}"
            : "{\"at\":\"%s\",\"customer\":\"c%d\",\"order_id\":\"o%3$d\",\"amount\":%3$d}";
    String lines =
        numbers.stream()
            .map(n -> format.formatted(time(n), n % devices, n))
            .collect(Collectors.joining("\n"));
    String mark = "";
    for (int copies = readings ? 1 : 2; copies > 0; copies--) {
      mark = http.postOrBreak("/v1/streams/" + stream, lines, Http.NDJSON).expect(200).mark();
    }
    expectedOf(stream).addAll(numbers);
    return mark;
  }

  private Set<Integer> expectedOf(String stream) {
    return Objects.requireNonNull(expected.get(stream));
  }

  /// The readings that were sent and are not there.
  List<Integer> lost() {
    return lost("readings");
  }

  private List<Integer> lost(String stream) {
    return IntStream.range(0, next).filter(n -> !expectedOf(stream).contains(n)).boxed().toList();
  }

  private static String time(int n) {
    return "2022-03-22T12:00:%02d.%03dZ".formatted(n / 1000 % 60, n % 1000);
  }

  /// All answers are about what must be there.
  void check(Http http) {
    expected.forEach((stream, numbers) -> check(http, stream, numbers));
  }

  /// Whether all questions are answered; rightly, if at all.
  boolean isAnswered(Http http) {
    boolean all = true;
    for (Map.Entry<String, Set<Integer>> stream : expected.entrySet()) {
      try {
        check(http, stream.getKey(), stream.getValue());
      } catch (RefusedException _) {
        all = false;
      }
    }
    return all;
  }

  private static JsonNode ask(Http http, String path) {
    Http.Answer answer = http.get(path);
    if (answer.status() == 503) {
      throw new RefusedException(answer.text());
    }
    return answer.expect(200).json();
  }

  /// The answers agree on what is there, and that is what a log that ends somewhere can have: of
  /// each device, and of each customer, nothing but the last is missing. From now on it must be
  /// there.
  void takeWhatIsThere(Http http) {
    expected.forEach(
        (stream, numbers) -> {
          numbers.clear();
          numbers.addAll(present(http, stream));
          for (int d = 0; d < devices; d++) {
            List<Integer> own = of(d, numbers);
            int device = d;
            assertThat(own)
                .as("%s of %d: the first ones", stream, d)
                .isEqualTo(
                    IntStream.range(0, own.size()).mapToObj(i -> device + i * devices).toList());
          }
        });
    check(http);
  }

  /// Those of one device, or customer, ascending.
  private List<Integer> of(int device, Set<Integer> numbers) {
    return numbers.stream().filter(n -> n % devices == device).sorted().toList();
  }

  private void check(Http http, String stream, Set<Integer> expected) {
    assertThat(present(http, stream)).as(stream).isEqualTo(expected);
    String rollup = stream.equals("readings") ? "per_minute" : "order_totals";
    String key = stream.equals("readings") ? "device" : "customer";
    String sum = stream.equals("readings") ? "sum" : "total";
    Map<String, List<Long>> groups = new TreeMap<>();
    String path = "/v1/rollups/%s?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z&by=%s";
    for (JsonNode row : ask(http, path.formatted(rollup, key)).get("rows")) {
      groups.put(
          row.get(key).asString(), List.of(row.get("count").asLong(), row.get(sum).asLong()));
    }
    Map<String, List<Long>> wanted = new TreeMap<>();
    for (int d = 0; d < devices; d++) {
      List<Integer> own = of(d, expected);
      if (!own.isEmpty()) {
        long total = own.stream().mapToLong(n -> n).sum();
        wanted.put(key.substring(0, 1) + d, List.of((long) own.size(), total));
      }
      if (stream.equals("readings")) {
        assertThat(latest(http, "d" + d))
            .as("d" + d)
            .isEqualTo(own.subList(Math.max(0, own.size() - KEPT), own.size()).reversed());
      }
    }
    assertThat(groups).as(rollup).isEqualTo(wanted);
  }

  private static List<Integer> latest(Http http, String device) {
    return ask(http, "/v1/timelines/latest/" + device)
        .get("events")
        .valueStream()
        .map(e -> e.get("n").asInt())
        .toList();
  }

  /// The numbers of the events that the table has, each once.
  private static Set<Integer> present(Http http, String stream) {
    Set<Integer> present = new TreeSet<>();
    String path = "/v1/streams/%s/events?limit=10000".formatted(stream);
    for (JsonNode event : ask(http, path).get("events")) {
      int n = event.get(stream.equals("readings") ? "n" : "amount").asInt();
      assertThat(present.add(n)).as("%s %d once", stream, n).isTrue();
    }
    return present;
  }
}
