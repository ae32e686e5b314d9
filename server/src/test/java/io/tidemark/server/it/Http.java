package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A plain HTTP client of one node. For many threads.
///
/// Headers are given as names and values in turn.
record Http(String address) {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String NDJSON = "application/x-ndjson";
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("\\r\\nContent-Length: ([0-9]+)\\r\\n", Pattern.CASE_INSENSITIVE);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /// An answer.
  record Answer(int status, HttpHeaders headers, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      return JSON.readTree(bytes);
    }

    /// The header of that name; empty where there is none.
    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /// The header `Tidemark`.
    String mark() {
      return header("Tidemark");
    }

    /// Requires a status.
    Answer expect(int wanted) {
      assertThat(status).as(() -> "status of an answer with " + text()).isEqualTo(wanted);
      return this;
    }

    /// Requires a problem document (RFC 9457) with this status and type.
    Answer expectProblem(int wanted, String type) {
      expect(wanted);
      assertThat(header("Content-Type")).isEqualTo("application/problem+json");
      JsonNode problem = json();
      assertThat(problem.path("type").asString()).isEqualTo("urn:tidemark:" + type);
      assertThat(problem.path("status").asInt()).isEqualTo(wanted);
      assertThat(problem.path("title").asString()).isNotBlank();
      assertThat(problem.path("detail").asString()).isNotBlank();
      return this;
    }
  }

  Answer get(String path, String... headers) {
    return sendUnchecked(request(path, headers).GET());
  }

  Answer send(String method, String path, byte[] body, String... headers) {
    return sendUnchecked(
        request(path, headers).method(method, HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  Answer post(String path, byte[] body, String... headers) {
    return send("POST", path, body, headers);
  }

  Answer post(String path, String body, String... headers) {
    return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer postJson(String path, String body) {
    return post(path, body, "Content-Type", "application/json");
  }

  /// Posts to a node that may die meanwhile.
  Answer postOrBreak(String path, String body, String type) throws IOException {
    return send(
        request(path, "Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /// Asks a node that may die meanwhile.
  Answer getOrBreak(String path, String... headers) throws IOException {
    return send(request(path, headers).GET());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request;
  }

  private static Answer sendUnchecked(HttpRequest.Builder request) {
    try {
      return send(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Answer send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<byte[]> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /// Sends text as it is, which need not be HTTP, and returns the answer, or what there is of it
  /// when the node closes the connection.
  ///
  /// @param isWhole whether to say that nothing more will come
  String raw(String text, boolean isWhole) throws IOException {
    URI uri = URI.create(address);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      if (isWhole) {
        socket.shutdownOutput();
      }
      return readAnswer(socket.getInputStream());
    }
  }

  /// Reads one answer with a `Content-Length`, head and body.
  static String readAnswer(InputStream in) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    while (!isWhole(answer)) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      answer.write(b);
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  private static boolean isWhole(ByteArrayOutputStream answer) {
    String text = answer.toString(StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    Matcher length = CONTENT_LENGTH.matcher(text);
    return head >= 0
        && length.find()
        && text.length() == head + 4 + Integer.parseInt(length.group(1));
  }

  /// An address for a node that shall have the same after each start: below the ports which systems
  /// give to whoever asks for any.
  static String freeAddress() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return "127.0.0.1:" + port;
      } catch (IOException _) {
        // Somebody else has it.
      }
    }
  }

  /// The value of a metric, summed up over its labels; -1 where there is none.
  double metric(String name, String... labels) {
    double sum = 0;
    boolean found = false;
    for (String line : get("/metrics").expect(200).text().split("\n")) {
      boolean matches = line.startsWith(name + " ") || line.startsWith(name + "{");
      for (String label : labels) {
        matches &= line.contains(label);
      }
      if (matches) {
        found = true;
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return found ? sum : -1;
  }

  /// Percent-encodes everything that is not a letter or a digit.
  static String encode(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9')) {
        encoded.append((char) b);
      } else {
        encoded.append("%%%02X".formatted(b & 0xff));
      }
    }
    return encoded.toString();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
