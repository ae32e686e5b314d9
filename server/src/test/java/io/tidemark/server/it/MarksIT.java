package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Marks, and what happens when more comes in than fits.
class MarksIT {
  private static final String READINGS = "/v1/streams/readings";
  private static final int MAX_BODY = 16 << 20;

  @RegisterExtension static final LabNode LAB = new LabNode();

  private final Http http = LAB.http();

  static Stream<String> queries() {
    return Stream.of(
        "/v1/timelines/latest/mine",
        "/v1/streams/readings/events?where.device=mine",
        "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z"
            + "&by=device&where.device=mine");
  }

  @Test
  void whoeverWritesReadsItAtOnceWithTheMark() {
    for (int n = 1; n <= 50; n++) {
      String mark = http.postJson(READINGS, reading("mine", n)).expect(200).mark();
      for (String query : queries().toList()) {
        Http.Answer answer = http.get(query, "Tidemark-After", mark).expect(200);
        int seen =
            answer.json().has("events")
                ? answer.json().get("events").size()
                : answer.json().get("rows").get(0).get("count").asInt();
        assertThat(seen).as(query).isEqualTo(n);
        // The answer's own mark stands for at least as much.
        assertThat(offset(answer.mark(), mark)).isGreaterThanOrEqualTo(offset(mark, mark));
      }
    }
  }

  /// The offset that a mark has in the only partition of another.
  private static long offset(String mark, String only) {
    String partition = only.substring(0, only.indexOf(':') + 1);
    return Stream.of(mark.split(","))
        .filter(p -> p.startsWith(partition))
        .mapToLong(p -> Long.parseLong(p.substring(partition.length())))
        .findFirst()
        .orElse(-1);
  }

  @Test
  void aMarkOfAnAnswerAsksForThatAnswerAgain() {
    http.postJson(READINGS, reading("again", 1)).expect(200);
    Http.Answer events = http.get("/v1/streams/readings/events?limit=1").expect(200);
    assertThat(events.mark()).isNotEmpty();
    http.get("/v1/streams/readings/events?limit=1", "Tidemark-After", events.mark()).expect(200);
  }

  @Test
  void aMarkOfTheFutureIsWaitedForAndThenAProblem() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Duration>> waits = new ArrayList<>();
      queries().forEach(query -> waits.add(threads.submit(() -> waitInVain(query))));
      for (Future<Duration> wait : waits) {
        assertThat(wait.get()).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(14));
      }
    }
  }

  private Duration waitInVain(String query) {
    long start = System.nanoTime();
    http.get(query, "Tidemark-After", "readings/0:99999999,readings/1:99999999")
        .expectProblem(504, "not-visible-yet");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "readings",
        "readings/0",
        "readings/0:",
        "readings/0:x",
        "readings/-1:5",
        "readings/0:-5",
        "readings/2:5",
        "readings/0:5;readings/1:5",
        "reading/0:5",
        ",",
        "readings/0:5,",
        "readings/0:99999999999999999999",
      })
  void aMarkThatIsNoneIsRefused(String mark) {
    for (String query : queries().toList()) {
      Http.Answer answer =
          http.get(query, "Tidemark-After", mark).expectProblem(400, "bad-parameter");
      assertThat(answer.json().get("parameter").asString()).isEqualTo("Tidemark-After");
    }
  }

  /// A node has room for less than eight bodies of the largest size: the ones beyond are refused at
  /// once, the others go on as if nothing had happened.
  @Test
  void beyondTheRoomForBodiesRequestsAreRefusedAndTheRestIsServed() throws IOException {
    int uploads = 12;
    List<Upload> underWay = new ArrayList<>();
    try {
      for (int i = 0; i < uploads; i++) {
        // Beyond a quarter a body has all its room.
        underWay.add(new Upload(i, MAX_BODY / 4 + 1));
      }
      Poll.until(
          "some have been refused",
          Duration.ofSeconds(10),
          () -> http.metric("tidemark_requests_seconds_count", "status=\"429\"") >= 5);
      // What is small is refused as well while there is no room, or taken where there is some.
      assertThat(http.postJson(READINGS, reading("small", 1)).status()).isIn(200, 429);
      http.get("/health/ready").expect(200);
      int refused = 0;
      int served = 0;
      for (Upload upload : underWay) {
        String answer = upload.finish();
        if (answer.startsWith("HTTP/1.1 429 ")) {
          refused++;
          assertThat(answer)
              .containsIgnoringCase("Retry-After: 1")
              .contains("urn:tidemark:overload");
        } else {
          served++;
          assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"accepted\":1");
        }
      }
      assertThat(refused).isBetween(4, 6);
      assertThat(served).isEqualTo(uploads - refused);
    } finally {
      for (Upload upload : underWay) {
        upload.close();
      }
    }
    Poll.until(
        "there is room again",
        Duration.ofSeconds(10),
        () -> http.postJson(READINGS, reading("small", 2)).status() == 200);
    assertThat(http.metric("tidemark_in_flight_bytes")).isZero();
  }

  @Test
  void bodiesThatAreOnlyAnnouncedTakeNoRoomFromOthers() throws IOException {
    List<Upload> announced = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        announced.add(new Upload(100 + i, 1));
      }
      for (int n = 0; n < 20; n++) {
        http.postJson(READINGS, reading("beside", n)).expect(200);
      }
    } finally {
      for (Upload upload : announced) {
        upload.close();
      }
    }
  }

  /// A request with the largest body, of which a part has been sent.
  private final class Upload implements AutoCloseable {
    private final Socket socket;
    private final int part;
    private final byte[] body = new byte[MAX_BODY];

    /// @param part how many bytes of the body to send at once
    Upload(int number, int part) throws IOException {
      this.part = part;
      byte[] event = reading("upload-" + number, 1).getBytes(StandardCharsets.UTF_8);
      java.util.Arrays.fill(body, (byte) ' ');
      System.arraycopy(event, 0, body, 0, event.length);
      URI uri = URI.create(http.address());
      socket = new Socket(uri.getHost(), uri.getPort());
      socket.setSoTimeout(20_000);
      String head =
          "POST %s HTTP/1.1\r\nHost: node\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
              .formatted(READINGS, MAX_BODY);
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(body, 0, part);
      out.flush();
    }

    /// Sends the rest, as a client does that has no eye on early answers, and returns the answer.
    String finish() throws IOException {
      try {
        socket.getOutputStream().write(body, part, body.length - part);
        socket.getOutputStream().flush();
      } catch (IOException _) {
        // Refused meanwhile, and not read to the end: the answer is there nevertheless.
      }
      return Http.readAnswer(socket.getInputStream());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void manyWritersAtOnceEachGetTheirOwnMark() {
    MarkUnion union = new MarkUnion();
    IntStream.range(0, 40)
        .parallel()
        .forEach(n -> union.add(http.postJson(READINGS, reading("all-" + n, n)).mark()));
    String rows =
        http.get(
                "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z&by=device",
                "Tidemark-After",
                union.toString())
            .expect(200)
            .text();
    assertThat(IntStream.range(0, 40)).allMatch(n -> rows.contains("\"all-" + n + "\""));
  }

  private static String reading(String device, int n) {
    return "{\"at\":\"2022-03-22T12:00:00.%03dZ\",\"device\":\"%s\",\"n\":%d}"
        .formatted(n % 1000, device, n);
  }
}
