package io.tidemark.server.registry;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.Endpoint;
import io.tidemark.server.http.Json;
import io.tidemark.server.http.Params;
import io.tidemark.server.http.RequestBody;
import io.tidemark.server.http.Routes;
import io.tidemark.server.http.Turns;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The registry as Kafka's tools know it: the REST calls of Confluent's Schema Registry, below
/// [#PREFIX]. Source: its API reference, version 7. Parameters that it does not know are passed
/// over there, and so they are here.
public final class RegistryRoutes implements Routes {
  /// What clients are given as the registry's address, behind the node's.
  public static final String PREFIX = "/v1/registry";

  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_BODY_BYTES = 1 << 20;

  /// What follows a version must read what all before it have written; nobody can change that.
  private static final String LEVEL = "BACKWARD_TRANSITIVE";

  private static final String MODE = "READWRITE";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Api api;
  private final Turns turns;
  private final Subjects subjects;

  public RegistryRoutes(Api api, SchemaRegistry registry, Turns turns) {
    this.api = api;
    this.turns = turns;
    this.subjects =
        new Subjects(
            registry,
            api.catalog().streams().stream()
                .flatMap(s -> Stream.of(StreamSchemas.records(s), StreamSchemas.events(s)))
                .collect(Collectors.toSet()));
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        on("GET", "/subjects", r -> strings(subjects.names(parameter(r, "subjectPrefix")))),
        on("GET", "/subjects/{subject}/versions", this::versions),
        on("GET", "/subjects/{subject}/versions/{version}", r -> described(asked(r), false)),
        on("GET", "/subjects/{subject}/versions/{version}/schema", r -> text(asked(r))),
        on("POST", "/subjects/{subject}", posted(this::find)),
        on("POST", "/subjects/{subject}/versions", posted(this::register)),
        on("DELETE", "/subjects/{subject}", this::delete),
        on("DELETE", "/subjects/{subject}/versions/{version}", this::delete),
        on("GET", "/schemas/types", _ -> strings(List.of("AVRO", "JSON"))),
        on("GET", "/schemas/ids/{id}", r -> schema(withId(r).getFirst())),
        on("GET", "/schemas/ids/{id}/schema", r -> text(withId(r).getFirst())),
        on("GET", "/schemas/ids/{id}/versions", this::versionsOfId),
        on("GET", "/schemas/ids/{id}/subjects", this::subjectsOfId),
        on("POST", "/compatibility/subjects/{subject}/versions", posted(this::fits)),
        on("POST", "/compatibility/subjects/{subject}/versions/{version}", posted(this::fits)),
        on("GET", "/config", _ -> level("compatibilityLevel")),
        on("GET", "/config/{subject}", _ -> level("compatibilityLevel")),
        on("PUT", "/config", this::setLevel),
        on("PUT", "/config/{subject}", this::setLevel),
        on("GET", "/mode", _ -> mode()),
        on("GET", "/mode/{subject}", _ -> mode()),
        on("PUT", "/mode", this::setMode),
        on("PUT", "/mode/{subject}", this::setMode));
  }

  /// Makes the answer to a request.
  private interface Call {
    byte[] answer(ServerRequest request) throws RegistryError, IOException;
  }

  /// Makes the answer to a request that brings a schema.
  private interface Posted {
    byte[] answer(ServerRequest request, AnySchema schema) throws RegistryError;
  }

  /// Understanding and comparing schemas is much work, so it waits for its turn.
  private Call posted(Posted call) {
    return request -> {
      JsonNode body = body(request);
      try (Turns.Turn _ = turns.take(1)) {
        return call.answer(request, sent(body));
      }
    };
  }

  private Endpoint on(String method, String path, Call call) {
    return new Endpoint(
        method,
        PREFIX + path,
        api.metrics(),
        (request, response) -> {
          byte[] answer;
          try {
            answer = call.answer(request);
          } catch (RegistryError e) {
            response.status(e.status());
            answer = error(e);
          }
          send(response, answer);
        });
  }

  private static void send(ServerResponse response, byte[] answer) {
    response.header(HeaderNames.CONTENT_TYPE, CONTENT_TYPE);
    response.send(answer);
  }

  private static byte[] error(RegistryError e) {
    return object(
        json -> {
          json.writeNumberProperty("error_code", e.code());
          json.writeStringProperty("message", String.valueOf(e.getMessage()));
        });
  }

  private static byte[] object(Consumer<JsonGenerator> content) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          content.accept(json);
          json.writeEndObject();
        });
  }

  private static byte[] array(Consumer<JsonGenerator> content) {
    return Json.bytes(
        json -> {
          json.writeStartArray();
          content.accept(json);
          json.writeEndArray();
        });
  }

  private static byte[] strings(List<String> values) {
    return array(json -> values.forEach(json::writeString));
  }

  private static String part(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }

  /// A parameter; empty where it is not there.
  private static String parameter(ServerRequest request, String name) {
    return Params.parse(request.query().rawValue()).one(name).orElse("");
  }

  private SchemaVersion asked(ServerRequest request) throws RegistryError {
    return subjects.version(part(request, "subject"), part(request, "version"));
  }

  private List<SchemaVersion> withId(ServerRequest request) throws RegistryError {
    return subjects.withId(part(request, "id"));
  }

  private static byte[] text(SchemaVersion version) {
    return version.text().getBytes(StandardCharsets.UTF_8);
  }

  private static void writeSchema(SchemaVersion version, JsonGenerator json) {
    json.writeStringProperty("schema", version.text());
    if (version.kind() != Kind.AVRO) {
      // Of Avro nothing is said: so it was before there were others.
      json.writeStringProperty("schemaType", version.kind().name());
    }
  }

  private static byte[] schema(SchemaVersion version) {
    return object(json -> writeSchema(version, json));
  }

  private static byte[] described(SchemaVersion version, boolean idOnly) {
    return object(
        json -> {
          if (!idOnly) {
            json.writeStringProperty("subject", version.subject());
            json.writeNumberProperty("version", version.version());
          }
          json.writeNumberProperty("id", version.id());
          if (!idOnly) {
            writeSchema(version, json);
            version.stream().ifPresent(stream -> json.writeStringProperty("stream", stream));
          }
        });
  }

  private byte[] versions(ServerRequest request) throws RegistryError {
    List<SchemaVersion> versions = subjects.versions(part(request, "subject"));
    return array(json -> versions.forEach(v -> json.writeNumber(v.version())));
  }

  private byte[] versionsOfId(ServerRequest request) throws RegistryError {
    List<SchemaVersion> versions = withId(request);
    return array(
        json -> {
          for (SchemaVersion version : versions) {
            json.writeStartObject();
            json.writeStringProperty("subject", version.subject());
            json.writeNumberProperty("version", version.version());
            json.writeEndObject();
          }
        });
  }

  private byte[] subjectsOfId(ServerRequest request) throws RegistryError {
    return strings(withId(request).stream().map(SchemaVersion::subject).distinct().toList());
  }

  /// The body of a request.
  private JsonNode body(ServerRequest request) throws RegistryError, IOException {
    try (RequestBody body = RequestBody.read(request, MAX_BODY_BYTES, api.inFlight())) {
      JsonNode json = MAPPER.readTree(body.bytes(), 0, body.length());
      if (json.isObject()) {
        return json;
      }
    } catch (JacksonException _) {
      // said below
    }
    throw RegistryError.badBody("the body is not a JSON object like {\"schema\": \"…\"}");
  }

  private static AnySchema sent(JsonNode body) throws RegistryError {
    if (!body.path("schema").isString()) {
      throw RegistryError.badSchema("Empty schema: write it as a string, \"schema\"");
    }
    if (!body.path("references").isEmpty()) {
      throw RegistryError.badSchema("references are not taken; write the schema out");
    }
    Kind kind = Subjects.kind(body.path("schemaType").asString(Kind.AVRO.name()));
    return AnySchema.read(kind, body.path("schema").asString());
  }

  private byte[] find(ServerRequest request, AnySchema schema) throws RegistryError {
    return described(subjects.find(part(request, "subject"), schema), false);
  }

  private byte[] register(ServerRequest request, AnySchema schema) throws RegistryError {
    return described(subjects.register(part(request, "subject"), schema), true);
  }

  private byte[] delete(ServerRequest request) throws RegistryError {
    throw RegistryError.readOnly(
        "versions of %s are not deleted: there may be records that were written with them"
            .formatted(part(request, "subject")));
  }

  private byte[] fits(ServerRequest request, AnySchema schema) throws RegistryError {
    boolean one = !request.path().pathParameters().first("version").orElse("").isEmpty();
    List<SchemaVersion> versions =
        one ? List.of(asked(request)) : subjects.versions(part(request, "subject"));
    List<String> obstacles = Subjects.obstacles(schema, versions);
    boolean says = parameter(request, "verbose").equals("true");
    return object(
        json -> {
          json.writeBooleanProperty("is_compatible", obstacles.isEmpty());
          if (says) {
            json.writeArrayPropertyStart("messages");
            obstacles.forEach(json::writeString);
            json.writeEndArray();
          }
        });
  }

  private static byte[] level(String name) {
    return object(json -> json.writeStringProperty(name, LEVEL));
  }

  private byte[] setLevel(ServerRequest request) throws RegistryError, IOException {
    String wanted = body(request).path("compatibility").asString("");
    if (!wanted.equals(LEVEL)) {
      throw RegistryError.fixedLevel(
          "compatibility is %s for all subjects and cannot be set: records of all versions are read with the newest"
              .formatted(LEVEL));
    }
    return level("compatibility");
  }

  private static byte[] mode() {
    return object(json -> json.writeStringProperty("mode", MODE));
  }

  private byte[] setMode(ServerRequest request) throws RegistryError, IOException {
    String wanted = body(request).path("mode").asString("");
    if (!wanted.equals(MODE)) {
      throw RegistryError.fixedMode("mode is %s and cannot be set".formatted(MODE));
    }
    return mode();
  }
}
