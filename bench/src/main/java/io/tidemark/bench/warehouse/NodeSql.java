package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tidemark by SQL over the rows of the stream.
public final class NodeSql implements Engine {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int TIMEOUT_MS = 300_000;

  private final RawHttp http;

  public NodeSql(int port) throws IOException {
    this.http = new RawHttp("127.0.0.1", port, TIMEOUT_MS + 10_000);
  }

  @Override
  public String name() {
    return "Tidemark, SQL over the stream";
  }

  @Override
  public Reply ask(Question question) throws IOException {
    byte[] sql = Dialect.TIDEMARK.sql(question).getBytes(StandardCharsets.UTF_8);
    byte[] request = http.post("/v1/sql?timeout_ms=" + TIMEOUT_MS, "text/plain", sql, "");
    long start = System.nanoTime();
    int status = http.send(request);
    double ms = (System.nanoTime() - start) / 1e6;
    if (status != 200) {
      throw new IOException(status + " " + http.body());
    }
    List<String> rows = new ArrayList<>();
    for (JsonNode row : JSON.readTree(http.body()).get("rows")) {
      rows.add(String.join(" ", row.valueStream().map(JsonNode::asString).toList()));
    }
    return new Reply(ms, rows);
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
