package io.tidemark.server.cli;

import io.tidemark.app.StreamSpec;
import io.tidemark.server.client.NodeClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a running node's registry says of a declared schema.
///
/// @param summary where it may be, what it would be
/// @param obstacles why it cannot follow the one in force
record SchemaComparison(StreamSpec stream, String summary, List<String> obstacles) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Asks a node.
  static SchemaComparison of(StreamSpec stream, NodeClient node) throws IOException {
    String subject = stream.dataName() + "-json";
    ObjectNode body = MAPPER.createObjectNode();
    body.put("schemaType", "JSON").put("schema", stream.schema());
    NodeClient.Answer fits =
        post(node, "/compatibility/subjects/" + subject + "/versions/latest?verbose=true", body);
    if (fits.status() == 404) {
      return good(stream, "new");
    } else if (!fits.isSuccess()) {
      throw new IOException("%s: %d %s".formatted(node.base(), fits.status(), fits.body()));
    }
    JsonNode answer = MAPPER.readTree(fits.body());
    List<String> obstacles = answer.path("messages").valueStream().map(JsonNode::asString).toList();
    if (!answer.path("is_compatible").asBoolean()) {
      return new SchemaComparison(stream, "", obstacles);
    }
    boolean known = post(node, "/subjects/" + subject, body).isSuccess();
    return good(stream, known ? "its schema is in force" : "its schema will be a new version");
  }

  private static NodeClient.Answer post(NodeClient node, String path, ObjectNode body)
      throws IOException {
    return node.post(
        "/v1/registry" + path, Map.of("Content-Type", "application/json"), body.toString());
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
