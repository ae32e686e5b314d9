package io.tidemark.server.streams;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// What is wrong with a shard, for an operator.
final class ShardTrouble {
  private static final long MAX_AGE_MS = 10_000;
  private static final long NOT_STALLED = 0;

  private volatile String applying = "";
  private volatile String checkpoint = "";
  private volatile long stalledSince = NOT_STALLED;

  void applying(long offset, RuntimeException failure) {
    applying = "applying offset " + offset + " failed: " + failure;
  }

  void unreadable(long offset, String why) {
    applying = "stopped at offset " + offset + ": " + why;
  }

  void checkpointFailed(IOException failure, int attempts) {
    checkpoint = "its checkpoint failed %d times, last: %s".formatted(attempts, failure);
  }

  void checkpointed() {
    checkpoint = "";
  }

  void stalled(long nowNanos) {
    stalledSince = nowNanos == NOT_STALLED ? 1 : nowNanos;
  }

  void unstalled() {
    stalledSince = NOT_STALLED;
  }

  /// The first reason for being red, the gravest first; empty where there is none.
  ///
  /// @param outside what keeps records from coming at all
  String reason(Progress.Seen seen, String outside) {
    if (!seen.lost().isEmpty()) {
      return seen.lost();
    }
    if (!applying.isEmpty()) {
      return applying;
    }
    if (!checkpoint.isEmpty()) {
      return checkpoint;
    }
    long since = stalledSince;
    if (since != NOT_STALLED) {
      return "stalled for %d s: it waits for a checkpoint to make room in memory"
          .formatted(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
    }
    if (!outside.isEmpty()) {
      return outside;
    }
    if (!seen.caughtUp()) {
      return "restoring: at offset %d of %s"
          .formatted(
              seen.visible(),
              seen.logEnd() == LogWatch.UNKNOWN ? "?" : Long.toString(seen.logEnd()));
    }
    if (seen.oldestAgeMs() > MAX_AGE_MS) {
      return "behind: the oldest record that is not visible yet has waited %d s"
          .formatted(seen.oldestAgeMs() / 1000);
    }
    return "";
  }
}
