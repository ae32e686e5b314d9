package io.tidemark.server.client;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/// Sends requests to one node. Blocks; for many threads.
public final class NodeClient implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HeaderName VIEW = HeaderNames.create("Tidemark-View");
  private static final HeaderName MARK = HeaderNames.create("Tidemark");

  private final WebClient client;
  private final String base;

  /// @param base the node's address, as `http://127.0.0.1:8080`
  public NodeClient(String base) {
    this(base, Duration.ofSeconds(60));
  }

  /// @param patience how long the node may be silent
  public NodeClient(String base, Duration patience) {
    this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    this.client =
        WebClient.builder()
            .connectTimeout(Duration.ofSeconds(5))
            .readTimeout(patience)
            .connectionCacheSize(512)
            .build();
  }

  public String base() {
    return base;
  }

  /// An answer.
  ///
  /// @param mark the header of that name; empty where there is none
  /// @param retryAfterSeconds the header of that name; -1 where there is none
  /// @param isOfEarlierView whether it is of a view as it was declared before
  public record Answer(
      int status, String body, String mark, int retryAfterSeconds, boolean isOfEarlierView) {
    public boolean isSuccess() {
      return status / 100 == 2;
    }

    /// What a problem document says; the whole body where it is none, since something between here
    /// and the node has answered.
    public String detail() {
      try {
        return MAPPER.readTree(body).path("detail").asString(body);
      } catch (JacksonException _) {
        return body;
      }
    }

    /// Whether the same request may succeed later.
    public boolean isTransient() {
      return status == 429 || status == 503;
    }
  }

  public Answer get(String path) throws IOException {
    return send(Method.GET, path, Map.of(), new byte[0], 0);
  }

  /// Gets an answer that comes line by line.
  ///
  /// @param lines takes each line of a success
  /// @return an answer whose body is empty in case of success
  public Answer get(String path, Consumer<String> lines) throws IOException {
    return send(
        Method.GET,
        path,
        Map.of(),
        new byte[0],
        0,
        (status, in) -> {
          if (status / 100 != 2) {
            return text(in);
          }
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.accept(line);
          }
          return "";
        });
  }

  public Answer post(String path, Map<String, String> headers, byte[] body) throws IOException {
    return send(Method.POST, path, headers, body, body.length);
  }

  /// Posts a body, and writes what comes back to a stream rather than into memory.
  ///
  /// @param into where the body of a success goes
  /// @return an answer whose body is empty in case of success
  public Answer post(
      String path, Map<String, String> headers, byte[] body, Supplier<OutputStream> into)
      throws IOException {
    return send(
        Method.POST,
        path,
        headers,
        body,
        body.length,
        (status, in) -> {
          if (status / 100 != 2) {
            return text(in);
          }
          in.transferTo(into.get());
          return "";
        });
  }

  public Answer post(String path, Map<String, String> headers, String body) throws IOException {
    return post(path, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  /// @param path with its query, encoded
  private Answer send(
      Method method, String path, Map<String, String> headers, byte[] body, int length)
      throws IOException {
    return send(method, path, headers, body, length, (_, in) -> text(in));
  }

  /// Makes text of a body.
  private interface BodyReader {
    String read(int status, InputStream in) throws IOException;
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private Answer send(
      Method method,
      String path,
      Map<String, String> headers,
      byte[] body,
      int length,
      BodyReader reader)
      throws IOException {
    HttpClientRequest request = client.method(method).uri(base + path).skipUriEncoding(true);
    headers.forEach((name, value) -> request.header(HeaderNames.create(name), value));
    try (HttpClientResponse response = length == 0 ? request.request() : request.submit(body)) {
      String text = "";
      if (response.entity().hasEntity()) {
        try (InputStream in = response.inputStream()) {
          text = reader.read(response.status().code(), in);
        }
      }
      int retryAfter =
          response.headers().first(HeaderNames.RETRY_AFTER).map(Integer::parseInt).orElse(-1);
      return new Answer(
          response.status().code(),
          text,
          response.headers().first(MARK).orElse(""),
          retryAfter,
          response.headers().contains(VIEW));
    } catch (UncheckedIOException e) {
      throw new IOException("%s: %s".formatted(base, e.getMessage()), e);
    } catch (RuntimeException e) {
      // The library has several of its own for a connection that ends too soon.
      throw new IOException("%s: the connection broke (%s)".formatted(base, e), e);
    }
  }

  @Override
  public void close() {
    client.closeResource();
  }
}
