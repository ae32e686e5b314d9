package io.tidemark.shard;

import io.tidemark.shard.Manifest.SegmentRef;
import java.util.ArrayList;
import java.util.List;

/// Which segments of a view are merged next: size-tiered, among neighbours in the order of offsets,
/// within windows of time.
///
/// Segments are packed into runs from the oldest on: a run ends where its newest event would come
/// to lie in another window of time, or where there are enough rows. A run that has ended will
/// never grow, so it is merged into one segment. The last run still grows: of it, neighbours of
/// about the same size are merged as soon as there are `fanIn` of them. So a row is written about
/// once for each factor of `fanIn` between the rows of a checkpoint and `maxRows`.
///
/// Windows are there so that a question about an hour need not look into a month, and so that what
/// is old goes a window late at most. It is the newest event that counts: late events, which nearly
/// every segment may have, do not get in the way.
///
/// This is the [time window
/// compaction](https://cassandra.apache.org/doc/latest/cassandra/managing/operating/compaction/twcs.html)
/// of Cassandra.
///
/// @param fanIn how many segments of about the same size are merged, at least 2
/// @param smallRows segments of fewer rows are of the same size, whatever they have
/// @param maxRows how many rows a merged segment has at most
/// @param windowMicros how long a window is; windows begin at multiples of it since 1970
public record CompactionPolicy(int fanIn, long smallRows, long maxRows, long windowMicros) {
  /// Days; and files of up to about 250 MB where an event has 30 bytes. At a thousand events a
  /// second over eight shards a month is some 500 files.
  public static final CompactionPolicy DEFAULT =
      new CompactionPolicy(8, 1 << 16, 1 << 23, 86_400_000_000L);

  /// Files are no larger, however few rows that is. Merging one takes some seconds then.
  private static final long MAX_BYTES = 512L << 20;

  public CompactionPolicy {
    if (fanIn < 2 || smallRows < 1 || maxRows < smallRows || windowMicros < 1) {
      throw new IllegalArgumentException(
          "fan-in %d, rows %d to %d, window %d".formatted(fanIn, smallRows, maxRows, windowMicros));
    }
  }

  /// The segments to be merged, neighbours; none where there is nothing to do.
  ///
  /// @param segments all of a view's, ascending by offset
  List<SegmentRef> choose(List<SegmentRef> segments) {
    int first = 0;
    while (first < segments.size()) {
      int end = endOfRun(segments, first);
      List<SegmentRef> run = segments.subList(first, end);
      if (end == segments.size()) {
        return similar(run);
      }
      if (run.size() > 1) {
        return List.copyOf(run);
      }
      first = end;
    }
    return List.of();
  }

  /// The first segment behind the run that begins with another.
  private int endOfRun(List<SegmentRef> segments, int first) {
    long newest = segments.get(first).maxTime();
    long rows = 0;
    long bytes = 0;
    int at = first;
    while (true) {
      rows += segments.get(at).rows();
      bytes += segments.get(at).sum().bytes();
      at++;
      // A run of half of the most has ended: one that took little more again and again would be
      // written again and again.
      if (at == segments.size() || rows > maxRows / 2 || bytes > MAX_BYTES / 2) {
        return at;
      }
      SegmentRef next = segments.get(at);
      if (window(Math.max(newest, next.maxTime())) != window(newest)
          || rows + next.rows() > maxRows
          || bytes + next.sum().bytes() > MAX_BYTES) {
        return at;
      }
      newest = Math.max(newest, next.maxTime());
    }
  }

  private long window(long timeMicros) {
    return Math.floorDiv(timeMicros, windowMicros);
  }

  /// The first neighbours of the lowest level that has enough of them, with those of lower levels
  /// among them.
  private List<SegmentRef> similar(List<SegmentRef> run) {
    int highest = run.stream().mapToInt(this::level).max().orElse(0);
    for (int level = 0; level <= highest; level++) {
      List<SegmentRef> neighbours = new ArrayList<>();
      for (SegmentRef segment : run) {
        if (level(segment) > level) {
          neighbours.clear();
          continue;
        }
        neighbours.add(segment);
        if (neighbours.size() == fanIn) {
          return neighbours;
        }
      }
    }
    return List.of();
  }

  private int level(SegmentRef segment) {
    int level = 0;
    for (long rows = segment.rows(); rows >= smallRows; rows /= fanIn) {
      level++;
    }
    return level;
  }
}
