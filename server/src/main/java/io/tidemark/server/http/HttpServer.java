package io.tidemark.server.http;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.tidemark.ingest.Ingest;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The node's HTTP server: HTTP/1.1, a virtual thread for each connection.
public final class HttpServer implements AutoCloseable {
  /// Room for the mark of a stream with a thousand partitions.
  private static final int MAX_HEADER_BYTES = 128 << 10;

  /// Room for the longest key, percent-encoded.
  private static final int MAX_PROLOGUE_BYTES = 64 << 10;

  /// More than the largest body that any call takes: the server keeps a whole chunk in memory
  /// before the call sees it.
  private static final long MAX_PAYLOAD_BYTES = Ingest.MAX_BODY_BYTES + (64 << 10);

  private final WebServer server;
  private final ClientPace pace;
  private final AtomicBoolean draining = new AtomicBoolean();

  private HttpServer(WebServer server, ClientPace pace) {
    this.server = server;
    this.pace = pace;
  }

  /// Starts serving.
  ///
  /// @param port 0: any that is free
  /// @throws IOException where the address cannot be had
  public static HttpServer start(String host, int port, List<Routes> routes, ApiMetrics metrics)
      throws IOException {
    return start(host, port, routes, metrics, HttpLimits.standard());
  }

  static HttpServer start(
      String host, int port, List<Routes> routes, ApiMetrics metrics, HttpLimits limits)
      throws IOException {
    ClientPace pace = new ClientPace(limits, metrics);
    DirectHandlers.Builder direct = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      direct.addHandler(type, HttpServer::problem);
    }
    WebServer server =
        WebServer.builder()
            .host(host)
            .port(port)
            .maxTcpConnections(limits.connections())
            .maxPayloadSize(MAX_PAYLOAD_BYTES)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            .directHandlers(direct.build())
            .contentEncoding(new BodiesAsSent())
            .connectionOptions(o -> o.tcpNoDelay(true))
            // Of two protocols it would wait for bytes to choose by.
            .protocolsDiscoverServices(false)
            .addConnectionSelector(new CountedConnections(http1(pace), pace))
            .routing(routing(routes, metrics))
            .build();
    try {
      server.start();
    } catch (RuntimeException e) {
      pace.close();
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BindException) {
          throw new IOException(
              "cannot listen on %s:%d (%s); is another program using the port? Choose one with --http"
                  .formatted(host, port, cause.getMessage()),
              e);
        }
      }
      throw e;
    }
    return new HttpServer(server, pace);
  }

  private static Http1ConnectionSelector http1(ClientPace pace) {
    return Http1ConnectionSelector.builder()
        .config(
            Http1Config.builder()
                .maxHeadersSize(MAX_HEADER_BYTES)
                .maxPrologueLength(MAX_PROLOGUE_BYTES)
                // A query that cannot be decoded is refused by Params, which names the parameter.
                .validatePrologue(false)
                .addReceiveListener(pace.incoming())
                .addSendListener(pace.outgoing())
                .build())
        .build();
  }

  private static HttpRouting.Builder routing(List<Routes> routes, ApiMetrics metrics) {
    HttpRouting.Builder routing = HttpRouting.builder();
    Map<String, List<Endpoint>> byPattern =
        routes.stream()
            .flatMap(r -> r.endpoints().stream())
            .collect(groupingBy(Endpoint::pattern, LinkedHashMap::new, toList()));
    // They are tried one after another: a path that is written out is compared at once.
    byPattern.entrySet().stream()
        .sorted(comparing(route -> hasVariable(route.getKey())))
        .forEach(
            route -> {
              String pattern = route.getKey();
              List<Endpoint> endpoints = route.getValue();
              endpoints.forEach(e -> routing.route(Method.create(e.method()), pattern, e));
              routing.any(pattern, otherMethods(endpoints, metrics));
            });
    return routing.any(new Endpoint("*", "unknown", metrics, HttpServer::unknown));
  }

  private static boolean hasVariable(String pattern) {
    return pattern.indexOf('{') >= 0 || pattern.indexOf('*') >= 0;
  }

  private static Endpoint otherMethods(List<Endpoint> endpoints, ApiMetrics metrics) {
    String allow = endpoints.stream().map(Endpoint::method).collect(joining(", "));
    return new Endpoint(
        "*",
        endpoints.getFirst().route(),
        metrics,
        (request, response) -> {
          response.header(HeaderNames.ALLOW, allow);
          throw new Problem(
              405,
              "method-not-allowed",
              "%s takes %s, not %s"
                  .formatted(request.path().rawPath(), allow, request.prologue().method().text()));
        });
  }

  private static void unknown(ServerRequest request, ServerResponse response) throws Problem {
    throw Problem.notFound(
        "there is no %s; /openapi.json says what there is".formatted(request.path().rawPath()));
  }

  /// Requests that never reach a route are answered with a problem document, too.
  private static DirectHandler.TransportResponse problem(
      DirectHandler.TransportRequest request,
      DirectHandler.EventType type,
      Status status,
      io.helidon.http.ServerResponseHeaders headers,
      String message) {
    // Where the first line is too long, nothing of it has been read.
    boolean isTooLong = status.code() == Status.REQUEST_URI_TOO_LONG_414.code();
    int code = isTooLong || isToken(request.method()) ? clientsFault(status.code()) : 400;
    Problem problem = code == 400 ? badPath(request.path()) : null;
    if (problem == null) {
      boolean silent = message == null || message.isBlank();
      problem =
          code == Status.REQUEST_ENTITY_TOO_LARGE_413.code()
              ? Body.tooLarge(Ingest.MAX_BODY_BYTES)
              : new Problem(code, "bad-request", silent ? status.reasonPhrase() : message);
    }
    headers.contentType(MediaTypes.create("application/problem+json"));
    return DirectHandler.TransportResponse.builder()
        .status(Status.create(code))
        .headers(headers)
        .header(HeaderNames.CONNECTION, "close")
        .entity(problem.document())
        .keepAlive(false)
        .build();
  }

  /// What the server does not implement of HTTP, as HTTP/1.0 or stacked transfer encodings, it
  /// answers with 501 or 505; but nothing is wrong with this node.
  private static int clientsFault(int code) {
    return code == 501 || code == 505 ? 400 : code;
  }

  /// What is wrong with the percent-encoding of a path, or null. The server refuses it without
  /// saying so.
  private static @Nullable Problem badPath(String path) {
    try {
      var _ = Params.decode("path", path.split("\\?", 2)[0], false);
      return null;
    } catch (Problem e) {
      return e;
    }
  }

  /// Whether there is a method, of visible characters only.
  private static boolean isToken(String method) {
    return !method.isEmpty() && method.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  public int port() {
    return server.port();
  }

  /// Finishes requests for up to two seconds, then ends.
  @Override
  public void close() {
    if (draining.compareAndSet(false, true)) {
      server.stop();
      pace.close();
    }
  }
}
