package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.event.EventType;
import io.tidemark.event.Hashing;
import io.tidemark.table.FileSum;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a checkpoint says: everything below `next` is in these files.
///
/// @param number counts a shard's manifests from 1; 0 before the first
/// @param type the stream's shape as text; a shard opens with this shape or a later version of it
/// @param log which log was applied, see [ShardLog#id]; empty before the first manifest
/// @param reach the records that any of the files may tell of; views are ahead of the shard while
///   another one is filled
/// @param points where the log could be read again from, ascending; the last one is where the shard
///   is. At least one
/// @param ids what is remembered of ids, if they are declared
/// @param views what each view, and the table, has
/// @param archived what the archive has of the table
/// @param erasures what the log has asked to be gone, below `next`, ascending
record Manifest(
    long number,
    String type,
    String log,
    LogPrefix reach,
    List<LogPoint> points,
    Optional<Ids> ids,
    List<ViewState> views,
    Archived archived,
    List<Erasure> erasures) {
  Manifest {
    views = List.copyOf(views);
    erasures = List.copyOf(erasures);
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("no position");
    }
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
  /// @param streamTime the stream time at `next`, or an earlier one
  /// @param backfill how much it has of what was there before it
  /// @param segments by their offsets, ascending
  record ViewState(
      String name,
      String definition,
      long since,
      long next,
      long streamTime,
      Backfill backfill,
      List<SegmentRef> segments) {
    ViewState {
      segments = List.copyOf(segments);
    }

    /// One that begins at a position, and has nothing of what was there before.
    static ViewState empty(String name, String definition, long since, LogPoint position) {
      Backfill all = new Backfill(0, position.offset(), Long.MIN_VALUE);
      return new ViewState(
          name, definition, since, position.offset(), position.streamTime(), all, List.of());
    }

    /// One whose stream has had records that the log has forgotten, on a node that has none of
    /// them.
    static ViewState fresh(ViewState empty, long logStart) {
      Backfill all = new Backfill(0, logStart, Long.MIN_VALUE);
      return new ViewState(
          empty.name, empty.definition, empty.since, logStart, Long.MIN_VALUE, all, List.of());
    }

    /// The same view by another name. Its files are called as before.
    ViewState named(String other) {
      return new ViewState(other, definition, since, next, streamTime, backfill, segments);
    }

    /// The same view at another position.
    ViewState at(long next, long streamTime, List<SegmentRef> segments) {
      return new ViewState(name, definition, since, next, streamTime, backfill, segments);
    }

    /// The same view with more of what was there before.
    ///
    /// @param more segments, of records below `reached`
    ViewState with(Backfill reached, List<SegmentRef> more) {
      List<SegmentRef> all = new ArrayList<>(segments);
      int at = 0;
      while (at < all.size() && all.get(at).to() <= backfill.next()) {
        at++;
      }
      all.addAll(at, more);
      return new ViewState(name, definition, since, next, streamTime, reached, all);
    }

    /// The same view as who knows of no erasure beyond a position takes it. Where its files are
    /// ahead of that, what they know of comes again, as far as the log has what it had.
    ViewState knowing(long position, long agreed) {
      List<SegmentRef> known =
          segments.stream()
              .map(
                  s -> {
                    long most = s.to <= position ? position : Math.max(position, agreed);
                    return s.asOf(Math.min(s.asOf, most));
                  })
              .toList();
      return at(next, streamTime, known);
    }

    /// The name of a segment with what it has of records with `from <= offset < to`.
    String segmentName(long from, long to) {
      return "%s-%d-%020d-%020d".formatted(EarlierView.declaredName(name), since, from, to);
    }

    /// The name of its sorted store, if it has one.
    String sortedName() {
      long hash = Hashing.hash64(definition.getBytes(StandardCharsets.UTF_8));
      return "%s-%d-%08x".formatted(EarlierView.declaredName(name), since, (int) hash);
    }
  }

  /// How much a view has of what was in the log before it was declared. It is not answered before
  /// it has all of that.
  ///
  /// @param next it has what the table had of records below this offset
  /// @param to and needs it below this one
  /// @param notBefore what happened before this time may have left the table before the view could
  ///   have it, so the view does not answer it; of the table itself, what may have left it;
  ///   [Long#MIN_VALUE] where the table keeps everything
  record Backfill(long next, long to, long notBefore) {
    /// Of a view that was there from the beginning.
    static final Backfill NONE = new Backfill(0, 0, Long.MIN_VALUE);

    boolean isDone() {
      return next >= to;
    }
  }

  /// A file of rows, of records with `from <= offset < to`.
  ///
  /// @param sum what the file must be
  /// @param minTime the least event time in it; of a rollup, the start of the oldest bucket
  /// @param maxTime the greatest event time in it; of a rollup, the start of the newest bucket
  /// @param sets of a rollup, the rows of each grouping set
  /// @param asOf it has nothing of what erasures below this offset are about
  record SegmentRef(
      String name,
      long from,
      long to,
      long rows,
      FileSum sum,
      long minTime,
      long maxTime,
      Map<Integer, Long> sets,
      long asOf) {
    SegmentRef {
      sets = Map.copyOf(sets);
    }

    /// As who knows of all records below `to` writes it.
    SegmentRef(
        String name,
        long from,
        long to,
        long rows,
        FileSum sum,
        long minTime,
        long maxTime,
        Map<Integer, Long> sets) {
      this(name, from, to, rows, sum, minTime, maxTime, sets, to);
    }

    SegmentRef asOf(long offset) {
      return new SegmentRef(name, from, to, rows, sum, minTime, maxTime, sets, offset);
    }

    /// The file that takes its place.
    SegmentRef rewritten(String newName, long newRows, FileSum newSum, long newAsOf) {
      return new SegmentRef(newName, from, to, newRows, newSum, minTime, maxTime, sets, newAsOf);
    }

    /// Whether a name is that of a file in the archive, and no segment's.
    static boolean isArchived(String name) {
      return name.indexOf('/') >= 0;
    }
  }

  /// A position with all that a shard must know to go on from there.
  ///
  /// @param prefix the records below it
  /// @param streamTime the greatest of their event times; [Long#MIN_VALUE] where there is none
  /// @param counts what has become of them
  record LogPoint(LogPrefix prefix, long streamTime, Counts counts) {
    static final LogPoint ZERO = new LogPoint(LogPrefix.EMPTY, Long.MIN_VALUE, Counts.ZERO);

    long offset() {
      return prefix.next();
    }

    long bytes() {
      return counts.bytes();
    }
  }

  /// The ids that are remembered, in a sorted store.
  ///
  /// @param field the path of the field that they are in
  /// @param from the first offset whose id is remembered: records below it were there before the
  ///   ids were declared, and all count
  /// @param next which records below this offset repeat others is decided; beyond the manifest's
  ///   while a view is filled
  /// @param streamTime the stream time at `next`, or an earlier one; [Long#MIN_VALUE] where none is
  ///   known
  record Ids(String field, long from, long next, long streamTime) {
    /// Those that are declared now.
    static Optional<Ids> begin(Optional<String> field, long from, long streamTime) {
      return field.map(f -> new Ids(f, from, from, streamTime));
    }

    /// With those of the records up to a position.
    Ids upTo(LogPoint position) {
      return new Ids(
          field,
          from,
          Math.max(next, position.offset()),
          Math.max(streamTime, position.streamTime()));
    }

    /// Without those of the records beyond a position.
    ///
    /// @param agreed the offset from which on the log has other records than it had;
    ///   [Long#MAX_VALUE] where it has none
    Ids backTo(LogPoint position, long agreed) {
      long begin = Math.min(from, agreed);
      return new Ids(field, begin, Math.max(begin, position.offset()), position.streamTime());
    }
  }

  static Manifest empty(String type, String log, Optional<Ids> ids) {
    return new Manifest(
        0,
        type,
        log,
        LogPrefix.EMPTY,
        List.of(LogPoint.ZERO),
        ids,
        List.of(),
        Archived.NOTHING,
        List.of());
  }

  /// The same shard with the stream's present shape. Files of an earlier one stay as they are.
  Manifest of(EventType present) {
    return new Manifest(
        number, present.toString(), log, reach, points, ids, views, archived, erasures);
  }

  /// The same shard with something else known of the archive.
  Manifest with(Archived known) {
    return new Manifest(number, type, log, reach, points, ids, views, known, erasures);
  }

  /// The same shard at another position, the points beyond it forgotten, and what the archive has
  /// beyond the table.
  ///
  /// @param agreed the offset from which on the log has other records than it had; [Long#MAX_VALUE]
  ///   where it has none
  Manifest with(
      long number,
      LogPoint position,
      LogPrefix reach,
      Optional<Ids> ids,
      List<ViewState> views,
      long agreed) {
    List<LogPoint> before = new ArrayList<>();
    points.stream().filter(p -> p.offset() < position.offset()).forEach(before::add);
    before.add(position);
    long tableNext =
        views.stream()
            .filter(v -> v.name().equals(TABLE))
            .mapToLong(ViewState::next)
            .findFirst()
            .orElse(0);
    long next = position.offset();
    Archived kept = archived.backTo(tableNext);
    boolean countsOn = kept.erased() == archived.erased();
    return new Manifest(
        number,
        type,
        log,
        reach,
        before,
        ids,
        views.stream().map(v -> v.knowing(next, agreed)).toList(),
        kept,
        // Those that come again remain known, for what has come of them.
        erasures.stream()
            .filter(e -> e.offset() < Math.max(next, agreed))
            .map(e -> e.offset() < next ? e : e.done())
            .map(e -> countsOn ? e : e.withoutArchive())
            .toList());
  }

  /// Where the shard is.
  LogPoint position() {
    return points.getLast();
  }

  /// The next offset to apply.
  long next() {
    return position().offset();
  }

  /// The greatest event time below it.
  long streamTime() {
    return position().streamTime();
  }

  /// The same with other views.
  Manifest of(List<ViewState> others) {
    return new Manifest(number, type, log, reach, points, ids, others, archived, erasures);
  }

  /// The field of the ids that are remembered.
  Optional<String> idField() {
    return ids.map(Ids::field);
  }

  /// The segments that it names.
  Stream<SegmentRef> segments() {
    return views.stream().flatMap(v -> v.segments().stream());
  }

  Stream<String> segmentNames() {
    return segments().map(SegmentRef::name);
  }

  ViewState view(String name) {
    return find(name).orElseThrow(() -> new IllegalArgumentException("no view " + name));
  }

  Optional<ViewState> find(String name) {
    return views.stream().filter(v -> v.name().equals(name)).findFirst();
  }

  /// The newest of the views that a declared one has taken the place of, but does not answer for
  /// yet.
  Optional<ViewState> earlier(String declared) {
    return views.stream()
        .filter(v -> EarlierView.isNameOfOne(v.name()))
        .filter(v -> EarlierView.declaredName(v.name()).equals(declared))
        .max(Comparator.comparingLong(ViewState::since));
  }
}
