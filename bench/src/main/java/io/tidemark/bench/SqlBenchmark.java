package io.tidemark.bench;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.load.Bulk;
import io.tidemark.bench.load.RawHttp;
import io.tidemark.bench.load.Tags;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.yardstick.DuckDb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// SQL beside DuckDB on the same files, asked the same. The node has had its last events in memory
/// written to files, so both read all rows from there.
final class SqlBenchmark implements Benchmark {
  private static final long EVENTS = 2_000_000;
  private static final int RUNS = 15;

  /// Asked of the node, and of a table `tags` whose columns are those of files.
  private static final Map<String, String> QUESTIONS = new LinkedHashMap<>();

  static {
    QUESTIONS.put("count", "SELECT count(*) FROM tags");
    QUESTIONS.put(
        "group by two fields",
        "SELECT action, product_info.brand_id AS b, count(*), sum(product_info.price) FROM tags GROUP BY ALL ORDER BY ALL LIMIT 100");
    QUESTIONS.put(
        "group by one, filtered",
        "SELECT product_info.category_id AS c, count(*) FROM tags WHERE action = 'BUY' AND country = 'PL' GROUP BY ALL ORDER BY ALL LIMIT 100");
    QUESTIONS.put(
        "newest 10", "SELECT _time, cookie FROM tags ORDER BY _time DESC, cookie LIMIT 10");
  }

  @Override
  public void run(Run run) throws Exception {
    NodeProcess.Setup setup = run.node("node");
    try (NodeProcess node = setup.start();
        Batches batches = Batches.of(Tags.generator(1, Tags.START_MS), EVENTS)) {
      new Bulk(Tags.STREAM, node.port()).send(batches);
      long _ = node.stop();
    }
    Table table = run.report().table("SQL", "question", "p50 ms", "DuckDB p50 ms");
    try (NodeProcess node = setup.start();
        RawHttp http = new RawHttp("127.0.0.1", node.port())) {
      node.awaitQuiet();
      String files = HistoryBenchmark.files(node);
      List<String> names = List.copyOf(QUESTIONS.keySet());
      for (String name : names) {
        String sql = String.valueOf(QUESTIONS.get(name));
        double ours = ours(http, sql.replace("FROM tags", "FROM " + Tags.STREAM));
        String plain =
            sql.replaceAll("product_info\\.(\\w+)", "\"product_info.$1\"")
                .replace("FROM tags", "FROM read_parquet(" + files + ")");
        double theirs = theirs(run, plain);
        run.report()
            .measured(
                "SQL over %.0f M events: %s".formatted(EVENTS / 1e6, name),
                ours,
                Target.below(1.3 * theirs, "ms"),
                "DuckDB on the same files: %s ms".formatted(Target.number(theirs)));
        table.add(name, Target.number(ours), Target.number(theirs));
      }
    }
  }

  private static double ours(RawHttp http, String sql) throws IOException {
    byte[] request = http.post("/v1/sql", "text/plain", sql.getBytes(StandardCharsets.UTF_8), "");
    List<Double> ms = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      if (http.send(request) != 200) {
        throw new IOException(http.body());
      }
      ms.add((System.nanoTime() - start) / 1e6);
    }
    return middle(ms);
  }

  private static double theirs(Run run, String sql) throws IOException, InterruptedException {
    return middle(
        new ArrayList<>(
            DuckDb.run(run.root(), run.work(), Collections.nCopies(RUNS, sql)).stream()
                .map(DuckDb.Answer::ms)
                .toList()));
  }

  private static double middle(List<Double> ms) {
    ms.sort(null);
    return ms.get(ms.size() / 2);
  }
}
