package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Supplier;

/// `GET /health/live`, `/health/ready`, `/metrics`, `/openapi.json`.
public final class OperationsRoutes implements Routes {
  /// A stage of the way of an event, on this node.
  ///
  /// @param name the stage: `log`, `shard`, …
  /// @param subject what of it: a stream and partition; may be empty
  /// @param reason why it is not healthy, with what an operator needs to know; empty: it is
  /// @param details further facts, each a name and a value
  public record Stage(String name, String subject, String reason, List<Detail> details) {
    public Stage {
      details = List.copyOf(details);
    }

    boolean isHealthy() {
      return reason.isEmpty();
    }
  }

  /// A fact about a stage: an offset, an age.
  public record Detail(String name, long value) {}

  private final Supplier<List<Stage>> health;
  private final Supplier<String> metricsText;
  private final ApiMetrics metrics;

  /// @param health all stages
  /// @param metricsText the metrics in Prometheus' text format
  public OperationsRoutes(
      Supplier<List<Stage>> health, Supplier<String> metricsText, ApiMetrics metrics) {
    this.health = health;
    this.metricsText = metricsText;
    this.metrics = metrics;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("GET", "/health/live", metrics, this::live),
        new Endpoint("GET", "/health/ready", metrics, this::ready),
        new Endpoint("GET", "/metrics", metrics, this::metrics),
        new Endpoint("GET", "/openapi.json", metrics, this::openApi));
  }

  private void live(ServerRequest request, ServerResponse response) {
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("status", "live");
              json.writeEndObject();
            }));
  }

  private void ready(ServerRequest request, ServerResponse response) {
    List<Stage> stages = health.get();
    boolean ready = stages.stream().allMatch(Stage::isHealthy);
    response.status(ready ? 200 : 503);
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("status", ready ? "ready" : "not ready");
              json.writeArrayPropertyStart("stages");
              for (Stage stage : stages) {
                json.writeStartObject();
                json.writeStringProperty("stage", stage.name());
                if (!stage.subject().isEmpty()) {
                  json.writeStringProperty("subject", stage.subject());
                }
                json.writeBooleanProperty("healthy", stage.isHealthy());
                if (!stage.isHealthy()) {
                  json.writeStringProperty("reason", stage.reason());
                }
                stage.details().forEach(d -> json.writeNumberProperty(d.name(), d.value()));
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private void metrics(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    response.send(metricsText.get().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void openApi(ServerRequest request, ServerResponse response) throws IOException {
    try (InputStream document = OperationsRoutes.class.getResourceAsStream("/openapi.json")) {
      if (document == null) {
        throw new IOException("openapi.json is not on the class path");
      }
      Endpoint.json(response, document.readAllBytes());
    }
  }
}
