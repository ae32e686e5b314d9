package io.tidemark.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.http.InFlight.Lease;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Bodies that are refused, over real sockets: when the answer comes, and what becomes of the
/// connection.
class RefusedBodiesTest {
  private static final int BUDGET = 8 << 20;
  private static final int LARGE = 6 << 20;
  private static final int SMALL = 60 << 10;

  /// Nothing here takes so long unless it hangs.
  private static final int HANGS_MS = 30_000;

  private final InFlight inFlight = new InFlight(BUDGET);
  private final List<Lease> taken = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    ApiMetrics metrics =
        new ApiMetrics() {
          @Override
          public void answered(String method, String route, int status, long nanos) {}

          @Override
          public void accepted(String stream, int events, long bytes) {}

          @Override
          public void refused(String stream, String reason) {}

          @Override
          public void cut(String at) {}
        };
    Endpoint length =
        new Endpoint(
            "POST",
            "/length",
            metrics,
            (request, response) -> {
              try (RequestBody body = RequestBody.read(request, LARGE, inFlight)) {
                response.send("%d bytes".formatted(body.length()));
              }
            });
    server = HttpServer.start("127.0.0.1", 0, List.of(() -> List.of(length)), metrics);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }

  /// Takes room, as so many short bodies do that are still coming.
  private void take(int bytes) {
    for (int left = bytes; left > 0; left -= SMALL) {
      Lease lease = inFlight.lease();
      lease.add(Math.min(left, SMALL));
      taken.add(lease);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeItIsSent() throws IOException {
    take(BUDGET / 2);
    Socket client = send(head("Content-Length: " + LARGE));
    assertThat(answer(client)).contains("429", "Retry-After: 1", "Connection: close");
    Socket waits = send(head("Content-Length: " + LARGE + "\r\nExpect: 100-continue"));
    assertThat(answer(waits)).contains("429").doesNotContain("100 Continue");
    assertThat(waits.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aClientThatSendsEverythingBeforeItReadsGetsItsAnswer() throws IOException {
    take(BUDGET / 2);
    for (int i = 0; i < 8; i++) {
      Socket client = send(head("Content-Length: " + LARGE));
      client.getOutputStream().write(new byte[LARGE]);
      assertThat(answer(client)).contains("429", "Connection: close");
      // And no reset.
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aBodyThatWasAskedForIsReadToItsEnd() throws IOException {
    take(BUDGET / 2);
    Socket client = send(head("Transfer-Encoding: chunked\r\nExpect: 100-continue"));
    String goOn = "HTTP/1.1 100 Continue\r\n\r\n";
    assertThat(new String(client.getInputStream().readNBytes(goOn.length()), US_ASCII))
        .isEqualTo(goOn);
    OutputStream out = client.getOutputStream();
    byte[] chunk = new byte[SMALL];
    for (int sent = 0; sent < LARGE; sent += SMALL) {
      out.write((Integer.toHexString(SMALL) + "\r\n").getBytes(US_ASCII));
      out.write(chunk);
      out.write("\r\n".getBytes(US_ASCII));
    }
    out.write("0\r\n\r\n".getBytes(US_ASCII));
    assertThat(answer(client)).contains("429", "Connection: close");
    // And no reset.
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aShortOneDoesNotCostTheConnection() throws IOException {
    take(BUDGET);
    Socket client = send(head("Content-Length: " + SMALL));
    client.getOutputStream().write(new byte[SMALL]);
    assertThat(answer(client)).contains("429").doesNotContain("Connection: close");
    taken.forEach(Lease::close);
    client.getOutputStream().write(head("Content-Length: 3").getBytes(US_ASCII));
    client.getOutputStream().write(new byte[3]);
    assertThat(answer(client)).contains("200", "3 bytes");
  }

  @Test
  void aLongOneThatWasReadDoesNotCostTheConnectionEither() throws IOException {
    Socket client = send(head("Content-Length: " + LARGE));
    client.getOutputStream().write(new byte[LARGE]);
    assertThat(answer(client)).contains("200", LARGE + " bytes").doesNotContain("close");
    client.getOutputStream().write(head("Content-Length: 0").getBytes(US_ASCII));
    assertThat(answer(client)).contains("200", "0 bytes");
  }

  @Test
  void shortOnesHaveRoomOfTheirOwn() throws IOException {
    take(BUDGET - BUDGET / 8);
    assertThat(answer(send(head("Content-Length: " + SMALL) + " ".repeat(SMALL)))).contains("200");
    assertThat(answer(send(head("Content-Length: " + 2 * SMALL)))).contains("429");
  }

  private static String head(String headers) {
    return "POST /length HTTP/1.1\r\nHost: node\r\n" + headers + "\r\n\r\n";
  }

  private Socket send(String text) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(HANGS_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return socket;
  }

  /// One answer with its length: head and body.
  private static String answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      assertThat(b).as("a byte after " + text).isNotNegative();
      text.append((char) b);
    }
    String length = text.toString().replaceAll("(?is).*\r\ncontent-length: ([0-9]+)\r\n.*", "$1");
    return text.append(new String(in.readNBytes(Integer.parseInt(length)), US_ASCII)).toString();
  }
}
