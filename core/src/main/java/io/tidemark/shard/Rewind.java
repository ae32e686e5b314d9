package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.shard.Manifest.Ids;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How far a shard must go back from a manifest. It can go on from a position P where
///
/// 1. the log has all records from P on, and those below P are the ones that were applied;
/// 2. each view has what it needs of the records below its own offset, which is P or beyond, in
///    whole segments, and has nothing of records that the log has lost;
/// 3. the sorted stores have nothing of such records, and all that is needed from P on; of ids,
///    from where they are themselves, which is P or beyond.
///
/// Each view goes back by itself, to where its first bad segment begins. P is the last position on
/// record that is beyond none of them; who is ahead of it takes no record twice. Sorted stores
/// cannot be told good from bad in part: they stay, or lose what the log brings again from P on, or
/// go altogether, and then P is the beginning of the log, where nothing is needed of them.
final class Rewind {
  /// What becomes of the sorted stores.
  enum Sorted {
    KEEP,
    /// Entries of records at or beyond the position go.
    CUT,
    DISCARD
  }

  /// @param manifest where to go on from, of the views that are declared and those that answer for
  ///   them; with the number of the one that was found
  /// @param changed whether that must be on disk before anything is applied
  record Plan(Manifest manifest, Sorted sorted, boolean changed) {}

  private static final long EVERYTHING = Long.MAX_VALUE;

  private final ShardSpec spec;
  private final DeclaredViews declared;
  private final ShardStorage storage;
  private final ShardLog log;
  private final boolean thorough;
  private final Manifest found;

  /// Whether a newer manifest on disk is of no use.
  private final boolean fallback;

  /// The number of the manifest that is written where something changes.
  private final long number;

  private final List<String> notes;

  Rewind(Recovery recovery, Manifest found, boolean fallback, long number, List<String> notes) {
    this.spec = recovery.spec();
    this.declared = new DeclaredViews(spec);
    this.storage = recovery.storage();
    this.log = recovery.log();
    this.thorough = recovery.thorough();
    this.found = found;
    this.fallback = fallback;
    this.number = number;
    this.notes = notes;
  }

  /// @param mark what the sorted stores say of themselves; nothing where they are damaged
  /// @param mayFill whether views that the log cannot mend may begin anew, to be filled from the
  ///   table
  /// @return nothing where the log no longer has what is needed; the notes say what that is
  Optional<Plan> plan(Optional<SortedMark> mark, boolean mayFill) throws IOException {
    long agreed = agreed();
    List<ViewState> views = new ArrayList<>();
    long wanted = Math.min(found.next(), agreed);
    for (ViewState view : found.views()) {
      ViewState good = declared.has(view) ? good(view, agreed) : null;
      // One that was being filled, and is not as it was, begins anew; an earlier one does not.
      boolean mayGoBack = view.backfill().isDone() && !EarlierView.isNameOfOne(view.name());
      if (good != null && (good.equals(view) || mayGoBack)) {
        views.add(good);
        wanted = Math.min(wanted, good.next());
      }
    }
    Optional<LogPoint> position = position(wanted);
    if (position.isEmpty() && mayFill) {
      views.removeIf(v -> declared.tableHasAllOf(v.name()) && !found.views().contains(v));
      wanted = Math.min(found.next(), agreed);
      for (ViewState view : views) {
        wanted = Math.min(wanted, view.next());
      }
      position = position(wanted);
    }
    boolean needed = hasIds() || views.stream().anyMatch(v -> declared.isTimeline(v.name()));
    Sorted sorted = sorted(needed, mark, position, agreed);
    if (sorted != Sorted.KEEP) {
      views.removeIf(v -> EarlierView.isNameOfOne(v.name()) && declared.isTimeline(v.name()));
    }
    boolean isLost = hasIds() || views.stream().anyMatch(v -> declared.isTimeline(v.name()));
    if (sorted == Sorted.DISCARD && isLost) {
      List<ViewState> timelines =
          views.stream().filter(v -> declared.isTimeline(v.name())).toList();
      views.removeAll(timelines);
      boolean fillable =
          mayFill
              && !hasIds()
              && position(0).isEmpty()
              && timelines.stream().allMatch(v -> declared.tableHasAllOf(v.name()));
      if (!fillable) {
        wanted = 0;
        position = position(0);
      }
    }
    if (position.isEmpty()) {
      notes.add(
          "the log begins at offset %d, but is needed from %d".formatted(log.start(), wanted));
      return Optional.empty();
    }
    LogPoint back = position.get();
    if (sorted == Sorted.CUT) {
      views.removeIf(v -> declared.isTimeline(v.name()) && !v.backfill().isDone());
      views.replaceAll(
          v -> declared.isTimeline(v.name()) ? renewed(v, back.offset(), List.of()) : v);
    }
    boolean changed =
        fallback
            || sorted != Sorted.KEEP
            || agreed != EVERYTHING
            || back.offset() < found.next()
            || !found.views().containsAll(views)
            || views.size() < found.views().stream().filter(declared::has).count();
    if (changed) {
      notes.add("going back from offset %d to %d".formatted(found.next(), back.offset()));
    }
    LogPrefix reach = agreed == EVERYTHING ? found.reach() : pointAt(agreed).prefix();
    Optional<Ids> ids =
        hasIds()
            ? found.ids().map(i -> sorted == Sorted.KEEP ? i : i.backTo(back, agreed))
            : idsFrom(back, views);
    return Optional.of(
        new Plan(found.with(found.number(), back, reach, ids, views, agreed), sorted, changed));
  }

