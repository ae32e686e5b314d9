package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.DayApp;
import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.load.Metrics;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Progress;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.warehouse.DuckDbParquet;
import io.tidemark.bench.warehouse.Engine;
import io.tidemark.bench.warehouse.Interview;
import io.tidemark.bench.warehouse.NodeSql;
import io.tidemark.bench.warehouse.NodeViews;
import io.tidemark.bench.warehouse.OpenSearchTags;
import io.tidemark.bench.warehouse.PostgresTags;
import io.tidemark.bench.warehouse.Survey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Loads the same rows into one engine after the other, and asks each while it is alone: before the
/// next one starts, it is stopped.
final class WarehouseEngines {
  private static final Duration QUIET = Duration.ofMinutes(60);

  /// Exact quantiles over all of them want more than there is by default; DuckDB alone has most of
  /// the machine's.
  private static final String SQL_MEMORY = "4GiB";

  private static final Duration EXPORT = Duration.ofHours(3);

  private final Run run;
  private final DayTags day;
  private final Path work;
  private final Table loads;
  private final Interview.Effort effort;

  /// What has been said of the same rows.
  ///
  /// @param views Tidemark's, and its events API
  /// @param sql Tidemark's, over the stream
  /// @param duckDb what is right
  record Said(Survey views, Survey sql, Survey duckDb, List<Survey> others) {
    List<Survey> all() {
      return Stream.concat(Stream.of(views, sql, duckDb), others.stream()).toList();
    }
  }

  /// @param work a folder of its own
  WarehouseEngines(Run run, DayTags day, Path work, Table loads) {
    this.run = run;
    this.day = day;
    this.work = work;
    this.loads = loads;
    this.effort =
        new Interview.Effort(
            run.sizes().asks, Duration.ofSeconds(run.sizes().askSeconds), run.sizes().seed);
  }

  /// Asks Tidemark by its views and by SQL, then DuckDB on what Tidemark exports.
  ///
  /// @param others whether PostgreSQL and OpenSearch are asked as well
  Said ask(boolean others) throws IOException, InterruptedException {
    Path app =
        new DayApp("48h", List.of(DayApp.PRICES)).write(run.root(), work.resolve("warehouse"));
    NodeProcess.Setup setup =
        new NodeProcess.Setup(
            run.root(), app, work.resolve("node"), List.of("--sql-memory", SQL_MEMORY), "");
    Survey views;
    Survey sql;
    DuckDbParquet plain;
    try (NodeProcess node = setup.start()) {
      load(node);
      awaitFiles(node);
      loads.add(
          "%.2f M".formatted(day.count() / 1e6),
          "Tidemark: on disk when it was asked, RSS %d MB".formatted(node.stat().residentMb()),
          "",
          "",
          Target.number((double) node.bytes("shards") / day.count()));
      try (Engine engine = new NodeViews(node.port())) {
        views = ask(engine);
      }
      // Its connection would not have lasted meanwhile.
      try (Engine engine = new NodeSql(node.port())) {
        sql = ask(engine);
      }
      plain = plain(node);
    }
    Survey duckDb;
    try (DuckDbParquet engine = plain) {
      duckDb = ask(engine);
    }
    List<Survey> more = new ArrayList<>();
    if (others) {
      tried("PostgreSQL", this::postgres).ifPresent(more::add);
      tried("OpenSearch", this::openSearch).ifPresent(more::add);
    }
    return new Said(views, sql, duckDb, more);
  }

  /// Loads and asks an engine.
  private interface Asking {
    Survey ask() throws IOException, InterruptedException;
  }

  /// What others have said is told even where one of them fails.
  private Optional<Survey> tried(String name, Asking asking) throws InterruptedException {
    try {
      return Optional.of(asking.ask());
    } catch (IOException e) {
      run.report().failed("warehouse: " + name, e);
      return Optional.empty();
    }
  }

  private void load(NodeProcess node) throws IOException, InterruptedException {
    Progress progress = new Progress("Tidemark", day.count());
    Supplier<DayTags.Row> rows = progress.of(day.rows());
    try (Batches batches = Batches.of(() -> rows.get().json(), day.count())) {
      Bulk.Result bulk = new Bulk(Tags.STREAM, node.port()).send(batches);
      loaded("Tidemark: visible in all views", bulk.visibleSeconds(), 0);
    }
  }

  private void awaitFiles(NodeProcess node) throws IOException, InterruptedException {
    long inFiles = Sealed.await(node, day.count(), run.sizes().sealSeconds);
    node.awaitQuiet(QUIET);
    loads.note(
        "Of %,d rows %,d were in files when Tidemark was asked, the others in memory; files were merged %s times before."
            .formatted(
                day.count(),
                inFiles,
                Target.number(Metrics.sum(node.port(), "tidemark_compaction_seconds_count"))));
  }

  private DuckDbParquet plain(NodeProcess node) throws IOException, InterruptedException {
    Path exported = work.resolve("exported.parquet");
    Path folder = work.resolve("plain");
    DuckDbParquet engine;
    try {
      Progress progress = new Progress("tidemark export", day.count());
      export(node, exported);
      loaded("a file of `tidemark export`", progress.end(), Files.size(exported));
      Progress writing = new Progress("DuckDB", day.count());
      engine = DuckDbParquet.ofExport(run.root(), work, exported, folder);
      loaded("plain Parquet by DuckDB, of that file", writing.end(), bytes(folder));
      Files.delete(exported);
    } catch (IOException e) {
      run.report().failed("tidemark export of %.1f M events".formatted(day.count() / 1e6), e);
      String segments = HistoryBenchmark.files(node);
      engine = DuckDbParquet.ofSegments(run.root(), work, segments, folder);
    }
    long rows = engine.rows();
    if (rows != day.count()) {
      run.report()
          .failed(
              "all rows in plain Parquet",
              new IOException("%,d rows instead of %,d".formatted(rows, day.count())));
    }
    return engine;
  }

  private void export(NodeProcess node, Path file) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            run.root().resolve("tidemark").toString(),
            "export",
            Tags.STREAM,
            "--node",
            node.base(),
            "--output",
            file.toString());
    try (Child export = Child.start(command, Map.of(), work.resolve("export.log"))) {
      export.awaitEnd(EXPORT);
    }
  }

  private Survey postgres() throws IOException, InterruptedException {
    try (PostgresTags postgres = PostgresTags.start(run.root(), work)) {
      double seconds = postgres.load(day);
      loaded("PostgreSQL: COPY, then four indices", seconds, postgres.bytes());
      return ask(postgres);
    }
  }

  private Survey openSearch() throws IOException, InterruptedException {
    try (OpenSearchTags openSearch = OpenSearchTags.start(run.root(), work)) {
      double seconds = openSearch.load(day);
      loaded("OpenSearch: bulk, then merged to one segment", seconds, openSearch.bytes());
      return ask(openSearch);
    }
  }

  private Survey ask(Engine engine) throws InterruptedException {
    return Survey.hold(engine, day, effort);
  }

  private void loaded(String what, double seconds, long bytes) {
    loads.add(
        "%.2f M".formatted(day.count() / 1e6),
        what,
        Target.number(seconds),
        Target.number(day.count() / seconds),
        bytes == 0 ? "" : Target.number((double) bytes / day.count()));
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(f -> f.toFile().isFile() ? f.toFile().length() : 0).sum();
    }
  }
}
