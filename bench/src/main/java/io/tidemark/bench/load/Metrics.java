package io.tidemark.bench.load;

import java.io.IOException;

/// What a node tells about itself at `/metrics`.
public final class Metrics {
  private Metrics() {}

  /// The sum of a metric's values, over all its labels.
  public static double sum(int port, String metric) throws IOException {
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      int status = http.send(http.get("/metrics", ""));
      if (status != 200) {
        throw new IOException("/metrics: " + status);
      }
      return http.body()
          .lines()
          .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
