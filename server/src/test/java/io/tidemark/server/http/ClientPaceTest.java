package io.tidemark.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Clients that do not do in time what is theirs to do, over real sockets. The limits are short
/// here; the node's own are those of [HttpLimits#standard].
class ClientPaceTest {
  private static final int MAX_BODY = 1 << 20;
  private static final int LARGE = 16 << 20;
  private static final int HEADS = 1 << 20;
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final Duration LONG = Duration.ofMinutes(10);

  /// Nothing here takes so long unless it hangs.
  private static final int HANGS_MS = 30_000;

  private final Queue<String> cuts = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final InFlight inFlight = new InFlight(4 * MAX_BODY);
  private final List<Socket> sockets = new ArrayList<>();
  private HttpServer server;

  private final ApiMetrics metrics =
      new ApiMetrics() {
        @Override
        public void answered(String method, String route, int status, long nanos) {
          statuses.add(status);
        }

        @Override
        public void accepted(String stream, int events, long bytes) {}

        @Override
        public void refused(String stream, String reason) {}

        @Override
        public void cut(String at) {
          cuts.add(at);
        }
      };

  private List<Endpoint> endpoints() {
    return List.of(
        new Endpoint(
            "POST",
            "/length",
            metrics,
            (request, response) -> {
              try (RequestBody body = RequestBody.read(request, MAX_BODY, inFlight)) {
                response.send("%d bytes".formatted(body.length()));
              }
            }),
        new Endpoint(
            "GET", "/large", metrics, (_, response) -> Endpoint.json(response, new byte[LARGE])));
  }

  private void start(HttpLimits limits) throws IOException {
    server.close();
    server = HttpServer.start("127.0.0.1", 0, List.of(this::endpoints), metrics, limits);
  }

  @BeforeEach
  void startWithoutLimits() throws IOException {
    HttpLimits none = new HttpLimits(1000, LONG, LONG, LONG, LONG, HEADS, Long.MAX_VALUE);
    server = HttpServer.start("127.0.0.1", 0, List.of(this::endpoints), metrics, none);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }

  @Test
  void headersThatComeTooSlowlyEndTheConnection() throws IOException {
    start(new HttpLimits(1000, SHORT, LONG, LONG, LONG, HEADS, Long.MAX_VALUE));
    Socket silent = send("POST /length HTTP/1.1\r\nHost: node\r\n");
    dripUntilClosed(send("POST /length HTTP/1.1\r\nHost: node\r\nX: "));
    assertThat(rest(silent)).isEmpty();
    assertThat(cuts).containsOnly("head").hasSize(2);
    servesOthers();
  }

