package io.tidemark.shard;

import io.tidemark.rollup.Rollup;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.sorted.CorruptStoreException;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.FileSum;
import io.tidemark.table.RowRange;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import io.tidemark.table.TailRows;
import io.tidemark.timeline.Timeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes a frozen tail into files and then says so in a new manifest.
///
/// [#run] may be called again after it has failed: it starts from the beginning and replaces what
/// it had written. Only after the new manifest is durable is anything removed.
public final class Checkpoint {
  private final Shard shard;
  private final Manifest before;
  private final Manifest durable;
  private final Tail tail;
  private final Tail.View end;
  private final LogPoint position;
  private final @Nullable SeenIds seen;

  /// Whose merged segments this one takes.
  private List<Compaction> compactions = List.of();

  /// By view, what has been done to fill it.
  private Map<String, Backfilling.Done> backfills = Map.of();

  /// Files that have been written again without what is to be gone.
  private List<Erasing.Rewritten> rewritten = List.of();

  private final Erasures erasures;
  private Archived archived = Archived.NOTHING;
  private volatile boolean done;
  private @Nullable Report report;
  private long written;

  Checkpoint(Shard shard, ShardState state, LogPoint position, @Nullable SeenIds seen) {
    this.shard = shard;
    this.before = state.manifest();
    this.durable = shard.durable();
    this.erasures = state.erasures();
    this.tail = state.active();
    this.end = tail.view();
    this.position = position;
    this.seen = seen;
  }

  /// What a checkpoint has done.
  ///
  /// @param rows events taken from memory
  /// @param bytes size of the segments written
  /// @param left why something that is not needed any more could not be removed; empty where all
  ///   was. The next checkpoint tries again
  public record Report(long number, int rows, long bytes, String left) {}

  public boolean isDone() {
    return done;
  }

  /// Writes everything.
  ///
  /// @throws IOException where the storage fails; the shard goes on and nothing is lost
  public Report run() throws IOException {
    Report written = report;
    if (written == null) {
      written = write();
      report = written;
    }
    String left = "";
    try {
      clean();
    } catch (CorruptStoreException e) {
      throw e;
    } catch (IOException e) {
      left = e.toString();
      cleaned(false);
    }
    done = true;
    return new Report(written.number(), written.rows(), written.bytes(), left);
  }

  private Report write() throws IOException {
    written = 0;
    compactions = shard.compactions().done();
    backfills = shard.backfilling().done();
    rewritten = shard.erasing().done();
    archived = before.archived();
    shard.archive().ifPresent(a -> archived = archived.withFilesOf(a.known()));
    SortedMark mark = shard.spec().hasSortedStores() ? SortedMark.read(shard.storage()) : null;
    if (mark != null) {
      mark = mark.sealing(position.prefix());
      if (seen != null) {
        mark = mark.forgetting(LogPoints.previous(before.points()));
      }
      mark.write(shard.storage());
    }
    List<ViewState> views = new ArrayList<>();
    views.add(sealTable(before.view(Manifest.TABLE)));
    EarlierViews earlier = shard.backfilling().earlier();
    List<ViewState> stay =
        before.views().stream().filter(v -> !earlier.isRetired(v.name())).toList();
    for (ViewState view : stay) {
      Rollup rollup = shard.views().rollups().get(view.name());
      if (rollup != null) {
        views.add(sealRollup(backfilled(view), rollup));
      }
    }
    for (ViewState view : stay) {
      if (shard.views().timelines().containsKey(view.name())) {
        views.add(sealTimeline(backfilled(view)));
      }
    }
    SortedStore ids = shard.idStore();
    if (seen != null && ids != null) {
      ids.ingest(
          seen.seal(
              ids,
              LogPoints.previous(before.points()),
              before.ids().orElseThrow().next(),
              end.next()));
    }
    if (mark != null) {
      mark.sealed(before.number() + 1).write(shard.storage());
    }
    LogPrefix reach = position.prefix();
    Manifest after =
        new Manifest(
            before.number() + 1,
            before.type(),
            before.log(),
            before.reach().next() > reach.next() ? before.reach() : reach,
            LogPoints.with(before.points(), position, shard.spec().logKeepBytes()),
            before.ids().map(i -> i.upTo(position)),
            views,
            archived(views.getFirst()),
            shard.erasing().after(erasures.all(), rewritten, before, archived));
    shard.storage().writeManifest(after.number(), ManifestCodec.encode(after));
    shard.publishCheckpoint(after);
    compactions.forEach(shard.compactions()::remove);
    shard.backfilling().taken(backfills);
    shard.erasing().taken(rewritten);
    return new Report(after.number(), end.rows(), written, "");
  }

