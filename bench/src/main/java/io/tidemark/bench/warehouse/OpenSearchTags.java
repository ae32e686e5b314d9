package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.report.Progress;
import io.tidemark.bench.warehouse.Question.LookUp;
import io.tidemark.bench.warehouse.Question.Minutes;
import io.tidemark.bench.warehouse.Question.Quantiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// OpenSearch in a process of its own, one node and one shard, with the tags as documents.
public final class OpenSearchTags implements Engine {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// Merging all there is takes minutes.
  private static final int TIMEOUT_MS = 1_800_000;

  private static final int DOCUMENTS = 5_000;
  private static final String TYPE = "application/json";
  private static final String SERVER = "ready at http://127.0.0.1:";

  private static final String INDEX =
      """
      {"settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
       "mappings": {"dynamic": "strict", "properties": {
         "time": {"type": "date"}, "cookie": {"type": "keyword"}, "country": {"type": "keyword"},
         "device": {"type": "keyword"}, "action": {"type": "keyword"}, "origin": {"type": "keyword"},
         "tag_id": {"type": "keyword"}, "product_info": {"properties": {
           "product_id": {"type": "keyword"}, "brand_id": {"type": "keyword"},
           "category_id": {"type": "keyword"}, "price": {"type": "integer"}}}}}}
      """;

  private final Child server;
  private final Exchange http;

  private OpenSearchTags(Child server, Exchange http) {
    this.server = server;
    this.http = http;
  }

  /// Starts it, with an empty index.
  ///
  /// @param work where its data and its log go
  public static OpenSearchTags start(Path root, Path work)
      throws IOException, InterruptedException {
    Child server =
        Child.program(
            root.resolve("bench/yardsticks/target"),
            work.resolve("opensearch.log"),
            List.of("-Xms2g", "-Xmx2g", "--enable-native-access=ALL-UNNAMED"),
            "io.tidemark.yardsticks.OpenSearchServer",
            List.of(work.resolve("opensearch").toString()));
    try {
      int port = Integer.parseInt(server.awaitLine(SERVER, PATIENCE));
      OpenSearchTags tags = new OpenSearchTags(server, new Exchange(port, TIMEOUT_MS));
      tags.send(
          tags.http.requests().put("/user_tags", TYPE, INDEX.getBytes(StandardCharsets.UTF_8)));
      return tags;
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// Loads in bulk, then refreshes and merges all into one segment.
  ///
  /// @return how long it took, in seconds
  public double load(DayTags day) throws IOException {
    Progress progress = new Progress(name(), day.count());
    Supplier<DayTags.Row> rows = progress.of(day.rows());
    StringBuilder lines = new StringBuilder();
    for (long i = 1; i <= day.count(); i++) {
      lines.append("{\"index\":{}}\n").append(rows.get().json()).append('\n');
      if (i % DOCUMENTS == 0 || i == day.count()) {
        byte[] body = lines.toString().getBytes(StandardCharsets.UTF_8);
        JsonNode answer =
            send(http.requests().post("/user_tags/_bulk", "application/x-ndjson", body, ""));
        if (answer.get("errors").asBoolean()) {
          throw new IOException("OpenSearch refused a document: " + answer);
        }
        lines.setLength(0);
      }
    }
    JsonNode _ = send(http.requests().post("/user_tags/_refresh", TYPE, new byte[0], ""));
    String merge = "/user_tags/_forcemerge?max_num_segments=1";
    JsonNode _ = send(http.requests().post(merge, TYPE, new byte[0], ""));
    return progress.end();
  }

  /// The size of the index.
  public long bytes() throws IOException {
    JsonNode stats = send(http.requests().get("/user_tags/_stats/store", ""));
    return stats.at("/_all/primaries/store/size_in_bytes").asLong();
  }

  private JsonNode send(byte[] request) throws IOException {
    return http.send(request).json();
  }

  @Override
  public String name() {
    return "OpenSearch";
  }

  /// Its percentiles are t-digests: the median may be that of a rank which is some percent away,
  /// and prices are spread evenly.
  @Override
  public double tolerance() {
    return 0.05;
  }

  @Override
  public Reply ask(Question question) throws IOException {
    byte[] body = body(question).getBytes(StandardCharsets.UTF_8);
    String path = "/user_tags/_search?request_cache=false";
    Exchange.Answer answer = http.send(http.requests().post(path, TYPE, body, ""));
    return new Reply(answer.ms(), rows(question, answer.json()));
  }

  private static String body(Question question) {
    return switch (question) {
      case Minutes m -> {
        String column = m.column().equals("origin") ? "origin" : "product_info." + m.column();
        String more = m.column().isEmpty() ? "" : "," + term(column, m.value());
        yield buckets(
            m.minute(),
            m.minutes(),
            m.action(),
            more,
            1,
            "\"sum\":{\"field\":\"product_info.price\"}");
      }
      case LookUp l ->
          "{\"size\":10000,\"track_total_hits\":false,\"_source\":[\"time\",\"tag_id\",\"product_info.price\"],"
              + "\"query\":{\"bool\":{\"filter\":[%s]}}}".formatted(term(l.column(), l.value()));
      case Quantiles q ->
          buckets(
              q.minute(),
              q.minutes(),
              q.action(),
              q.device().isEmpty() ? "" : "," + term("device", q.device()),
              Quantiles.EVERY,
              "\"percentiles\":{\"field\":\"product_info.price\",\"percents\":[50,99]}");
    };
  }

  private static String buckets(
      long minute, int minutes, String action, String filters, int every, String measure) {
    return ("{\"size\":0,\"track_total_hits\":false,\"query\":{\"bool\":{\"filter\":[{\"range\":{\"time\":{\"gte\":%d,\"lt\":%d,"
            + "\"format\":\"epoch_millis\"}}},%s%s]}},\"aggs\":{\"b\":{\"date_histogram\":{\"field\":\"time\","
            + "\"fixed_interval\":\"%dm\",\"min_doc_count\":1},\"aggs\":{\"m\":{%s}}}}}")
        .formatted(
            minute * 60_000,
            (minute + minutes) * 60_000,
            term("action", action),
            filters,
            every,
            measure);
  }

  private static String term(String field, String value) {
    return "{\"term\":{\"%s\":\"%s\"}}".formatted(field, value);
  }

  private static List<String> rows(Question question, JsonNode answer) {
    List<String> rows = new ArrayList<>();
    if (question instanceof LookUp) {
      for (JsonNode hit : answer.at("/hits/hits")) {
        JsonNode tag = hit.get("_source");
        rows.add(
            Instant.parse(tag.get("time").asString()).toEpochMilli()
                + " "
                + tag.at("/product_info/price").asString()
                + " "
                + tag.get("tag_id").asString());
      }
      return rows;
    }
    for (JsonNode bucket : answer.at("/aggregations/b/buckets")) {
      long minute = bucket.get("key").asLong() / 60_000;
      JsonNode measure = bucket.get("m");
      rows.add(
          question instanceof Minutes
              ? minute
                  + " "
                  + bucket.get("doc_count").asString()
                  + " "
                  + String.format(Locale.ROOT, "%.0f", measure.get("value").asDouble())
              : minute
                  + " "
                  + measure.at("/values/50.0").asString()
                  + " "
                  + measure.at("/values/99.0").asString());
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    try {
      http.close();
    } finally {
      server.close();
    }
  }
}
