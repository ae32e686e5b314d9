package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.Tags;
import io.tidemark.bench.warehouse.Question.LookUp;
import io.tidemark.bench.warehouse.Question.Minutes;
import io.tidemark.bench.warehouse.Question.Quantiles;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Tidemark by what is made for the question: ten minutes by `/aggregates`, more of them and
/// quantiles by rollups, look-ups by the events API.
public final class NodeViews implements Engine {
  /// As many minutes as `/aggregates` answers.
  private static final int AGGREGATES = 10;

  private static final int TIMEOUT_MS = 60_000;

  private final Exchange http;

  public NodeViews(int port) throws IOException {
    this.http = new Exchange(port, TIMEOUT_MS);
  }

  @Override
  public String name() {
    return "Tidemark, its views and events API";
  }

  /// What a `percentile` promises.
  @Override
  public double tolerance() {
    return 0.01;
  }

  @Override
  public Reply ask(Question question) throws IOException {
    Exchange.Answer answer = http.send(request(question));
    return new Reply(answer.ms(), rows(question, answer.json()));
  }

  private byte[] request(Question question) {
    return switch (question) {
      case Minutes m when m.minutes() <= AGGREGATES ->
          new Tags.Question(m.minute(), m.minutes(), m.action(), m.column(), m.value())
              .request(http.requests(), "");
      case Minutes m -> {
        String column = m.column().equals("origin") ? "origin" : "product_info." + m.column();
        yield http.requests()
            .get(
                "/v1/rollups/actions%s&where.action=%s%s"
                    .formatted(
                        range(m.minute(), m.minutes()),
                        m.action(),
                        m.column().isEmpty() ? "" : "&where." + column + "=" + m.value()),
                "");
      }
      case LookUp l ->
          http.requests()
              .get(
                  "/v1/streams/user_tags/events?limit=10000&where.%s=%s"
                      .formatted(l.column(), l.value()),
                  "");
      case Quantiles q ->
          http.requests()
              .get(
                  "/v1/rollups/prices%s&where.action=%s%s"
                      .formatted(
                          range(q.minute(), q.minutes()),
                          q.action(),
                          q.device().isEmpty() ? "" : "&where.device=" + q.device()),
                  "");
    };
  }

  private static String range(long minute, int minutes) {
    return "?from=%d&to=%d".formatted(minute * 60_000, (minute + minutes) * 60_000);
  }

  private static List<String> rows(Question question, JsonNode answer) {
    List<String> rows = new ArrayList<>();
    switch (question) {
      case Minutes m when m.minutes() <= AGGREGATES -> {
        for (JsonNode row : answer.get("rows")) {
          String count = row.get(row.size() - 2).asString();
          if (!count.equals("0")) {
            rows.add(minute(row.get(0)) + " " + count + " " + row.get(row.size() - 1).asString());
          }
        }
      }
      case Minutes _ -> {
        for (JsonNode row : answer.get("rows")) {
          rows.add(
              minute(row.get("time"))
                  + " "
                  + row.get("count").asString()
                  + " "
                  + row.get("sum_price").asString());
        }
      }
      case Quantiles _ -> {
        for (JsonNode row : answer.get("rows")) {
          rows.add(
              minute(row.get("time"))
                  + " "
                  + row.get("p50").asString()
                  + " "
                  + row.get("p99").asString());
        }
      }
      case LookUp _ -> {
        for (JsonNode event : answer.get("events")) {
          rows.add(
              Instant.parse(event.get("time").asString()).toEpochMilli()
                  + " "
                  + event.get("product_info").get("price").asString()
                  + " "
                  + event.get("tag_id").asString());
        }
      }
    }
    return rows;
  }

  private static long minute(JsonNode time) {
    String text = time.asString();
    String local = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
    return LocalDateTime.parse(local).toEpochSecond(ZoneOffset.UTC) / 60;
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
