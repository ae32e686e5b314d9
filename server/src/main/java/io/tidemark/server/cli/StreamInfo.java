package io.tidemark.server.cli;

import io.tidemark.event.FieldType;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.client.NodeClient.Answer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What a node says of a stream.
///
/// @param types the types of its fields, by their paths
/// @param hasId whether an event that is sent twice counts once
record StreamInfo(Map<String, FieldType> types, boolean hasId) {
  StreamInfo {
    types = Map.copyOf(types);
  }

  /// @param command for messages
  static StreamInfo of(NodeClient node, String stream, String command)
      throws IOException, CommandException {
    Answer answer = node.get("/v1/streams/" + stream);
    if (!answer.isSuccess()) {
      throw new CommandException(
          "%s: %s answered %d: %s".formatted(command, node.base(), answer.status(), answer.body()));
    }
    JsonNode described = new ObjectMapper().readTree(answer.body());
    Map<String, FieldType> types = new HashMap<>();
    for (JsonNode field : described.path("fields")) {
      types.put(
          field.path("path").asString(),
          FieldType.valueOf(field.path("type").asString().toUpperCase(Locale.ROOT)));
    }
    return new StreamInfo(types, described.path("id").isObject());
  }
}
