package io.tidemark.shard;

import io.tidemark.shard.Manifest.LogPoint;
import java.util.ArrayList;
import java.util.List;

/// Where the log of a shard could begin, kept in its manifest: the positions of past checkpoints
/// and how many bytes of records lay below each.
///
/// The last two points are those of this checkpoint and of the one before it, from which a shard
/// goes on should this one's manifest be damaged; so the log never begins beyond the latter.
final class LogPoints {
  /// How many points a manifest remembers: the log's size is bounded to within 1/250.
  static final int MAX = 256;

  private LogPoints() {}

  /// The offset below which the log may forget everything, such that at least so many bytes are
  /// kept; 0 where no point is old enough.
  static long start(List<LogPoint> points, long keepBytes) {
    int index = startIndex(points, keepBytes);
    return index < 0 ? 0 : points.get(index).offset();
  }

  private static int startIndex(List<LogPoint> points, long keepBytes) {
    long bytes = points.getLast().bytes();
    for (int i = points.size() - 2; i >= 0; i--) {
      if (bytes - points.get(i).bytes() >= keepBytes) {
        return i;
      }
    }
    return -1;
  }

  /// The points with a newer one. Those that lie before the log's start are forgotten; beyond
  /// [#MAX] the one goes whose neighbours have the least between them, so that the points stay
  /// spread over all that is kept, however many checkpoints that takes.
  static List<LogPoint> with(List<LogPoint> points, LogPoint newest, long keepBytes) {
    List<LogPoint> all = new ArrayList<>(points);
    if (all.getLast().offset() == newest.offset()) {
      // A checkpoint that only takes merged segments is where the one before it was.
      all.removeLast();
    }
    all.add(newest);
    all.subList(0, Math.max(0, startIndex(all, keepBytes))).clear();
    while (all.size() > MAX) {
      int least = 1;
      for (int i = 2; i < all.size() - 2; i++) {
        if (between(all, i) < between(all, least)) {
          least = i;
        }
      }
      all.remove(least);
    }
    return all;
  }

  private static long between(List<LogPoint> points, int index) {
    return points.get(index + 1).bytes() - points.get(index - 1).bytes();
  }

  /// The position of the checkpoint before the one with these points; 0 where there was none.
  static long previous(List<LogPoint> points) {
    return points.size() < 2 ? 0 : points.get(points.size() - 2).offset();
  }
}
