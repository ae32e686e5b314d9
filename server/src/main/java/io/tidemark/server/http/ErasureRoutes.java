package io.tidemark.server.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.ingest.Batch;
import io.tidemark.ingest.Ingest;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Erasing;
import io.tidemark.shard.Erasure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `POST /v1/streams/{stream}/erasures`: the events of a key are to be gone. `GET` of the same:
/// what has come of such requests.
public final class ErasureRoutes implements Routes {
  /// A key, and what is around it.
  private static final int MAX_BODY_BYTES = 2 * Ingest.MAX_KEY_BYTES + 1024;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Set<String> MEMBERS = Set.of("key");

  private final Api api;
  private final Function<String, Map<StreamPartition, List<Erasing.Receipt>>> receipts;

  /// @param receipts by shard, those of a stream that this node knows
  public ErasureRoutes(
      Api api, Function<String, Map<StreamPartition, List<Erasing.Receipt>>> receipts) {
    this.api = api;
    this.receipts = receipts;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("POST", "/v1/streams/{stream}/erasures", api.metrics(), this::erase),
        new Endpoint("GET", "/v1/streams/{stream}/erasures", api.metrics(), this::list));
  }

  private void erase(ServerRequest request, ServerResponse response) throws IOException {
    StreamGate gate = api.gate(request.path().pathParameters().get("stream"));
    Params.parse(request.query().rawValue()).allow(Set.of());
    byte[] key;
    try (RequestBody body = RequestBody.read(request, MAX_BODY_BYTES, api.inFlight())) {
      key = key(gate.stream(), body);
    }
    Batch batch = gate.erase(key);
    if (batch.accepted() == 0) {
      String why = batch.refused().getFirst().refusal().detail();
      throw new Problem(503, "log-unavailable", "the log has not taken it: " + why).retryAfter(1);
    }
    Map.Entry<StreamPartition, Long> next = batch.mark().next().entrySet().iterator().next();
    Marks.write(batch.mark(), response);
    response.status(202);
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("stream", gate.stream().name());
              json.writeNumberProperty("partition", next.getKey().partition());
              json.writeNumberProperty("offset", next.getValue() - 1);
              json.writeStringProperty("mark", batch.mark().toString());
              json.writeEndObject();
            }));
  }

  /// The key's text, as the log knows it.
  private static byte[] key(StreamSpec stream, RequestBody body) {
    if (stream.key().isEmpty()) {
      throw new Problem(
          422,
          "not-erasable",
          "stream " + stream.name() + " declares no key, so nobody can say whose its events are");
    }
    JsonNode document = read(body);
    for (String name : document.propertyNames()) {
      if (!MEMBERS.contains(name)) {
        throw Problem.parameter(name, "is not known here; " + Near.hint(name, MEMBERS));
      }
    }
    List<JsonNode> parts = new ArrayList<>();
    JsonNode given = document.path("key");
    if (given.isArray()) {
      given.valueStream().forEach(parts::add);
    } else {
      parts.add(given);
    }
    EventType type = stream.type();
    List<String> paths = stream.key().stream().map(f -> type.field(f).path()).toList();
    if (parts.size() != paths.size()) {
      throw Problem.parameter(
          "key",
          "the key of stream %s has %d parts (%s); give as many, as an array"
              .formatted(stream.name(), paths.size(), String.join(", ", paths)));
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      texts.add(text(parts.get(i), type.field(stream.key().get(i))));
    }
    String text = String.join(String.valueOf(StreamSpec.KEY_SEPARATOR), texts);
    if (!Erasing.isKey(stream, text)) {
      throw Problem.parameter(
          "key",
          "no event of stream %s has this key, or it is one that cannot be told in a log: %s"
              .formatted(
                  stream.name(),
                  stream.key().stream()
                      .map(f -> type.field(f).path() + " is a " + type.field(f).type())
                      .collect(Collectors.joining(", "))
                      .toLowerCase(Locale.ROOT)));
    }
    byte[] key = text.getBytes(StandardCharsets.UTF_8);
    if (key.length > Ingest.MAX_KEY_BYTES) {
      throw Problem.parameter(
          "key",
          "has %d bytes; no event has a key of more than %d"
              .formatted(key.length, Ingest.MAX_KEY_BYTES));
    }
    return key;
  }

  private static String text(JsonNode part, Field field) {
    if (!part.isString() && !part.isIntegralNumber() && !part.isBoolean()) {
      throw Problem.parameter(
          "key",
          "give the value of %s as a string, a whole number, or true or false"
              .formatted(field.path()));
    }
    String text = part.asString();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw Problem.parameter("key", "has half of a surrogate pair");
    }
    return field.type() == FieldType.TIMESTAMP && part.isString()
        ? Long.toString(Instants.parse("key", text))
        : text;
  }

  /// A key is not guessed: what is not UTF-8 is no document.
  private static JsonNode read(RequestBody body) {
    try {
      JsonNode document = MAPPER.readTree(body.bytes(), 0, body.length());
      if (document.isObject()) {
        return document;
      }
    } catch (JacksonException _) {
      // It is said below.
    }
    throw new Problem(400, "broken-body", "send a JSON object, as {\"key\": \"someone\"}");
  }

  private void list(ServerRequest request, ServerResponse response) {
    StreamSpec stream = api.gate(request.path().pathParameters().get("stream")).stream();
    Params.parse(request.query().rawValue()).allow(Set.of());
    Map<StreamPartition, List<Erasing.Receipt>> all = receipts.apply(stream.name());
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringProperty("stream", stream.name());
              json.writeArrayPropertyStart("erasures");
              all.forEach((shard, known) -> known.forEach(r -> write(shard, r, json)));
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private static void write(StreamPartition shard, Erasing.Receipt receipt, JsonGenerator json) {
    Erasure erasure = receipt.erasure();
    json.writeStartObject();
    json.writeNumberProperty("partition", shard.partition());
    json.writeNumberProperty("offset", erasure.offset());
    json.writeStringProperty("requested", Instants.format(erasure.appendMs() * 1000));
    json.writeStringProperty("state", receipt.isDone() ? "done" : "pending");
    json.writeNumberProperty("events", erasure.events());
    json.writeNumberProperty("files", erasure.files());
    json.writeNumberProperty("archived_events", erasure.archivedEvents());
    json.writeNumberProperty("archived_files", erasure.archivedFiles());
    if (erasure.minTime() <= erasure.maxTime()) {
      json.writeStringProperty("first", Instants.format(erasure.minTime()));
      json.writeStringProperty("last", Instants.format(erasure.maxTime()));
    } else {
      json.writeNullProperty("first");
      json.writeNullProperty("last");
    }
    json.writeNumberProperty("log_bytes_left", receipt.logBytesLeft());
    json.writeEndObject();
  }
}
