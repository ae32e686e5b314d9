package io.tidemark.server.cli;

import io.tidemark.server.cli.Delivery.Refused;
import io.tidemark.server.cli.Importer.Counts;
import io.tidemark.server.cli.Importer.Place;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.imports.FileFormat;
import io.tidemark.server.imports.FileNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
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

/// `tidemark import STREAM FILE…`.
@Command(
    name = "import",
    description = "Sends the events in files of NDJSON, CSV or Parquet to a running node.",
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  /// So many refused events are shown; the rest is only counted.
  private static final int SHOWN = 20;

  /// Each has a batch in memory, and the request that is made of it.
  private static final int MAX_CONNECTIONS = 16;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "STREAM", description = "The stream to send to.")
  private String stream = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "Files, folders of them, or patterns such as 'days/*.csv'.",
        ".ndjson, .jsonl, .json and .csv may end in .gz besides."
      })
  private List<String> names = List.of();

  @Option(
      names = "--to",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The node's address (default: ${DEFAULT-VALUE}).")
  private String url = "";

  @Option(
      names = "--format",
      paramLabel = "ndjson|csv|parquet",
      description = "What all files are, whatever their names.")
  private @Nullable FileFormat format;

  @Option(
      names = "--from-line",
      paramLabel = "N",
      defaultValue = "1",
      description = "The line or row of the first file to begin with (default: ${DEFAULT-VALUE}).")
  private long fromLine;

  @Option(
      names = "--refused",
      paramLabel = "FILE",
      description = "Where to write refused events with their reasons, as NDJSON.")
  private @Nullable Path refusedTo;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "4",
      description = "Requests under way at a time (default: ${DEFAULT-VALUE}).")
  private int connections;

  /// A file to import.
  private record Source(Path file, FileFormat format, long bytes) {}

  @Override
  public Integer call() throws Exception {
    if (fromLine < 1 || connections < 1 || connections > MAX_CONNECTIONS) {
      throw new CommandException(
          "import: --from-line must be 1 or more, --connections 1 to " + MAX_CONNECTIONS);
    }
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    List<Source> sources = sources(err);
    Path refusedFile = refusedTo;
    try (NodeClient node = new NodeClient(url);
        RefusedFile refused = refusedFile == null ? null : new RefusedFile(refusedFile)) {
      StreamInfo info = StreamInfo.of(node, stream, "import");
      ToPerson report = new ToPerson(sources, refused, err);
      Importer importer =
          new Importer(
              new Delivery(node, stream, "import", info.hasId()), connections, fromLine, report);
      return run(importer, info, sources, report);
    }
  }

  private int run(Importer importer, StreamInfo info, List<Source> sources, ToPerson report)
      throws Exception {
    Thread interrupted =
        Thread.ofPlatform()
            .name("import-stop")
            .unstarted(() -> report.sayWhereToGoOn(importer, info));
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      Counts counts =
          importer.run(
              sources.size(),
              n -> sources.get(n).format().open(sources.get(n).file(), info.types()));
      report.finish(counts);
      return counts.refused() == 0 ? 0 : Main.FAILED;
    } catch (Exception | Error e) {
      report.sayWhereToGoOn(importer, info);
      throw e;
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(interrupted);
      } catch (IllegalStateException _) {
        // It has begun: somebody has pressed Ctrl-C.
      }
    }
  }

  private List<Source> sources(PrintWriter err) throws IOException, CommandException {
    List<Source> sources = new ArrayList<>();
    for (Path file : FileNames.files(names, m -> err.println("import: " + m))) {
      FileFormat known = format == null ? FileFormat.of(file).orElse(null) : format;
      if (known == null) {
        throw new CommandException(
            "import: %s has the name of no format; say --format ndjson, csv or parquet"
                .formatted(file));
      }
      if (!Files.isReadable(file)) {
        throw new CommandException("import: cannot read " + file);
      }
      sources.add(new Source(file, known, Files.size(file)));
    }
    return sources;
  }

  /// Tells a person what happens.
  private static final class ToPerson implements Importer.Report {
    private final List<Source> sources;
    private final @Nullable RefusedFile refusedFile;
    private final PrintWriter err;
    private final ProgressBar progress;
    private long bytes;
    private int shown;

    ToPerson(List<Source> sources, @Nullable RefusedFile refusedFile, PrintWriter err) {
      this.sources = sources;
      this.refusedFile = refusedFile;
      this.err = err;
      this.progress = new ProgressBar(err, sources.stream().mapToLong(Source::bytes).sum());
    }

    @Override
    public synchronized void refused(int file, Refused refused) throws IOException {
      Source source = sources.get(file);
      if (refusedFile != null) {
        refusedFile.write(source.file(), source.format().unit(), refused);
      }
      if (shown++ < SHOWN) {
        progress.clear();
        err.println(
            "%s, %s %d refused: %s %s: %s"
                .formatted(
                    source.file(),
                    source.format().unit(),
                    refused.line().number(),
                    refused.reason(),
                    refused.pointer(),
                    refused.detail()));
        err.flush();
      }
    }

    @Override
    public synchronized void flush() throws IOException {
      if (refusedFile != null) {
        refusedFile.flush();
      }
    }

    @Override
    public synchronized void progress(int file, long bytesRead, Counts counts) {
      bytes = sources.subList(0, file).stream().mapToLong(Source::bytes).sum() + bytesRead;
      progress.show(bytes, counts.accepted(), counts.refused());
    }

    synchronized void finish(Counts counts) {
      progress.finish(bytes, counts.accepted(), counts.refused());
      say(counts);
    }

    private void say(Counts counts) {
      err.println("%d events accepted, %d refused".formatted(counts.accepted(), counts.refused()));
      err.flush();
    }

    /// Not under this lock as a whole: the importer reports under its own.
    void sayWhereToGoOn(Importer importer, StreamInfo info) {
      importer.stop();
      sayWhereToGoOn(importer.state(), info);
    }

    private synchronized void sayWhereToGoOn(Importer.State state, StreamInfo info) {
      progress.clear();
      Place place = state.place();
      if (place.file() < sources.size()) {
        Source source = sources.get(place.file());
        err.println(
            "stopped at %s, %s %d: to go on, name the files from this one on, and --from-line %d"
                .formatted(source.file(), source.format().unit(), place.number(), place.number()));
        err.println(
            "beyond it %d events are accepted already, and those that were on their way may be; %s"
                .formatted(
                    state.acceptedBeyond(),
                    info.hasId()
                        ? "as the stream has an id, they count once"
                        : "as the stream has no id, they will be there twice"));
      }
      say(state.counts());
    }
  }
}
