package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.app.TimelineSpec;
import io.tidemark.archive.ShardArchive;
import io.tidemark.event.EventDecoder;
import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.SealedRollup;
import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.EventTable;
import io.tidemark.table.FileSum;
import io.tidemark.table.TableShape;
import io.tidemark.table.TailPart;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The views of a shard, with the stores they lie in, and their answers about a state of it.
/// Whoever asks sees to it that no file goes away meanwhile.
final class ShardViews {
  private final ShardSpec spec;
  private final VerifiedSegments segments;
  private final Optional<ShardArchive> archive;
  private final Map<String, Rollup> rollups = new LinkedHashMap<>();
  private final Map<String, Timeline> timelines = new LinkedHashMap<>();
  private final Map<String, SortedStore> timelineStores = new ConcurrentHashMap<>();
  private final EventTable table;

  ShardViews(ShardSpec spec, ShardStorage storage, VerifiedSegments segments, Manifest manifest)
      throws IOException {
    this.spec = spec;
    this.segments = segments;
    this.archive = storage.archive();
    this.table = new EventTable(spec.stream().type(), spec.partition());
    spec.rollups().forEach(r -> rollups.put(r.name(), new Rollup(r, spec.stream().type())));
    EventDecoder decoder = spec.decoder();
    for (TimelineSpec timeline : spec.timelines()) {
      timelines.put(timeline.name(), new Timeline(timeline, decoder));
      String store = manifest.view(timeline.name()).sortedName();
      timelineStores.put(timeline.name(), storage.sorted(store));
    }
  }

  Map<String, Rollup> rollups() {
    return rollups;
  }

  Map<String, Timeline> timelines() {
    return timelines;
  }

  /// Gives rows to a view: to its sorted store, or as a segment.
  ///
  /// @param from they are of records from this offset on
  /// @param to and below this one
  /// @return the segment, where there is one
  Optional<SegmentRef> seal(
      Manifest.ViewState view, TailPart part, long from, long to, long streamTime)
      throws IOException {
    Timeline timeline = timelines.get(view.name());
    if (timeline != null) {
      timelineStore(view.name()).ingest(timeline.seal(part));
      return Optional.empty();
    }
    Rollup rollup = rollup(view.name());
    SealedRollup sealed = rollup.seal(part, rollup.notBefore(streamTime));
    if (sealed.count() == 0) {
      return Optional.empty();
    }
    String name = view.segmentName(from, to);
    FileSum sum = segments.write(name, sealed);
    return Optional.of(
        new SegmentRef(
            name,
            from,
            to,
            sealed.count(),
            sum,
            sealed.minBucket(),
            sealed.maxBucket(),
            sealed.sets()));
  }

  EventTable table() {
    return table;
  }

  /// Whether there are stores of timelines that none of these manifests has.
  boolean hasTimelinesBut(Manifest... manifests) {
    return timelineStores.keySet().stream().anyMatch(name -> isInNone(name, manifests));
  }

  /// Forgets these stores.
  void forgetTimelinesBut(Manifest... manifests) {
    timelineStores.keySet().removeIf(name -> isInNone(name, manifests));
  }

  private static boolean isInNone(String view, Manifest... manifests) {
    return Stream.of(manifests).allMatch(m -> m.find(view).isEmpty());
  }

  SortedStore timelineStore(String view) {
    return require(timelineStores, view);
  }

  TableShape tableShape() {
    return table.shape();
  }

  /// The time before which segments of the table may go that the archive has.
  long hotNotBefore(long streamTime) {
    return streamTime == Long.MIN_VALUE
        ? Long.MIN_VALUE
        : streamTime - spec.stream().hot().orElseThrow().toNanos() / 1000;
  }

