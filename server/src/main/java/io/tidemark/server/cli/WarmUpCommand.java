package io.tidemark.server.cli;

import io.tidemark.app.DeclarationException;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.generate.EventGenerator;
import io.tidemark.server.generate.Feed;
import io.tidemark.server.node.Apps;
import io.tidemark.server.node.DataFolder;
import io.tidemark.server.node.Node;
import io.tidemark.server.node.NodeConfig;
import io.tidemark.server.node.SqlSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Starts a node, uses it a little, and ends: the training run of the JVM's ahead-of-time cache.
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  private static final int EVENTS = 1_000;

  @Parameters(index = "0", paramLabel = "APP")
  private Path app = Path.of("");

  @Override
  public Integer call() throws Exception {
    Path data = Files.createTempDirectory("tidemark-warm-up-");
    NodeConfig config =
        new NodeConfig(
            List.of(app),
            "127.0.0.1",
            0,
            Optional.empty(),
            data,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SqlSetup.parseMemory(SqlSetup.DEFAULT_MEMORY),
            false);
    try (UntilStopped stop = new UntilStopped()) {
      try (Node node = Node.start(config)) {
        node.awaitReady(stop::isStopped);
        use(node);
      } finally {
        DataFolder.delete(data);
      }
    }
    return 0;
  }

  private void use(Node node) throws IOException, DeclarationException {
    try (NodeClient client = new NodeClient(node.address())) {
      AppTools tools = Apps.tools(app);
      EventGenerator generator = tools.generator(1, tools.defaultStartMs());
      Feed feed = new Feed(generator, 0);
      feed.send(feed.next(EVENTS), client);
      client.get("/v1/streams/" + generator.stream() + "/events?limit=10");
      client.get("/metrics");
    }
  }
}
