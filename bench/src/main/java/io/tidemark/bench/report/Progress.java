package io.tidemark.bench.report;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Says every ten seconds how much of a long piece of work has been done. Many threads may count.
public final class Progress {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// The clock is not looked at for each one.
  private static final int LOOK = 1 << 12;

  private final String what;
  private final long total;
  private final long start = System.nanoTime();
  private long done;
  private long doneBefore;
  private long told = start;

  /// @param total how many there are to be
  public Progress(String what, long total) {
    this.what = what;
    this.total = total;
  }

  /// The same values, counted.
  public <T> Supplier<T> of(Supplier<T> values) {
    return () -> {
      count();
      return values.get();
    };
  }

  private synchronized void count() {
    if (++done % LOOK != 0) {
      return;
    }
    long now = System.nanoTime();
    if (now - told >= EVERY_NANOS) {
      System.out.printf(
          Locale.ROOT,
          "%s: %.1f of %.1f M, %,.0f/s%n",
          what,
          done / 1e6,
          total / 1e6,
          (done - doneBefore) * 1e9 / (now - told));
      told = now;
      doneBefore = done;
    }
  }

  /// Says that it is done, and how long it took.
  ///
  /// @return seconds
  public double end() {
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(Locale.ROOT, "%s: done in %.1f s%n", what, seconds);
    return seconds;
  }
}
