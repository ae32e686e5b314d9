package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.node.Apps;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemark load APP`.
@Command(
    name = "load",
    description = {
      "Sends an app's events to a running node, with queries beside them;",
      "prints latencies at the end."
    },
    mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "APP", description = "The app's folder.")
  private Path app = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The node's address (default: ${DEFAULT-VALUE}).")
  private String url = "";

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Events a second (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--query-rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "Queries a second beside them (default: ${DEFAULT-VALUE}).")
  private int queryRate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "For how long (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "64",
      description = "Requests under way at a time (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What the events are made from (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--verify",
      description = {
        "Compare every answer with what was sent.",
        "Nobody else may write to the same streams meanwhile."
      })
  private boolean verify;

  @Override
  public Integer call() throws Exception {
    if (rate < 1 || queryRate < 1 || seconds < 1 || connections < 1) {
      throw new CommandException(
          "load: --rate, --query-rate, --seconds and --connections must be 1 or more");
    }
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    try (NodeClient node = new NodeClient(url)) {
      NodeClient.Answer ready = node.get("/health/ready");
      if (ready.status() != 200) {
        throw new CommandException("load: %s is not ready: %s".formatted(url, ready.body()));
      }
      AppTools.LoadResult result =
          Apps.tools(app)
              .load(
                  node,
                  new AppTools.LoadOptions(
                      rate, queryRate, Duration.ofSeconds(seconds), seed, verify, connections),
                  out);
      return result.isGood() ? 0 : Main.FAILED;
    }
  }
}
