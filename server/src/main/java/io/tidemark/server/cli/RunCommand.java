package io.tidemark.server.cli;

import io.tidemark.server.node.Node;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemark run APP…`.
@Command(name = "run", description = "Runs a node.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "APP", description = "The apps' folders.")
  private List<Path> apps = List.of();

  @Mixin private NodeOptions options = new NodeOptions();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "Where to keep everything (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("data");

  @Override
  public Integer call() throws Exception {
    try (UntilStopped stop = new UntilStopped();
        Node node = Node.start(options.config(apps, data))) {
      node.awaitReady(stop::isStopped);
      if (!stop.isStopped()) {
        System.out.println("ready at " + node.address());
        System.out.flush();
      }
      stop.await();
    }
    return 0;
  }
}
