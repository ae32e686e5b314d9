package io.tidemark.bench.warehouse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Tidemark by SQL over the rows of the stream.
public final class NodeSql implements Engine {
  private static final int TIMEOUT_MS = 300_000;

  private final Exchange http;

  public NodeSql(int port) throws IOException {
    this.http = new Exchange(port, TIMEOUT_MS + 10_000);
  }

  @Override
  public String name() {
    return "Tidemark, SQL over the stream";
  }

  @Override
  public Reply ask(Question question) throws IOException {
    byte[] sql = Dialect.TIDEMARK.sql(question).getBytes(StandardCharsets.UTF_8);
    String path = "/v1/sql?timeout_ms=" + TIMEOUT_MS;
    Exchange.Answer answer = http.send(http.requests().post(path, "text/plain", sql, ""));
    List<String> rows = new ArrayList<>();
    for (JsonNode row : answer.json().get("rows")) {
      rows.add(String.join(" ", row.valueStream().map(JsonNode::asString).toList()));
    }
    return new Reply(answer.ms(), rows);
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
