package io.tidemark.server.cli;

import io.tidemark.app.App;
import io.tidemark.server.node.Apps;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    for (App app : Apps.read(apps)) {
      out.println(
          "%s: good: %d streams, %d views"
              .formatted(app.name(), app.streams().size(), app.views().size()));
    }
    out.flush();
    return 0;
  }
}
