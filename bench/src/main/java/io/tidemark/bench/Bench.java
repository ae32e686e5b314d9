package io.tidemark.bench;

import io.tidemark.bench.report.Machine;
import io.tidemark.bench.report.Report;
import io.tidemark.server.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs benchmarks by their names and prints what they measure; or all of a suite, whose report
/// becomes a document. The load runs on the same cores.
@Command(
    name = "bench/run",
    description = "Measures Tidemark.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Bench implements Callable<Integer> {
  /// From here on documents are written by hand, and kept.
  private static final String BY_HAND = "<!-- Written by hand from here on. -->";

  private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

  static {
    ALL.put("bulk", new BulkBenchmark());
    ALL.put("single", new SingleBenchmark());
    ALL.put("freshness", new FreshnessBenchmark());
    ALL.put("profiles", new ProfilesBenchmark());
    ALL.put("history", new HistoryBenchmark());
    ALL.put("sql", new SqlBenchmark());
    ALL.put("warehouse", new WarehouseBenchmark());
    ALL.put("beside", new BesideBenchmark());
    ALL.put("start", new StartBenchmark());
    ALL.put("memory", new MemoryBenchmark());
    ALL.put("verified", new VerifiedBenchmark());
    ALL.put("profile", new ProfileBenchmark());
    ALL.put("stages", new StagesBenchmark());
    ALL.put("scale", new ScaleBenchmark());
    ALL.put("queries", new QueriesBenchmark());
    ALL.put("nodes", new NodesBenchmark());
    ALL.put("kills", new KillsBenchmark());
    ALL.put("soak", new SoakBenchmark());
  }

  /// Benchmarks whose report becomes a document.
  private record Suite(String title, String file, List<String> names) {}

  private static final Suite STANDARD =
      new Suite(
          "Benchmarks",
          "docs/benchmarks.md",
          List.of(
              "bulk",
              "single",
              "freshness",
              "profiles",
              "history",
              "sql",
              "start",
              "memory",
              "verified",
              "profile",
              "stages"));

  private static final Suite GROWTH =
      new Suite("How it grows", "docs/growth.md", List.of("scale", "queries", "nodes"));

  private static final Suite WAREHOUSE =
      new Suite("A day as a warehouse", "docs/warehouse.md", List.of("warehouse"));

  private static final Suite BESIDE =
      new Suite("Beside a bulk", "docs/beside.md", List.of("beside"));

  /// Those that have a name.
  private static final Map<String, Suite> SUITES =
      Map.of("growth", GROWTH, "warehouse", WAREHOUSE, "beside", BESIDE);

  @Option(names = "--root", hidden = true, description = "The project's folder.")
  private Path root = Path.of(".");

  @Parameters(
      paramLabel = "NAME",
      description = "Benchmarks to run. None: the standard ones. growth: those of that suite.")
  private List<String> names = List.of();

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Where data is meanwhile (default: the system's folder for what is temporary).")
  private Path temporary = Path.of(System.getProperty("java.io.tmpdir"));

  @Mixin private Sizes sizes = new Sizes();
  @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private Bench() {}

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Bench());
    line.getCommandSpec()
        .usageMessage()
        .footer(
            "",
            "There are " + String.join(", ", ALL.keySet()) + ".",
            "Suites: " + STANDARD.names() + " write " + STANDARD.file(),
            "(no NAME), " + GROWTH.names() + " write " + GROWTH.file() + " (growth);",
            "alone, warehouse writes %s and beside %s.".formatted(WAREHOUSE.file(), BESIDE.file()));
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Optional<Suite> suite =
        names.isEmpty()
            ? Optional.of(STANDARD)
            : Optional.of(names).filter(n -> n.size() == 1).map(n -> SUITES.get(n.getFirst()));
    List<String> chosen = suite.map(Suite::names).orElse(names);
    for (String name : chosen) {
      if (!ALL.containsKey(name)) {
        throw new ParameterException(
            spec.commandLine(), "there is no " + name + "; there are " + ALL.keySet());
      }
    }
    Report report = new Report();
    for (String name : chosen) {
      run(name, Objects.requireNonNull(ALL.get(name)), report);
    }
    System.out.println("\n" + report.markdown());
    if (suite.isPresent()) {
      write(suite.get(), report);
    }
    return report.hasFailed() ? 1 : 0;
  }

  /// Runs one benchmark; where it fails, the report says so, and the others go on.
  private void run(String name, Benchmark benchmark, Report report) {
    long start = System.nanoTime();
    try {
      Path work =
          Files.createTempDirectory(
              Files.createDirectories(temporary.toAbsolutePath()), "tidemark-bench-" + name + "-");
      try {
        benchmark.run(new Run(root.toAbsolutePath(), work, sizes, report));
      } finally {
        DataFolder.delete(work);
      }
    } catch (Exception e) {
      report.failed(name, e);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    System.out.printf("%s took %d:%02d%n", name, took.toMinutes(), took.toSecondsPart());
  }

  private void write(Suite suite, Report report) throws IOException {
    Path file = root.resolve(suite.file());
    String old = Files.exists(file) ? Files.readString(file) : "";
    int byHand = old.indexOf(BY_HAND);
    String text =
        """
        # %s

        Measured by `bench/run%s` on %s: %s. The load generator runs on the same cores, and so does each yardstick, in the
        same run. A node is started as a user starts it: broker, shards and HTTP server in one process.

        %s
        %s
        """
            .formatted(
                suite.title(),
                String.join(
                    "",
                    spec.commandLine().getParseResult().originalArgs().stream()
                        .filter(a -> !a.matches("--(root|work)(=.*)?"))
                        .filter(a -> !a.equals(root.toString()) && !a.equals(temporary.toString()))
                        .map(a -> " " + a)
                        .toList()),
                LocalDate.now(ZoneOffset.UTC),
                Machine.describe(),
                report.markdown(),
                byHand < 0 ? BY_HAND : old.substring(byHand).strip());
    Files.writeString(file, text);
    System.out.println("written to " + file);
  }
}