  @Test
  void ofTooMuchOfHeadsTheLargestAreGivenUp() throws IOException {
    String begun = "GET /large HTTP/1.1\r\nHost: node\r\nX: ";
    Socket small = send(begun);
    for (int i = 0; i < 40; i++) {
      // Some have not even ended their first line.
      send((i % 2 == 0 ? begun : "GET /") + "y".repeat(50_000));
    }
    await(() -> cuts.size() >= 40 - HEADS / 50_000);
    assertThat(cuts).containsOnly("head").hasSizeLessThan(40);
    small.getOutputStream().write("\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
    assertThat(rest(small)).startsWith("HTTP/1.1 200 ");
    servesOthers();
  }

  @Test
  void aBodyThatDripsIsAnsweredAndOneThatStopsEndsTheConnection() throws IOException {
    start(new HttpLimits(1000, LONG, SHORT, LONG, LONG, HEADS, Long.MAX_VALUE));
    String head = "POST /length HTTP/1.1\r\nHost: node\r\nContent-Length: 100000\r\n\r\n";
    Socket silent = send(head + "{");
    assertThat(dripUntilClosed(send(head))).contains("HTTP/1.1 408 ", "too-slow");
    assertThat(rest(silent)).isEmpty();
    assertThat(cuts).contains("body");
    await(() -> inFlight.usedBytes() == 0);
    servesOthers();
  }

  @Test
  void whatIsNeverReadIsGivenUp() throws IOException {
    start(
        new HttpLimits(
            1000,
            LONG,
            LONG,
            LONG,
            SHORT.minusSeconds(LARGE / HttpLimits.ANSWER_BYTES_A_SECOND),
            HEADS,
            1L << 40));
    for (int i = 0; i < 4; i++) {
      send("GET /large HTTP/1.1\r\nHost: node\r\n\r\n");
    }
    awaitCuts(4);
    assertThat(cuts).containsOnly("read_answer");
    for (Socket socket : sockets) {
      assertThat(received(socket)).isLessThan(LARGE);
    }
    assertThat(statuses).doesNotContain(500);
    servesOthers();
  }

  @Test
  void ofTooManyUnreadAnswersTheOldestIsGivenUp() throws IOException {
    start(new HttpLimits(1000, LONG, LONG, LONG, LONG, HEADS, 2L * LARGE));
    for (int i = 0; i < 3; i++) {
      send("GET /large HTTP/1.1\r\nHost: node\r\n\r\n");
      int begun = i + 1;
      // In this order, so that the first is the oldest.
      awaitFirstByte(sockets.get(begun - 1));
    }
    awaitCuts(1);
    assertThat(received(sockets.get(0))).isLessThan(LARGE);
    assertThat(received(sockets.get(1))).isGreaterThan(LARGE);
    assertThat(received(sockets.get(2))).isGreaterThan(LARGE);
    servesOthers();
  }

  @Test
  void aConnectionThatIsSilentBetweenRequestsIsClosed() throws IOException {
    start(new HttpLimits(1000, LONG, LONG, SHORT, LONG, HEADS, Long.MAX_VALUE));
    Socket never = send("");
    Socket once = send("POST /length HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\n\r\n");
    assertThat(rest(once)).contains("0 bytes");
    assertThat(rest(never)).isEmpty();
  }

  @Test
  void aRefusedBodyWithoutEndIsNotReadForEver() throws IOException {
    start(new HttpLimits(1000, LONG, LONG, SHORT, LONG, HEADS, Long.MAX_VALUE));
    Socket endless =
        send("POST /length HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n");
    byte[] chunk = ("10000\r\n" + " ".repeat(1 << 16) + "\r\n").getBytes(US_ASCII);
    long end = System.nanoTime() + HANGS_MS * 1_000_000L;
    boolean open = true;
    while (open && System.nanoTime() < end) {
      try {
        endless.getOutputStream().write(chunk);
      } catch (SocketException _) {
        open = false;
      }
    }
    assertThat(open).isFalse();
    servesOthers();
  }

  @Test
  void beyondTheLimitConnectionsWaitUntilAnotherEnds() throws IOException {
    start(new HttpLimits(2, LONG, LONG, LONG, LONG, HEADS, Long.MAX_VALUE));
    Socket first = send("");
    send("");
    Socket third =
        send(
            "POST /length HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    third.setSoTimeout(300);
    assertThatThrownBy(() -> third.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    first.close();
    third.setSoTimeout(HANGS_MS);
    assertThat(rest(third)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void whoIsSilentMakesRoomForOthers() throws IOException {
    start(new HttpLimits(64, LONG, LONG, LONG, LONG, HEADS, Long.MAX_VALUE));
    String head =
        "POST /length HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";
    Socket sending = send(head + "1");
    await(() -> inFlight.usedBytes() > 0);
    for (int i = 0; i < 59; i++) {
      send(i % 2 == 0 ? "" : "GET /large HTTP/1.1\r\nHost: ");
    }
    // Until they are not taken for clients that have just come.
    LockSupport.parkNanos(500_000_000);
    List<Socket> others = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      others.add(sendShort());
    }
    for (Socket other : others) {
      assertThat(rest(other)).startsWith("HTTP/1.1 200 ").endsWith("5 bytes");
    }
    // No more than have come, but for the two of the last time; fewer where some have ended before
    // others came.
    assertThat(cuts)
        .isNotEmpty()
        .isSubsetOf("next_request", "head")
        .hasSizeLessThanOrEqualTo(others.size() + 2);
    sending.getOutputStream().write("23".getBytes(US_ASCII));
    assertThat(rest(sending)).startsWith("HTTP/1.1 200 ").endsWith("3 bytes");
  }

  @Test
  void aConnectionIsClosedWhereTheClientAsksForIt() throws IOException {
    String head =
        "POST %s HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: %d\r\n\r\n";
    assertThat(rest(send(head.formatted("/length", 3) + "123"))).endsWith("3 bytes");
    // What is left of the body of a request that is refused is no request.
    String hidden = "GET /large HTTP/1.1\r\nHost: node\r\n\r\n";
    assertThat(rest(send(head.formatted("/nowhere", hidden.length()) + hidden)))
        .startsWith("HTTP/1.1 404 ")
        .doesNotContain("200 OK");
    // Nor is what a client holds back until it is told to go on.
    String waits =
        "POST /nowhere HTTP/1.1\r\nHost: node\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n";
    assertThat(rest(send(waits.formatted(hidden.length()) + hidden))).doesNotContain("200 OK");
    assertThat(statuses).containsExactly(200, 404, 404);
  }

  private Socket send(String text) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(16 << 10);
    socket.setSoTimeout(HANGS_MS);
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", server.port()));
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return socket;
  }

  /// Sends a byte now and then until the server closes; returns what it had answered.
  private static String dripUntilClosed(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    StringBuilder answer = new StringBuilder();
    long end = System.nanoTime() + HANGS_MS * 1_000_000L;
    while (System.nanoTime() < end) {
      try {
        socket.getOutputStream().write('x');
        int b = socket.getInputStream().read();
        if (b < 0) {
          return answer.toString();
        }
        answer.append((char) b);
      } catch (SocketTimeoutException _) {
        // Nothing yet.
      } catch (SocketException _) {
        return answer.toString();
      }
    }
    throw new AssertionError("still open: " + answer);
  }

  /// What comes until the server closes.
  private static String rest(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    } catch (SocketException _) {
      return "";
    }
  }

  /// How many bytes come until the server closes, or until a whole large answer has come.
  private static long received(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[1 << 16];
    long all = 0;
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        all += read;
        if (all > LARGE) {
          return all;
        }
      }
    } catch (SocketException _) {
      // Reset: what was on its way is lost.
    }
    return all;
  }

  private static void awaitFirstByte(Socket socket) throws IOException {
    assertThat(socket.getInputStream().read()).isEqualTo('H');
  }

  private void awaitCuts(int count) {
    await(() -> cuts.size() >= count);
    assertThat(cuts).hasSize(count);
  }

  /// What the server does after a client has seen the end of its connection.
  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + HANGS_MS * 1_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void servesOthers() throws IOException {
    assertThat(rest(sendShort())).startsWith("HTTP/1.1 200 ").endsWith("5 bytes");
  }

  private Socket sendShort() throws IOException {
    return send(
        "POST /length HTTP/1.1\r\nHost: node\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345");
  }
}
