package io.tidemark.server.registry;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Versions of schemas as records of the topic, so that an operator can read them: each a JSON
/// object.
///
/// ```
/// {"format": 1, "subject": "clicks-value", "version": 2, "id": 1834773024,
///  "kind": "AVRO" | "JSON", "schema": TEXT,
///  "stream": "clicks",                                  of a stream's schemas
///  "type": "clicks", "fields": [[PATH, TYPE, REQUIRED], …]}     of those of its records
/// ```
final class SchemaRecords {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int FORMAT = 1;

  private SchemaRecords() {}

  static byte[] encode(SchemaVersion version) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("format", FORMAT);
    json.put("subject", version.subject());
    json.put("version", version.version());
    json.put("id", version.id());
    json.put("kind", version.kind().name());
    json.put("schema", version.text());
    version.stream().ifPresent(stream -> json.put("stream", stream));
    version
        .shape()
        .ifPresent(
            type -> {
              json.put("type", type.name());
              ArrayNode fields = json.putArray("fields");
              for (Field field : type.fields()) {
                fields.addArray().add(field.path()).add(field.type().name()).add(field.required());
              }
            });
    return MAPPER.writeValueAsBytes(json);
  }

  /// @return nothing where it is not such a record
  static Optional<SchemaVersion> decode(byte[] record) {
    try {
      JsonNode json = MAPPER.readTree(record);
      if (json.path("format").asInt(0) != FORMAT) {
        return Optional.empty();
      }
      Optional<EventType> shape =
          json.has("fields")
              ? Optional.of(new EventType(json.get("type").asString(), fields(json.get("fields"))))
              : Optional.empty();
      return Optional.of(
          new SchemaVersion(
              json.get("subject").asString(),
              json.get("version").asInt(),
              json.get("id").asInt(),
              Kind.valueOf(json.get("kind").asString()),
              json.get("schema").asString(),
              json.has("stream") ? Optional.of(json.get("stream").asString()) : Optional.empty(),
              shape));
    } catch (JacksonException | IllegalArgumentException | NullPointerException _) {
      return Optional.empty();
    }
  }

  private static List<Field> fields(JsonNode array) {
    List<Field> fields = new ArrayList<>();
    for (JsonNode field : array) {
      fields.add(
          new Field(
              field.get(0).asString(),
              FieldType.valueOf(field.get(1).asString()),
              field.get(2).asBoolean()));
    }
    return fields;
  }
}
