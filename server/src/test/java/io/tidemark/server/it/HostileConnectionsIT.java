package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections that do not behave as connections do, and others that want to be served meanwhile.
@Tag("alone")
class HostileConnectionsIT {
  private static final String READINGS = "/v1/streams/readings";
  private static final String GET_LIVE = "GET /health/live HTTP/1.1\r\nHost: node\r\n\r\n";
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final LabNode LAB = new LabNode();

  private final Http http = LAB.http();
  private final int logged = LAB.log().length();
  private final List<RawConnection> open = new ArrayList<>();
  private int served;

  @AfterEach
  void theNodeIsNoneTheWorse() throws IOException {
    open.forEach(RawConnection::close);
    othersAreServed();
    Poll.until(
        "the memory for bodies is given back",
        SOON,
        () -> http.metric("tidemark_in_flight_bytes") == 0);
    assertThat(http.metric("tidemark_requests_seconds_count", "status=\"500\"")).isEqualTo(-1);
    assertThat(LAB.worries(logged)).isEmpty();
  }

  private void othersAreServed() throws IOException {
    String mark = http.postJson(READINGS, reading("other", served++)).expect(200).mark();
    assertThat(
            http.get("/v1/timelines/latest/other?limit=1", "Tidemark-After", mark)
                .expect(200)
                .text())
        .contains("\"n\":" + (served - 1));
    try (RawConnection fresh = RawConnection.to(http)) {
      assertThat(fresh.send(GET_LIVE).read()).isPresent();
    }
  }

  private static String reading(String device, int n) {
    return "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"%s\",\"n\":%d}".formatted(device, n);
  }

  private static String post(String headers, String body) {
    return "POST %s HTTP/1.1\r\nHost: node\r\n%s\r\n\r\n%s".formatted(READINGS, headers, body);
  }

  private RawConnection connect() throws IOException {
    RawConnection connection = RawConnection.to(http);
    open.add(connection);
    return connection;
  }

