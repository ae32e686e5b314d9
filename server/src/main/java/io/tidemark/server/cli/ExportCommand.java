package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemark export STREAM`.
@Command(
    name = "export",
    description = "Writes the events of a stream to a file, all as they are at one mark.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  /// How long a node may work on one part.
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "STREAM", description = "The stream.")
  private String stream = "";

  @Mixin private TimeBounds times = new TimeBounds();

  @Option(
      names = "--format",
      paramLabel = "parquet|ndjson",
      defaultValue = "parquet",
      description = "What the file is (default: ${DEFAULT-VALUE}).")
  private String format = "";

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The file, which must not be there yet; STREAM.FORMAT where none is given.")
  private @Nullable Path output;

  @Option(
      names = "--after",
      paramLabel = "MARK",
      description = "Wait until the file contains what the mark stands for.")
  private String after = "";

  @Mixin private NodeAddress address = new NodeAddress();

  @Option(names = "--part-rows", hidden = true, description = "About how many rows a part has.")
  private long partRows = Exporter.PART_ROWS;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Exporter.Format wanted = format();
    Path file = output == null ? Path.of(stream + "." + format.toLowerCase(Locale.ROOT)) : output;
    if (Files.exists(file)) {
      throw new CommandException("export: " + file + " is there already; choose another --output");
    }
    ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), -1);
    try (NodeClient node = address.connect(PATIENCE)) {
      Exporter.Exported done =
          new Exporter(
                  node, stream, new Exporter.Range(times.from(), times.to()), wanted, partRows, bar)
              .run(file, after);
      out.println("%,d events in %s".formatted(done.rows(), file));
      if (!done.mark().isEmpty()) {
        out.println("mark " + done.mark());
      }
      out.flush();
    } finally {
      bar.clear();
    }
    return 0;
  }

  private Exporter.Format format() throws CommandException {
    try {
      return Exporter.Format.valueOf(format.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new CommandException("export: --format is parquet or ndjson");
    }
  }
}
