package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.Metrics;
import io.tidemark.bench.load.RawHttp;
import io.tidemark.bench.load.RequestLoop;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.DuckDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A long history: aggregates over ten minutes of it beside DuckDB on the same files, the size of
/// the files beside DuckDB's own, and starting again.
final class HistoryBenchmark implements Benchmark {
  private static final int QUERIES_PER_SECOND = 20;
  private static final int CONNECTIONS = 4;
  private static final int PREPARED = 500;

  /// Questions whose answers are compared with DuckDB's.
  private static final int COMPARED = 40;

  private static final int SHARDS = 8;

  private static final JsonMapper JSON = new JsonMapper();

  @Override
  public void run(Run run) throws Exception {
    long events = run.sizes().history;
    NodeProcess.Setup setup = run.node("node");
    long stopMs;
    long residentMb;
    try (NodeProcess node = setup.start();
        Batches batches = Batches.of(Tags.generator(1, Tags.START_MS), events)) {
      new Bulk(Tags.STREAM, node.port()).send(batches);
      residentMb = node.stat().residentMb();
      stopMs = node.stop();
    }
    double hours = events / 3_600_000.0;
    try (NodeProcess node = setup.start()) {
      run.report()
          .measured(
              "restart to ready with %.1f h of data (%.1f M events)".formatted(hours, events / 1e6),
              node.readyMs() / 1000.0,
              Target.below(10, "s"),
              "stopping took %s s".formatted(Target.number(stopMs / 1000.0)));
      aggregates(run, node, hours);
      disk(run, node, events);
    }
    run.report()
        .table("History", "events", "hours", "RSS after the bulk")
        .add("%.1f M".formatted(events / 1e6), "%.1f".formatted(hours), residentMb + " MB");
  }