  @Test
  void thousandsOfIdleConnectionsKeepNobodyOut() throws IOException {
    // More than the node has at a time.
    int count = 9_000;
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      // The node takes half of the open files that the system allows, as well as to this test.
      count = (int) Math.min(count, system.getMaxFileDescriptorCount() - 500);
    }
    for (int i = 0; i < count; i++) {
      RawConnection connection = connect();
      switch (i % 4) {
        case 0 -> {} // never says anything
        case 1 -> connection.send("GET /health");
        case 2 -> connection.send("POST " + READINGS + " HTTP/1.1\r\nHost: node\r\nX");
        default -> connection.send(post("Content-Length: 100000", "{"));
      }
    }
    System.out.println(count + " connections have been opened");
    for (int i = 0; i < 20; i++) {
      othersAreServed();
    }
  }

  @Test
  void requestsSentAtOnceAreAnsweredInTheirOrder() throws IOException {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      String event = reading("pipelined", i);
      requests.append(
          switch (i % 3) {
            case 0 -> post("Content-Length: " + event.length(), event);
            case 1 -> "GET /v1/timelines/latest/key%d HTTP/1.1\r\nHost: node\r\n\r\n".formatted(i);
            default -> "GET /nowhere/%d HTTP/1.1\r\nHost: node\r\n\r\n".formatted(i);
          });
    }
    RawConnection connection = connect().send(requests.toString());
    for (int i = 0; i < 300; i++) {
      RawConnection.Answer answer = connection.read().orElseThrow();
      switch (i % 3) {
        case 0 -> assertThat(answer.text()).contains("\"accepted\":1");
        case 1 -> assertThat(answer.text()).startsWith("{\"key\":\"key" + i + "\"");
        default -> assertThat(answer.text()).contains("/nowhere/" + i);
      }
    }
  }

  @Test
  void aClientThatHasSaidEverythingIsStillAnswered() throws IOException {
    String event = reading("half", 1);
    RawConnection connection = connect().send(post("Content-Length: " + event.length(), event));
    List<RawConnection.Answer> answers = connection.end().readAll();
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().status()).isEqualTo(200);
  }

  @Test
  void clientsThatGoAwayInTheMiddleLeaveNothingBehind() throws IOException {
    String large = reading("gone", 1) + " ".repeat(100_000);
    for (int i = 0; i < 200; i++) {
      try (RawConnection connection = RawConnection.to(http)) {
        String request = post("Content-Length: " + large.length(), large);
        connection.send(request.substring(0, 1 + i * 450));
        if (i % 2 == 0) {
          connection.send("GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n".repeat(20));
        }
      } catch (SocketException _) {
        // It has been refused already.
      }
    }
  }

  @Test
  void answersThatNobodyReadsKeepNobodyOut() throws IOException {
    String text = "x".repeat(1000);
    String events =
        IntStream.range(0, 10_000)
            .mapToObj(i -> reading("unread", i).replace("\"n\"", "\"text\":\"" + text + "\",\"n\""))
            .collect(Collectors.joining("\n"));
    String mark = http.post(READINGS, events, "Content-Type", Http.NDJSON).expect(200).mark();
    String query = READINGS + "/events?limit=10000&where.device=unread";
    long whole = http.get(query, "Tidemark-After", mark).expect(200).bytes().length;
    assertThat(whole).isGreaterThan(10_000_000);
    // Together they would be more than the node's memory.
    for (int i = 0; i < 120; i++) {
      RawConnection connection = RawConnection.narrow(http);
      open.add(connection);
      connection.send("GET %s HTTP/1.1\r\nHost: node\r\n\r\n".formatted(query));
    }
    for (int i = 0; i < 10; i++) {
      othersAreServed();
    }
    Poll.until(
        "the slowest readers are given up",
        Duration.ofSeconds(60),
        () -> http.metric("tidemark_connections_cut_total", "at=\"read_answer\"") > 0);
    http.get(query).expect(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"deflate", "zstd", "br", "gzip, gzip", "gzip,identity", "x-zip", "chunked"})
  void encodingsThatAreNotUnderstoodAreRefused(String encoding) {
    http.post(READINGS, reading("encoded", 1), "Content-Encoding", encoding)
        .expectProblem(415, "unknown-encoding");
  }

  @Test
  void bombsAreRefusedManyAtATime() throws Exception {
    byte[] bomb = Http.gzip(new byte[100 << 20]);
    byte[] twice = Http.gzip(bomb);
    byte[] nothings = repeated(Http.gzip(new byte[0]), 200_000);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> attacks = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        byte[] body = List.of(bomb, twice, nothings).get(i % 3);
        attacks.add(() -> http.post(READINGS, body, "Content-Encoding", "gzip").status());
      }
      List<Future<Integer>> answers = attacks.stream().map(clients::submit).toList();
      othersAreServed();
      for (Future<Integer> answer : answers) {
        // 429: as many as may be in memory at a time.
        assertThat(answer.get()).isIn(400, 413, 429);
      }
    }
    http.post(READINGS, bomb, "Content-Encoding", "gzip").expectProblem(413, "body-too-large");
    http.post(READINGS, nothings, "Content-Encoding", "gzip").expectProblem(400, "bad-encoding");
    // One member after another is gzip, too.
    byte[] parts =
        join(
            Http.gzip(reading("parts", 1).getBytes(StandardCharsets.UTF_8)),
            Http.gzip(" ".getBytes(StandardCharsets.UTF_8)));
    http.post(READINGS, parts, "Content-Encoding", "gzip").expect(200);
  }

  private static byte[] repeated(byte[] bytes, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length * times);
    for (int i = 0; i < times; i++) {
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] join(byte[] a, byte[] b) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(a);
    out.writeBytes(b);
    return out.toByteArray();
  }

  @Test
  void headsThatAreTooLongAreRefused() throws IOException {
    RawConnection uri = connect().send("GET /" + "x".repeat(70_000) + " HTTP/1.1\r\n\r\n").end();
    assertThat(uri.readAll())
        .allSatisfy(a -> assertThat(a.status()).isEqualTo(414))
        .hasSizeLessThanOrEqualTo(1);
    String header = "X: " + "y".repeat(140_000);
    RawConnection headers = connect();
    headers.trySend(("GET / HTTP/1.1\r\nHost: node\r\n" + header).getBytes(StandardCharsets.UTF_8));
    headers.tryEnd();
    assertThat(headers.readAll())
        .allSatisfy(a -> assertThat(a.status()).isEqualTo(400))
        .hasSizeLessThanOrEqualTo(1);
    RawConnection fits =
        connect().send("GET /health/live HTTP/1.1\r\nHost: node\r\nX: " + "y".repeat(120_000));
    assertThat(fits.send("\r\n\r\n").read().orElseThrow().status()).isEqualTo(200);
  }
}
