package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.ingest.Batch;
import io.tidemark.ingest.EventParser.Shape;
import io.tidemark.ingest.Ingest;
import io.tidemark.ingest.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/// `POST /v1/streams/{stream}`: events go in. `GET /v1/quarantine`: what was refused, and why.
public final class StreamRoutes implements Routes {
  private static final Set<String> NDJSON =
      Set.of("application/x-ndjson", "application/ndjson", "application/jsonl");

  private final Api api;

  public StreamRoutes(Api api) {
    this.api = api;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("POST", "/v1/streams/{stream}", api.metrics(), this::post),
        new Endpoint("GET", "/v1/quarantine", api.metrics(), this::quarantine));
  }

  private void post(ServerRequest request, ServerResponse response) throws IOException {
    StreamGate gate = api.gate(request.path().pathParameters().get("stream"));
    Params.parse(request.query().rawValue()).allow(Set.of());
    Batch batch;
    try (InFlight.Lease lease = api.inFlight().lease()) {
      Body body = Body.read(request, Ingest.MAX_BODY_BYTES, lease);
      batch = gate.take(body.bytes(), body.length(), shape(request));
    }
    Refusal broken = batch.broken();
    if (broken != null) {
      String hint =
          shape(request) == Shape.JSON && broken.reason() == Refusal.Reason.MALFORMED
              ? "; of several events, one a line, say Content-Type: application/x-ndjson"
              : "";
      throw new Problem(400, "broken-body", broken.detail() + "; nothing was accepted" + hint)
          .with("reason", broken.code())
          .with("pointer", broken.pointer());
    }
    if (batch.items() == 0) {
      throw new Problem(400, "no-events", "the body has no event");
    }
    Marks.write(batch.mark(), response);
    answer(batch, response);
  }

  private static Shape shape(ServerRequest request) {
    String type =
        request
            .headers()
            .first(HeaderNames.CONTENT_TYPE)
            .map(t -> t.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
            .orElse("");
    return NDJSON.contains(type) ? Shape.NDJSON : Shape.JSON;
  }

  /// 200: all accepted. 207: some. 422: none, and sending them again is of no use. 503: none, since
  /// the log would not take them.
  private static void answer(Batch batch, ServerResponse response) {
    boolean log =
        batch.refused().stream().anyMatch(i -> i.refusal().reason() == Refusal.Reason.LOG);
    if (batch.refused().isEmpty()) {
      response.status(200);
    } else if (batch.accepted() > 0) {
      response.status(207);
    } else {
      response.status(log ? 503 : 422);
    }
    if (log) {
      response.header(HeaderNames.RETRY_AFTER, "1");
    }
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeNumberProperty("items", batch.items());
              json.writeNumberProperty("accepted", batch.accepted());
              json.writeArrayPropertyStart("refused");
              for (Batch.Item item : batch.refused()) {
                json.writeStartObject();
                json.writeNumberProperty("index", item.index());
                write(item.refusal(), json);
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeStringProperty("mark", batch.mark().toString());
              json.writeEndObject();
            }));
  }

  private static void write(Refusal refusal, JsonGenerator json) {
    json.writeStringProperty("reason", refusal.code());
    json.writeStringProperty("pointer", refusal.pointer());
    json.writeStringProperty("detail", refusal.detail());
  }

  private void quarantine(ServerRequest request, ServerResponse response) {
    Params params = Params.parse(request.query().rawValue()).allow(Set.of("stream"));
    List<StreamGate> gates =
        params
            .one("stream")
            .map(name -> List.of(api.gate(name)))
            .orElseGet(() -> List.copyOf(api.gates().values()));
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeArrayPropertyStart("streams");
              for (StreamGate gate : gates) {
                json.writeStartObject();
                json.writeStringProperty("stream", gate.stream().name());
                json.writeObjectPropertyStart("counts");
                gate.refusals()
                    .counts()
                    .forEach(
                        (reason, count) ->
                            json.writeNumberProperty(
                                reason.name().toLowerCase(Locale.ROOT), count));
                json.writeEndObject();
                json.writeArrayPropertyStart("newest");
                gate.refusals()
                    .newest()
                    .forEach(
                        seen -> {
                          json.writeStartObject();
                          json.writeStringProperty("at", Instants.format(seen.atMs() * 1000));
                          write(seen.refusal(), json);
                          json.writeEndObject();
                        });
                json.writeEndArray();
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }
}
