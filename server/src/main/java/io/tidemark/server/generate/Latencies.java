package io.tidemark.server.generate;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/// How long requests of one kind took. Many threads may add.
public final class Latencies {
  private final String name;
  private final long fromNanos;
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
  private final LongAdder untimed = new LongAdder();

  public Latencies(String name) {
    this(name, Long.MIN_VALUE);
  }

  /// @param fromNanos requests that were due before this, on the clock of [System#nanoTime], are
  ///   counted and not timed: who loads must itself warm up
  public Latencies(String name, long fromNanos) {
    this.name = name;
    this.fromNanos = fromNanos;
  }

  /// A request has been answered.
  ///
  /// @param dueNanos when it was due, on the clock of [System#nanoTime]
  public void answered(long dueNanos) {
    if (dueNanos < fromNanos) {
      untimed.increment();
    } else {
      add(System.nanoTime() - dueNanos);
    }
  }

  public void add(long nanos) {
    micros.recordValue(Math.max(0, nanos / 1000));
  }

  public long count() {
    return untimed.sum() + micros.getTotalCount();
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