  /// Ids that are declared now: what any view has already, all of them shall have.
  private Optional<Ids> idsFrom(LogPoint back, List<ViewState> views) {
    long from = back.offset();
    long streamTime = back.streamTime();
    for (ViewState view : views) {
      from = Math.max(from, view.next());
      streamTime = Math.max(streamTime, view.streamTime());
    }
    return Ids.begin(spec.idField(), from, streamTime);
  }

  /// Up to where the log is the one that the files tell of.
  private long agreed() throws IOException {
    if (found.reach().isIn(log)) {
      return EVERYTHING;
    }
    if (found.reach().next() <= log.start()) {
      notes.add("the log has forgotten the last record that was applied");
      return 0;
    }
    for (LogPoint point : found.points().reversed()) {
      if (point.prefix().isIn(log)) {
        notes.add(
            "the log is not the one that was applied from offset %d on".formatted(point.offset()));
        return point.offset();
      }
    }
    notes.add("the log is not the one that was applied");
    return 0;
  }

  /// A view as far as it is whole, and tells of nothing that the log has lost.
  private ViewState good(ViewState view, long agreed) throws IOException {
    long next = Math.min(view.next(), agreed);
    if (agreed != EVERYTHING && declared.forgets(view.name())) {
      // What has gone by stream time might not have gone by that of the log as it is now.
      next = 0;
    }
    for (SegmentRef segment : view.segments()) {
      String wrong = VerifiedSegments.wrong(storage.segments(), segment, thorough);
      if (!wrong.isEmpty()) {
        notes.add(wrong);
      }
      if (!wrong.isEmpty() || segment.to() > agreed) {
        next = Math.min(next, segment.from());
      }
    }
    if (next == view.next()) {
      return view;
    }
    long end = next;
    return renewed(view, end, view.segments().stream().filter(s -> s.to() <= end).toList());
  }

  /// A view that begins another life, with some of what it had.
  private ViewState renewed(ViewState view, long next, List<SegmentRef> segments) {
    return new ViewState(
        view.name(),
        view.definition(),
        number,
        next,
        pointAt(next).streamTime(),
        view.backfill(),
        segments);
  }

  /// The last point that is not beyond an offset.
  private LogPoint pointAt(long offset) {
    return points().filter(p -> p.offset() <= offset).reduce((_, last) -> last).orElseThrow();
  }

  /// The last position that is not beyond an offset, and from which the log can be read.
  private Optional<LogPoint> position(long wanted) throws IOException {
    long start = log.start();
    return points()
        .filter(p -> p.offset() <= wanted && p.offset() >= start)
        .reduce((_, last) -> last);
  }

  /// The positions of the past, ascending.
  private Stream<LogPoint> points() {
    return Stream.concat(
        Stream.of(LogPoint.ZERO), found.points().stream().filter(p -> p.offset() > 0));
  }

  /// @param needed whether there is anything in them that counts
  private Sorted sorted(
      boolean needed, Optional<SortedMark> stores, Optional<LogPoint> position, long agreed)
      throws IOException {
    if (!spec.hasSortedStores()) {
      return Sorted.KEEP;
    }
    if (stores.isEmpty() || (needed && stores.get().number() < found.number())) {
      notes.add("the sorted stores are damaged, or older than the checkpoint");
      return Sorted.DISCARD;
    }
    SortedMark mark = stores.get();
    if (!needed && mark.reach().next() <= log.start()) {
      // Whatever there is is of views that have gone long ago.
      return Sorted.KEEP;
    }
    long back = position.map(LogPoint::offset).orElse(0L);
    if (!mark.reach().isIn(log)) {
      notes.add("the sorted stores tell of records that the log has lost");
      boolean nobodyAhead = found.reach().next() == found.next();
      return nobodyAhead && back >= mark.floor() ? Sorted.CUT : Sorted.DISCARD;
    }
    if (agreed != EVERYTHING) {
      notes.add("the sorted stores and the checkpoint tell of different logs");
      return Sorted.DISCARD;
    }
    // Timelines are never behind a position; ids are asked for from their own one on.
    return !hasIds() || found.ids().orElseThrow().next() >= mark.floor()
        ? Sorted.KEEP
        : Sorted.DISCARD;
  }

  private boolean hasIds() {
    return spec.idField().isPresent() && spec.idField().equals(found.idField());
  }
}