  /// The segments of the table as a list in SQL: what the newest manifests name, since others lie
  /// about until nobody can need them.
  static String files(NodeProcess node) throws IOException {
    List<String> files = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      Path folder = node.data().resolve("shards/user_tags").resolve(Integer.toString(shard));
      try (Stream<Path> manifests = Files.list(folder)) {
        Path newest =
            manifests
                .filter(f -> f.getFileName().toString().matches("manifest-\\d+"))
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new IOException(folder + " has no manifest yet"));
        Files.readString(newest)
            .lines()
            .filter(line -> line.startsWith("segment\t_events-"))
            .map(line -> folder + "/segments/" + line.split("\t", -1)[1] + ".parquet")
            .forEach(files::add);
      }
    }
    return files.stream().collect(Collectors.joining("', '", "['", "']"));
  }

  /// The first minutes of the history of which all rows are in files.
  private static long sealedMinutes(Run run, NodeProcess node)
      throws IOException, InterruptedException {
    String sql =
        "SELECT min(m), count(*) FROM (SELECT max(epoch_ms(_time)) // 60000 AS m FROM read_parquet(%s, filename = true)"
                .formatted(files(node))
            + " GROUP BY regexp_extract(filename, 'user_tags/[0-9]+/'))";
    DuckDb.Answer last = DuckDb.run(run.root(), run.work(), List.of(sql)).getFirst();
    List<String> row = List.of(last.rows().getFirst().split(" ", -1));
    if (Integer.parseInt(row.get(1)) < SHARDS) {
      throw new IOException("some shards have no files yet: too few events to compare with DuckDB");
    }
    // Batches overtake one another by less than a minute.
    return Long.parseLong(row.get(0)) - 2 - Tags.START_MS / 60_000;
  }

  private static void aggregates(Run run, NodeProcess node, double hours)
      throws IOException, InterruptedException {
    long minutes = sealedMinutes(run, node);
    long start = Tags.START_MS / 60_000;
    RequestLoop.Requests questions =
        (http, connection) -> {
          SplittableRandom random = new SplittableRandom(connection);
          return IntStream.range(0, PREPARED)
              .mapToObj(_ -> Tags.Question.random(random, start, minutes).request(http, ""))
              .toList();
        };
    RequestLoop loop = new RequestLoop(node.port(), CONNECTIONS, 200, QUERIES_PER_SECOND);
    RequestLoop.Result busy = loop.run(questions, run.sizes().warmUpSeconds);
    node.awaitQuiet();
    RequestLoop.Result ours = loop.run(questions, run.sizes().seconds);
    if (busy.errors() + ours.errors() > 0) {
      throw new IOException(busy.errors() + ours.errors() + " queries failed");
    }
    SplittableRandom random = new SplittableRandom(run.sizes().seed);
    List<Tags.Question> compared =
        IntStream.range(0, COMPARED)
            .mapToObj(_ -> Tags.Question.random(random, start, minutes))
            .toList();
    String files = files(node);
    List<DuckDb.Answer> theirs =
        DuckDb.run(run.root(), run.work(), compared.stream().map(q -> q.sql(files)).toList());
    Histogram duckMicros = new Histogram(3);
    int different = 0;
    String first = "";
    try (RawHttp http = new RawHttp("127.0.0.1", node.port())) {
      for (int i = 0; i < COMPARED; i++) {
        // The first ones find the files.
        if (i >= COMPARED / 10) {
          duckMicros.recordValue((long) (theirs.get(i).ms() * 1000));
        }
        List<String> answer = answer(http, compared.get(i));
        if (!answer.equals(theirs.get(i).rows())) {
          first =
              different++ > 0
                  ? first
                  : compared.get(i) + ": " + answer + ", " + theirs.get(i).rows();
        }
      }
    }
    run.report()
        .measured(
            "`/aggregates` over 10 minutes out of %.1f h, on a node that has caught up, p99"
                .formatted(hours),
            ours.p99Ms(),
            Target.below(50, "ms"),
            "DuckDB scanning the raw Parquet: p50 %s ms, p99 %s ms"
                .formatted(
                    Target.number(duckMicros.getValueAtPercentile(50) / 1000.0),
                    Target.number(duckMicros.getValueAtPercentile(99) / 1000.0)));
    Table table = run.report().table("Aggregates", "asked", "p50 ms", "p99 ms", "max ms");
    busy.addTo(table, "as soon as it is ready, while it writes what it read from the log again");
    ours.addTo(table, "with nothing else to do");
    run.report()
        .measured(
            "answers that differ from DuckDB's, of " + COMPARED,
            different,
            Target.atMost(0, ""),
            first);
    if (different > 0) {
      throw new IllegalStateException("answers differ from DuckDB's");
    }
  }

  /// An answer as DuckDB gives it: minute, count and sum, without minutes in which there is
  /// nothing.
  private static List<String> answer(RawHttp http, Tags.Question question) throws IOException {
    if (http.send(question.request(http, "")) != 200) {
      throw new IOException(http.body());
    }
    List<String> rows = new ArrayList<>();
    for (JsonNode row : JSON.readTree(http.body()).get("rows")) {
      long minute =
          LocalDateTime.parse(row.get(0).stringValue()).toEpochSecond(ZoneOffset.UTC) / 60;
      String count = row.get(row.size() - 2).stringValue();
      if (!count.equals("0")) {
        rows.add("%d %s %s".formatted(minute, count, row.get(row.size() - 1).stringValue()));
      }
    }
    return rows;
  }

  private static void disk(Run run, NodeProcess node, long events)
      throws IOException, InterruptedException {
    double sealed = Metrics.sum(node.port(), "tidemark_shard_sealed_offset");
    double perEvent = node.bytes("shards") / sealed;
    Path parquet = run.work().resolve("all.parquet");
    List<DuckDb.Answer> copied =
        DuckDb.run(
            run.root(),
            run.work(),
            List.of(
                "COPY (SELECT * FROM read_parquet(%s)) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
                    .formatted(files(node), parquet),
                "SELECT count(*) FROM read_parquet('%s')".formatted(parquet)));
    double rows = Double.parseDouble(copied.getLast().rows().getFirst());
    run.report()
        .measured(
            "disk per event, log aside",
            perEvent,
            Target.below(80, "bytes"),
            "Parquet zstd by DuckDB of the same rows: %s bytes; our log: %s bytes"
                .formatted(
                    Target.number(Files.size(parquet) / rows),
                    Target.number(node.bytes("log") / (double) events)));
  }
}
