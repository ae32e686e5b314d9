package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.RawHttp;
import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Questions over HTTP to a server on this machine whose answers are JSON. A connection that broke,
/// or on which an answer took too long, is made anew for the next one.
final class Exchange implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final int port;
  private final int timeoutMs;
  private RawHttp http;

  /// @param timeoutMs how long an answer may take
  Exchange(int port, int timeoutMs) throws IOException {
    this.port = port;
    this.timeoutMs = timeoutMs;
    this.http = new RawHttp("127.0.0.1", port, timeoutMs);
  }

  /// @param ms until all of it was there; not until it was understood
  record Answer(double ms, JsonNode json) {}

  /// What requests are made with.
  RawHttp requests() {
    return http;
  }

  /// @throws IOException where the answer is another than 200, with what it says
  Answer send(byte[] request) throws IOException {
    long start = System.nanoTime();
    int status;
    try {
      status = http.send(request);
    } catch (IOException e) {
      http.close();
      http = new RawHttp("127.0.0.1", port, timeoutMs);
      throw e;
    }
    double ms = (System.nanoTime() - start) / 1e6;
    if (status != 200) {
      throw new IOException(status + " " + http.body());
    }
    return new Answer(ms, JSON.readTree(http.body()));
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
