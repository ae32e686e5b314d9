package io.tidemark.server.cli;

import io.tidemark.app.App;
import io.tidemark.app.StreamSpec;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.node.Apps;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemark check APP…`.
@Command(
    name = "check",
    description = "Finds the mistakes in apps' declarations, without starting anything.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "APP", description = "The apps' folders.")
  private List<Path> apps = List.of();

  @Option(
      names = "--node",
      paramLabel = "URL",
      description =
          "A running node, with whose schemas the apps' are compared. Without it, only the apps"
              + " are looked at.")
  private @Nullable String node;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    List<App> read = Apps.read(apps);
    if (node != null) {
      compare(read, node, out);
    }
    for (App app : read) {
      out.println(
          "%s: good: %d streams, %d views"
              .formatted(app.name(), app.streams().size(), app.views().size()));
    }
    out.flush();
    return 0;
  }

  /// @throws CommandException where a schema cannot follow the one in force
  private static void compare(List<App> apps, String node, PrintWriter out)
      throws CommandException, IOException {
    List<String> refusals = new ArrayList<>();
    try (NodeClient client = new NodeClient(node)) {
      for (App app : apps) {
        for (StreamSpec stream : app.streams()) {
          SchemaComparison compared = SchemaComparison.of(stream, client);
          if (compared.obstacles().isEmpty()) {
            out.println("stream %s: %s".formatted(stream.name(), compared.summary()));
          } else {
            refusals.add(compared.refusal());
          }
        }
      }
    }
    out.flush();
    if (!refusals.isEmpty()) {
      throw new CommandException(String.join("\n", refusals));
    }
  }
}
