package io.tidemark.server.cli;

import io.tidemark.app.StreamSpec;
import io.tidemark.server.client.NodeClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a running node's registry says of a declared schema.
///
/// @param summary where it may be, what it would be
/// @param obstacles why it cannot follow the one in force
record SchemaComparison(StreamSpec stream, String summary, List<String> obstacles) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String REGISTRY = "/v1/registry";

  /// The registry's code.
  private static final int NO_SUBJECT = 40401;

  /// Asks a node.
  static SchemaComparison of(StreamSpec stream, NodeClient node) throws IOException {
    String subject = stream.dataName() + "-json";
    ObjectNode body = MAPPER.createObjectNode();
    body.put("schemaType", "JSON").put("schema", stream.schema());
    if (isNew(node.get(REGISTRY + "/subjects/" + subject + "/versions/latest"), node)) {
      return good(stream, "new");
    }
    NodeClient.Answer fits =
        post(node, "/compatibility/subjects/" + subject + "/versions/latest?verbose=true", body);
    if (!fits.isSuccess()) {
      throw failed(node, fits);
    }
    JsonNode answer = MAPPER.readTree(fits.body());
    List<String> obstacles = answer.path("messages").valueStream().map(JsonNode::asString).toList();
    if (!answer.path("is_compatible").asBoolean()) {
      return new SchemaComparison(stream, "", obstacles);
    }
    boolean known = post(node, "/subjects/" + subject, body).isSuccess();
    return good(stream, known ? "its schema is in force" : "its schema will be a new version");
  }

  /// Whether no app has declared the stream: there is no such subject, or one that is no stream's.
  private static boolean isNew(NodeClient.Answer latest, NodeClient node) throws IOException {
    try {
      JsonNode answer = MAPPER.readTree(latest.body());
      if (latest.isSuccess() || answer.path("error_code").asInt(0) == NO_SUBJECT) {
        return !answer.has("stream");
      }
    } catch (JacksonException _) {
      // No registry answers so.
    }
    throw failed(node, latest);
  }

  private static IOException failed(NodeClient node, NodeClient.Answer answer) {
    return new IOException(
        "%s does not answer as a node's registry does: %d %s"
            .formatted(node.base(), answer.status(), answer.body()));
  }

  private static NodeClient.Answer post(NodeClient node, String path, ObjectNode body)
      throws IOException {
    return node.post(REGISTRY + path, Map.of("Content-Type", "application/json"), body.toString());
  }

  private static SchemaComparison good(StreamSpec stream, String summary) {
    return new SchemaComparison(stream, summary, List.of());
  }

  /// What a person should know and do.
  String refusal() {
    return "stream %s: its schema cannot follow the one in force\n  - %s\n"
            .formatted(stream.name(), String.join("\n  - ", obstacles))
        + "  Change the schema so that it can, or declare `version: %d` for the stream, which then begins anew beside the old data"
            .formatted(stream.version() + 1);
  }
}
