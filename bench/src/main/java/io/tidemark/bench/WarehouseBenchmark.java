package io.tidemark.bench;

import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.warehouse.Interview;
import io.tidemark.bench.warehouse.Kind;
import io.tidemark.bench.warehouse.Survey;
import io.tidemark.server.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A day of events as a warehouse is asked: minute aggregates, look-ups and quantiles, beside
/// DuckDB on plain Parquet of the same rows; and a sample of them beside PostgreSQL and OpenSearch.
final class WarehouseBenchmark implements Benchmark {
  /// How many times slower than DuckDB we may be.
  private static final double SLOWER = 1.3;

  /// What is promised of views and the events API, p99 in ms.
  private static final Map<Kind, Double> PROMISED = new EnumMap<>(Kind.class);

  static {
    PROMISED.put(Kind.MINUTES_OF_TEN, 100.0);
    PROMISED.put(Kind.MINUTES_OF_DAY, 1_000.0);
    PROMISED.put(Kind.ID, 300.0);
    PROMISED.put(Kind.QUANTILES, 1_000.0);
  }

  @Override
  public void run(Run run) throws Exception {
    long all = run.sizes().warehouse;
    long sample = run.sizes().sample;
    int step = sample == 0 ? 1 : (int) Math.max(1, all / sample);
    Table loads =
        run.report().table("Warehouse: loading", "rows", "to", "s", "rows/s", "bytes per row");
    loads.note(
        "Each is loaded while the others are stopped, from tags that are made meanwhile. Tidemark's rows are its table, views and indices; its log is not in it.");
    WarehouseEngines.Said said = ask(run, new DayTags(all, 1), loads, sample > 0 && step == 1);
    promises(run, "%.1f M".formatted(all / 1e6), said);
    if (step > 1) {
      ask(run, new DayTags(all, step), loads, true);
    }
  }

  /// Asks all of the same rows.
  private static WarehouseEngines.Said ask(Run run, DayTags day, Table loads, boolean others)
      throws IOException, InterruptedException {
    Path work = Files.createDirectories(run.work().resolve("of-" + day.count()));
    WarehouseEngines.Said said = new WarehouseEngines(run, day, work, loads).ask(others);
    tell(run, day, said);
    DataFolder.delete(work);
    return said;
  }

  /// A table of all, and whether all said the same as DuckDB.
  private static void tell(Run run, DayTags day, WarehouseEngines.Said said) {
    String rows = "%.2f M rows of 24 h".formatted(day.count() / 1e6);
    Table table =
        run.report()
            .table(
                "Warehouse: " + rows,
                "question",
                "asked of",
                "asks",
                "p50 ms",
                "p99 ms",
                "p50, of our views'");
    for (Kind kind : Kind.values()) {
      Interview views = said.views().of(kind);
      for (Survey survey : said.all()) {
        Interview interview = survey.of(kind);
        table.add(
            kind.title(),
            interview.engine(),
            Integer.toString(interview.asked()),
            Target.number(interview.ms(50)),
            Target.number(interview.ms(99)),
            "× " + Target.number(interview.ms(50) / views.ms(50)));
      }
    }
    table.note(
        "One question at a time, each with other parameters; the same ones for all. A quarter of the ids is nowhere. p99 of fewer than a hundred is the slowest.");
    List<Survey> ours = List.of(said.views(), said.sql());
    differing(run, rows + ": Tidemark's answers", ours, said.duckDb(), Target.atMost(0, ""));
    if (!said.others().isEmpty()) {
      differing(run, rows + ": others' answers", said.others(), said.duckDb(), Target.none(""));
    }
  }

  private static void differing(
      Run run, String whose, List<Survey> surveys, Survey exact, Target target) {
    int compared = 0;
    int different = 0;
    List<String> reasons = new ArrayList<>();
    for (Survey survey : surveys) {
      for (Kind kind : Kind.values()) {
        Interview interview = survey.of(kind);
        Interview.Comparison comparison = interview.compare(exact.of(kind));
        compared += comparison.compared();
        different += comparison.different();
        if (comparison.different() > 0) {
          reasons.add(kind.title() + ": " + comparison.first());
        }
        if (interview.failed() > 0) {
          reasons.add("%d refused: %s".formatted(interview.failed(), interview.failure()));
        }
      }
    }
    run.report()
        .measured(
            "warehouse, %s that differ from DuckDB's, or are refusals, of %,d"
                .formatted(whose, compared),
            different,
            target,
            reasons.isEmpty()
                ? "quantiles of rollups within 1 %, of OpenSearch within 5 %, all else exactly"
                : String.join("; ", reasons));
  }

  private static void promises(Run run, String rows, WarehouseEngines.Said said) {
    for (Kind kind : Kind.values()) {
      Double promised = PROMISED.get(kind);
      Interview views = said.views().of(kind);
      Interview sql = said.sql().of(kind);
      Interview duckDb = said.duckDb().of(kind);
      run.report()
          .measured(
              "warehouse, %s: %s, p99".formatted(rows, kind.title()),
              views.ms(99),
              promised == null ? Target.none("ms") : Target.below(promised, "ms"),
              "DuckDB on plain Parquet: %s ms".formatted(Target.number(duckDb.ms(99))));
      besideDuckDb(run, "its p50", views, duckDb);
      besideDuckDb(run, "by SQL over the stream, p50", sql, duckDb);
    }
  }

  private static void besideDuckDb(Run run, String what, Interview ours, Interview duckDb) {
    run.report()
        .measured(
            what + ", of DuckDB's",
            ours.ms(50) / duckDb.ms(50),
            Target.atMost(SLOWER, "times"),
            "%s ms; DuckDB: %s ms"
                .formatted(Target.number(ours.ms(50)), Target.number(duckDb.ms(50))));
  }
}