  private ViewState sealTable(ViewState view) throws IOException {
    TailPart part = part(view);
    List<SegmentRef> segments = compacted(view);
    if (part.first() < part.last()) {
      // Of what the log had lost before this shard was there, it has nothing.
      boolean isFirst = view.next() == 0 && segments.isEmpty();
      long from = isFirst ? tail.offset(part.first()) : from(view);
      String name = view.segmentName(from, end.next());
      RowRange times = RowRange.of(tail.times(), part.first(), part.last());
      FileSum sum = shard.segments().write(name, new TailRows(part));
      written += sum.bytes();
      segments.add(
          new SegmentRef(
              name,
              from,
              end.next(),
              part.last() - part.first(),
              sum,
              times.min(),
              times.max(),
              Map.of()));
    }
    long forgotten =
        Math.max(view.backfill().notBefore(), shard.views().tableNotBefore(end.streamTime()));
    return advanced(view, withoutOld(segments))
        .with(new Manifest.Backfill(0, 0, forgotten), List.of());
  }

  /// The table's segments without those that are too old, and those that are old and in the
  /// archive: these from the first one on only, so that there is one offset where the archive's
  /// part ends.
  private List<SegmentRef> withoutOld(List<SegmentRef> segments) {
    Optional<Archival> archival = shard.archival();
    if (archival.isEmpty()) {
      long notBefore = shard.views().tableNotBefore(end.streamTime());
      segments.removeIf(s -> s.maxTime() < notBefore);
      return segments;
    }
    long archivedTo = archived.next();
    long notBefore = shard.views().hotNotBefore(end.streamTime());
    int gone = 0;
    while (gone < segments.size()
        && segments.get(gone).to() <= archivedTo
        && segments.get(gone).maxTime() < notBefore) {
      gone++;
    }
    return segments.subList(gone, segments.size());
  }

  /// What the archive has, and from where on the table itself answers.
  private Archived archived(ViewState table) {
    if (shard.storage().archive().isEmpty()) {
      return archived;
    }
    List<SegmentRef> here = table.segments();
    return archived.below(here.isEmpty() ? table.next() : here.getFirst().from());
  }

  private ViewState sealRollup(ViewState view, Rollup rollup) throws IOException {
    TailPart part = part(view);
    long notBefore = rollup.notBefore(end.streamTime());
    List<SegmentRef> segments = compacted(view);
    if (part.first() < part.last()) {
      Optional<SegmentRef> sealed = seal(view, part);
      sealed.ifPresent(segments::add);
      written += sealed.map(s -> s.sum().bytes()).orElse(0L);
    }
    segments.removeIf(s -> s.maxTime() < notBefore);
    return advanced(view, segments);
  }

  private ViewState sealTimeline(ViewState view) throws IOException {
    TailPart part = part(view);
    if (part.first() < part.last()) {
      Optional<SegmentRef> _ = seal(view, part);
    }
    return advanced(view, List.of());
  }

  private Optional<SegmentRef> seal(ViewState view, TailPart part) throws IOException {
    return shard.views().seal(view, part, from(view), end.next(), end.streamTime());
  }

  /// A view with what has been done to fill it.
  private ViewState backfilled(ViewState view) {
    Backfilling.Done done = backfills.get(view.name());
    return done == null ? view : view.with(done.backfill(), done.segments());
  }

  /// A view's segments, with those that have been merged meanwhile in place of their parts, and
  /// those that have been written again in place of themselves.
  private List<SegmentRef> compacted(ViewState view) {
    List<SegmentRef> segments = view.segments();
    for (Compaction compaction : compactions) {
      if (compaction.view().equals(view.name())) {
        segments = compaction.applyTo(segments);
      }
    }
    return Erasing.applied(rewritten, segments);
  }

  /// The rows that a view does not have yet.
  private TailPart part(ViewState view) {
    return new TailPart(tail, tail.firstRow(view.next(), end.rows()), end.rows());
  }

  /// The first offset that a view does not have yet.
  private long from(ViewState view) {
    return Math.max(view.next(), before.next());
  }

  /// The view with what it has now; one that is ahead stays where it is. Stream time never goes
  /// back, although a log that is read again may begin behind its greatest event time.
  private ViewState advanced(ViewState view, List<SegmentRef> segments) {
    return view.at(
        Math.max(view.next(), end.next()), Math.max(view.streamTime(), end.streamTime()), segments);
  }

