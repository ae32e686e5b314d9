package io.tidemark.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Makes calls to an archive again while that is worth it: after an [ArchiveUnavailableException],
/// with pauses that double up to a limit, each shortened by chance by up to a half, so that many
/// callers that failed together do not come back together ("equal jitter", AWS Architecture Blog,
/// *Exponential Backoff and Jitter*, 2015). For many threads.
public final class Retry {
  private final Limits limits;
  private final Pauses pauses;
  private final RandomGenerator chance;

  /// @param chance for many threads
  public Retry(Limits limits, Pauses pauses, RandomGenerator chance) {
    this.limits = limits;
    this.pauses = pauses;
    this.chance = chance;
  }

  /// How often and how long to try.
  ///
  /// @param tries at most so many in all, 1 or more
  /// @param firstPause before the second try
  /// @param longestPause where the pauses stop doubling
  /// @param patience no try is begun later than this after the first one
  public record Limits(int tries, Duration firstPause, Duration longestPause, Duration patience) {
    /// Pauses of 0.2, 0.4, … 10 s, about half a minute in all: enough for a fail-over of the store,
    /// and short beside the minutes after which the caller comes again anyway.
    public static final Limits DEFAULT =
        new Limits(8, Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofMinutes(2));

    public Limits {
      if (tries < 1 || firstPause.isNegative() || longestPause.compareTo(firstPause) < 0) {
        throw new IllegalArgumentException(
            "%d tries, pauses from %s to %s".formatted(tries, firstPause, longestPause));
      }
    }

    /// The longest pause there can be before a try.
    ///
    /// @param tried how many tries there have been, 1 or more
    private Duration pauseAfter(int tried) {
      long doubled = firstPause.toNanos() << Math.min(tried - 1, 30);
      return doubled < 0 || doubled > longestPause.toNanos() || doubled < firstPause.toNanos()
          ? longestPause
          : Duration.ofNanos(doubled);
    }
  }

  /// A call that may be made again.
  @FunctionalInterface
  public interface Call<T> {
    T call() throws IOException;
  }

  /// Makes a call until it succeeds, or it is not worth trying any more.
  ///
  /// @throws ArchiveUnavailableException how the last try failed, and how many there were
  public <T> T call(Call<T> call) throws IOException {
    long start = pauses.nanoTime();
    for (int tried = 1; ; tried++) {
      try {
        return call.call();
      } catch (ArchiveUnavailableException e) {
        Duration pause = shortened(limits.pauseAfter(tried));
        Duration passed = Duration.ofNanos(pauses.nanoTime() - start);
        if (tried >= limits.tries() || passed.plus(pause).compareTo(limits.patience()) > 0) {
          throw new ArchiveUnavailableException(
              "%s (tried %d times in %.1f s)"
                  .formatted(e.getMessage(), tried, passed.toMillis() / 1e3),
              e);
        }
        await(pause);
      }
    }
  }

  private Duration shortened(Duration pause) {
    return Duration.ofNanos((long) (pause.toNanos() * (0.5 + chance.nextDouble() / 2)));
  }

  private void await(Duration pause) throws InterruptedIOException {
    try {
      pauses.pause(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the archive");
    }
  }
}
