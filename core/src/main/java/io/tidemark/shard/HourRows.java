package io.tidemark.shard;

import io.tidemark.archive.Batch.Fingerprint;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a batch for the archive comes to, by hours of event time.
final class HourRows {
  private static final long HOUR_MICROS = 3_600_000_000L;

  private final Map<Long, Hour> byHour = new TreeMap<>();

  /// The rows of an hour.
  static final class Hour {
    private Fingerprint rows = Fingerprint.NONE;
    private long minTime = Long.MAX_VALUE;
    private long maxTime = Long.MIN_VALUE;
    private long firstOffset = Long.MAX_VALUE;

    private void add(long offset, long time) {
      firstOffset = Math.min(firstOffset, offset);
      rows = rows.plus(offset, time);
      minTime = Math.min(minTime, time);
      maxTime = Math.max(maxTime, time);
    }

    Fingerprint rows() {
      return rows;
    }

    /// The least time of them, in microseconds since 1970.
    long minTime() {
      return minTime;
    }

    /// The greatest.
    long maxTime() {
      return maxTime;
    }
  }

  void add(long offset, long time) {
    byHour.computeIfAbsent(Math.floorDiv(time, HOUR_MICROS), _ -> new Hour()).add(offset, time);
  }

  /// By hours since 1970.
  Map<Long, Hour> byHour() {
    return byHour;
  }

  /// The rows of all hours.
  Fingerprint all() {
    long rows = 0;
    long sum = 0;
    for (Hour hour : byHour.values()) {
      rows += hour.rows.rows();
      sum += hour.rows.sum();
    }
    return new Fingerprint(rows, sum);
  }

  /// Where a batch ends that would have more files than it may.
  Optional<Long> endOfFiles() {
    return byHour.values().stream()
        .map(hour -> hour.firstOffset)
        .sorted()
        .skip(ArchivePolicy.MAX_FILES)
        .findFirst();
  }
}