  /// Removes what neither this manifest nor the one before it on disk names.
  private void clean() throws IOException {
    for (long number : shard.storage().manifests()) {
      if (number < before.number()) {
        shard.storage().deleteManifest(number);
      }
    }
    eraseTimelines();
    List<String> over = new ArrayList<>(shard.segments().names());
    over.removeAll(
        Stream.of(durable, shard.manifest())
            .flatMap(Manifest::segmentNames)
            .collect(Collectors.toSet()));
    // A compaction that has begun since the names were listed has no file among them.
    over.removeAll(shard.compactions().files());
    over.removeAll(shard.backfilling().files());
    over.removeAll(shard.erasing().files());
    shard.archival().ifPresent(a -> over.removeAll(a.files()));
    if (!shard.readers().areQuick()) {
      // Then the next checkpoint removes it.
      cleaned(over.isEmpty() && !shard.backfilling().earlier().mayHaveTimelinesLeft(before));
      return;
    }
    for (String name : over) {
      shard.segments().delete(name);
    }
    if (shard.backfilling().earlier().mayHaveTimelinesLeft(before)) {
      retainTimelines();
    }
    cleaned(true);
    sweep();
  }

  private void cleaned(boolean all) {
    shard.erasing().cleaned(before, all);
    shard.backfilling().earlier().cleaned(List.of(before, durable), all);
  }

  private void retainTimelines() throws IOException {
    shard.storage().retainSorted(Recovery.sortedNames(List.of(durable, before, shard.manifest())));
    shard.views().forgetTimelinesBut(before, shard.manifest());
  }

  /// Removes from timelines what is to be gone, and of what the checkpoint before this one knew,
  /// too.
  private void eraseTimelines() throws IOException {
    Erasures known = new Erasures(shard.spec().stream(), before.erasures());
    List<Erasure> pending = known.pending().stream().filter(e -> !e.sorted()).toList();
    if (pending.isEmpty() || !shard.erasing().timelinesAreFilled(before)) {
      return;
    }
    boolean someGo = shard.views().hasTimelinesBut(before, shard.manifest());
    if (someGo && !shard.readers().areQuick()) {
      return;
    }
    long below = pending.getLast().offset() + 1;
    if (shard.spec().hasSortedStores()) {
      // A timeline that is not declared any more has them, too.
      retainTimelines();
      SortedMark.read(shard.storage()).forgetting(below).write(shard.storage());
      shard.views().erase(pending, known, before);
    }
    shard.erasing().sortedIsClean(below);
  }

  /// Removes from sorted stores what no answer needs, not even one of a shard that falls back to
  /// the checkpoint before this one; so everything is judged by that one's position.
  private void sweep() throws IOException {
    if (before.streamTime() == Long.MIN_VALUE || before.next() == end.next()) {
      // Nothing was known before, or this checkpoint only takes merged segments: then the one
      // before it is no earlier state to be judged by.
      return;
    }
    boolean isSomeHidden =
        shard.manifest().erasures().stream().anyMatch(e -> e.isPending() && !e.sorted());
    for (Map.Entry<String, Timeline> entry : shard.views().timelines().entrySet()) {
      // What is hidden is nothing that later events could be beyond.
      if (isSomeHidden || before.find(entry.getKey()).isEmpty()) {
        continue;
      }
      SortedStore store = shard.views().timelineStore(entry.getKey());
      Timeline timeline = entry.getValue();
      sweep(
          before.view(entry.getKey()).sortedName(),
          store,
          before.next(),
          () -> timeline.sweep(store, before.next(), timeline.notBefore(before.streamTime())));
    }
    SortedStore ids = shard.idStore();
    if (seen != null && ids != null) {
      Manifest.Ids known = before.ids().orElseThrow();
      sweep(
          Recovery.idsName(shard.spec().idField().orElseThrow()),
          ids,
          known.next(),
          () -> {
            if (known.streamTime() != Long.MIN_VALUE) {
              seen.sweep(ids, known.streamTime());
            }
            Repeats.sweep(ids, shard.logStart());
          });
    }
  }

  /// Removes what is not needed from one store.
  private interface Removal {
    void run() throws IOException;
  }

  private void sweep(String name, SortedStore store, long judged, Removal removal)
      throws IOException {
    Sweeps sweeps = shard.sweeps();
    if (!sweeps.isDue(name, store.entries())) {
      sweeps.notDue(name, store.entries());
      return;
    }
    // What is about to go is needed by who goes on from before there.
    SortedMark.read(shard.storage()).forgetting(judged).write(shard.storage());
    removal.run();
    sweeps.swept(name, store.entries());
  }
}
