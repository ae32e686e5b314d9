package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.time.Duration;
import picocli.CommandLine.Option;

/// The option of commands that ask a running node.
final class NodeAddress {
  @Option(
      names = "--node",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The node's address (default: ${DEFAULT-VALUE}).")
  private String url = "";

  NodeClient connect() {
    return new NodeClient(url);
  }

  /// @param patience how long an answer may take
  NodeClient connect(Duration patience) {
    return new NodeClient(url, patience);
  }
}
