package io.tidemark.shard;

import io.tidemark.event.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a checkpoint says: everything below `next` is in these files.
///
/// @param number counts a shard's manifests from 1; 0 before the first
/// @param type the stream's shape as text; a shard of another shape cannot be opened
/// @param next the next offset to apply
/// @param streamTime the greatest event time below `next`; [Long#MIN_VALUE] where there is none
/// @param views what each view, and the table, has
/// @param log points from which the log could be read again, for bounding it; ascending
record Manifest(
    long number,
    String type,
    long next,
    long streamTime,
    Counts counts,
    List<ViewState> views,
    List<LogPoint> log) {
  Manifest {
    views = List.copyOf(views);
    log = List.copyOf(log);
  }

  /// The table's name among the views.
  static final String TABLE = "_events";

  /// What one view has.
  ///
  /// @param definition the view's declaration; one that has changed starts anew
  /// @param since the number of the first checkpoint with this view. It is part of the names of the
  ///   view's files, so that a view which is taken away and declared again, or changed and changed
  ///   back, never meets the files of its former life
  /// @param next the next offset this view needs; beyond the manifest's while another view is
  ///   filled
  /// @param streamTime the stream time at `next`
  record ViewState(
      String name,
      String definition,
      long since,
      long next,
      long streamTime,
      List<SegmentRef> segments) {
    ViewState {
      segments = List.copyOf(segments);
    }

    static ViewState empty(String name, String definition, long since) {
      return new ViewState(name, definition, since, 0, Long.MIN_VALUE, List.of());
    }

    /// The same view at another position.
    ViewState at(long next, long streamTime, List<SegmentRef> segments) {
      return new ViewState(name, definition, since, next, streamTime, segments);
    }

    /// The name of its sorted store, if it has one.
    String sortedName() {
      long hash = Hashing.hash64(definition.getBytes(StandardCharsets.UTF_8));
      return "%s-%d-%08x".formatted(name, since, (int) hash);
    }
  }

  /// A file of rows.
  ///
  /// @param minTime the least event time in it; of a rollup, the start of the oldest bucket
  /// @param maxTime the greatest event time in it; of a rollup, the start of the newest bucket
  /// @param sets of a rollup, the rows of each grouping set
  record SegmentRef(
      String name, long rows, long bytes, long minTime, long maxTime, Map<Integer, Long> sets) {
    SegmentRef {
      sets = Map.copyOf(sets);
    }
  }

  /// At this offset the records before it had this many bytes.
  record LogPoint(long offset, long bytes) {}

  static Manifest empty(String type) {
    return new Manifest(
        0, type, 0, Long.MIN_VALUE, Counts.ZERO, List.of(), List.of(new LogPoint(0, 0)));
  }

  /// The segments that it names.
  Stream<String> segmentNames() {
    return views.stream().flatMap(v -> v.segments().stream()).map(SegmentRef::name);
  }

  ViewState view(String name) {
    return views.stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no view " + name));
  }
}
