package io.tidemark.server.generate;

import org.HdrHistogram.ConcurrentHistogram;

/// How long requests of one kind took. Many threads may add.
public final class Latencies {
  private final String name;
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);

  public Latencies(String name) {
    this.name = name;
  }

  public void add(long nanos) {
    micros.recordValue(Math.max(0, nanos / 1000));
  }

  public long count() {
    return micros.getTotalCount();
  }

  /// The time within which the share `percentile` (0 to 100) of requests was served, in ms.
  public double ms(double percentile) {
    return micros.getValueAtPercentile(percentile) / 1000.0;
  }

  /// The head of a table whose rows are [#row].
  public static String header() {
    return "%-28s %10s %10s %10s %10s %10s"
        .formatted("", "requests", "p50 ms", "p95 ms", "p99 ms", "max ms");
  }

  public String row() {
    return "%-28s %10d %10.2f %10.2f %10.2f %10.2f"
        .formatted(name, count(), ms(50), ms(95), ms(99), ms(100));
  }
}