  /// The time before which events of the table are not answered any more.
  long tableNotBefore(long streamTime) {
    if (spec.stream().retain().isEmpty() || streamTime == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    return streamTime - spec.stream().retain().get().toNanos() / 1000;
  }

  Shard.Part<Map<Integer, List<StoredEvent>>> timeline(
      ShardState state, String view, TimelineQuery query) throws IOException {
    requireFilled(view, state.manifest());
    Timeline timeline = require(timelines, view);
    ShardState.Seen now = state.see(view);
    Map<Integer, List<StoredEvent>> newest =
        timeline.newest(
            query,
            spec.partition(),
            timelineStore(view),
            now.sealedNext(),
            now.tails(),
            now.erasures()::hides);
    long notBefore = Math.max(timeline.notBefore(now.streamTime()), now.backfill().notBefore());
    return new Shard.Part<>(newest, now.next(), notBefore);
  }

  /// Removes the entries of erasures from timelines.
  ///
  /// @param some of these
  /// @param manifest of timelines that it has
  void erase(List<Erasure> some, Erasures erasures, Manifest manifest) throws IOException {
    for (Map.Entry<String, Timeline> entry : timelines.entrySet()) {
      if (manifest.find(entry.getKey()).isEmpty()) {
        continue;
      }
      Timeline timeline = entry.getValue();
      SortedStore store = timelineStore(entry.getKey());
      if (spec.stream().key().equals(List.of(timeline.spec().by()))) {
        for (Erasure erasure : some) {
          byte[] key = erasure.key().getBytes(StandardCharsets.UTF_8);
          timeline.erase(store, Optional.of(key), erasures::hides);
        }
      } else {
        timeline.erase(store, Optional.empty(), erasures::hides);
      }
    }
  }

  /// A view that is being filled would answer too little. One that another one has taken the place
  /// of goes once that is filled.
  void requireFilled(String view, Manifest manifest) throws FillingException {
    if (EarlierView.isNameOfOne(view) && manifest.find(view).isEmpty()) {
      throw gone(view, manifest);
    }
    Backfill backfill = manifest.view(view).backfill();
    if (!backfill.isDone()) {
      double progress = (double) backfill.next() / backfill.to();
      throw FillingException.of(spec.id(), view, progress, earlier(view, manifest));
    }
  }

  private static Optional<String> earlier(String view, Manifest manifest) {
    return manifest.earlier(EarlierView.declaredName(view)).map(Manifest.ViewState::definition);
  }

  /// Another one is asked for than this copy has: one that has gone, or that other nodes declare.
  private FillingException gone(String view, Manifest manifest) {
    String declared = EarlierView.declaredName(view);
    Optional<String> there =
        manifest
            .find(declared)
            .filter(v -> v.backfill().isDone())
            .map(Manifest.ViewState::definition);
    return FillingException.gone(spec.id(), declared, there.or(() -> earlier(view, manifest)));
  }

  /// What a view is called here. On nodes that are started anew one after the other the same view
  /// may be the declared one of some and an earlier one of others.
  ///
  /// @throws FillingException where there is none of this definition
  String nameOf(String view, String definition, Manifest manifest) throws FillingException {
    String declared = EarlierView.declaredName(view);
    if (manifest.find(declared).isEmpty()) {
      throw new IllegalArgumentException("no view " + declared);
    }
    return manifest.views().stream()
        .filter(v -> v.definition().equals(definition))
        .map(Manifest.ViewState::name)
        .filter(name -> EarlierView.declaredName(name).equals(declared))
        .findFirst()
        .orElseThrow(() -> gone(view, manifest));
  }

  /// The start of the oldest bucket of a rollup that is whole.
  long notBefore(String view, ShardState.Seen seen) {
    Rollup rollup = rollup(view);
    return Math.max(
        rollup.notBefore(seen.streamTime()), rollup.firstBucket(seen.backfill().notBefore()));
  }

  Rollup rollup(String view) {
    return require(rollups, view);
  }

  /// What the table's events are in, beside tails.
  TableFiles tableFiles(ShardState.Seen ofTable) {
    return new TableFiles(
        segments, archive, ofTable.segments(), ofTable.archived(), ofTable.erasures());
  }

  /// Whether the table has been kept as long as it is declared to be, from its beginning on.
  boolean hasKeptRetention(Manifest.ViewState ofTable) {
    return ofTable.definition().equals(new DeclaredViews(spec).tableDefinition());
  }

  /// What compares a view with the events of the table.
  Verification.Check check(
      String view, ShardState.Seen ofView, ShardState.Seen ofTable, long from, long to) {
    if (view.equals(Manifest.TABLE)) {
      TableFiles files = tableFiles(ofTable);
      return new TableCheck(table.shape(), files.whole(), files.during(from, to));
    }
    // What is not compared need not be read, least of all from the archive.
    TableEvents events =
        new TableEvents(
            table,
            tableFiles(ofTable),
            ofTable.tails(),
            Math.max(from, tableNotBefore(ofTable.streamTime())));
    Timeline timeline = timelines.get(view);
    return timeline == null
        ? new RollupCheck(rollup(view), segments, ofView, events, from, to)
        : new TimelineCheck(
            timeline,
            timelineStore(view),
            ofView,
            events,
            spec.decoder(),
            spec.partition(),
            from,
            to);
  }

  private static <T> T require(Map<String, T> views, String name) {
    T view = views.get(name);
    if (view == null) {
      throw new IllegalArgumentException("no view " + name);
    }
    return view;
  }
}
