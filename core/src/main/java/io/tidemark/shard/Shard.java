package io.tidemark.shard;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.Tail;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Applies one partition's records and answers queries about them.
///
/// One thread at a time applies ([#apply], [#publish], [#beginCheckpoint]); another may run the
/// checkpoint it got; any number may query. Each method that reads or writes files throws what the
/// storage throws; applying again after a reopening is always right.
public final class Shard implements AutoCloseable {
  private final ShardSpec spec;
  private final ShardStorage storage;
  private final VerifiedSegments segments;
  private final List<String> notes;
  private final ShardViews views;
  private final @Nullable IdMemory ids;
  private final Applier applier;

  private final Readers readers = new Readers();

  /// Used by the running checkpoint only.
  private final Sweeps sweeps;

  private final Compactions compactions;
  private final Backfilling backfilling;
  private final Erasing erasing;
  private final Optional<KnownArchive> archive;
  private final Optional<Archival> archival;
  private final Optional<ArchiveErasing> archiveErasing;

  private volatile long logStart;
  private volatile boolean closing;
  private volatile boolean closed;
  private volatile ShardState state;

  /// The newest manifest as it is on disk. The state's one may differ from it until the first
  /// checkpoint: then it is fitted to the declaration.
  private volatile Manifest durable;

  private @Nullable Checkpoint running;

  private volatile Counts published;

  private Shard(ShardStorage storage, Recovery.Result found) throws IOException {
    this.spec = found.spec();
    this.storage = storage;
    this.notes = found.notes();
    this.segments = new VerifiedSegments(spec.id(), storage.segments(), found.durable());
    this.views = new ShardViews(spec, storage, segments, found.manifest());
    Manifest manifest = found.manifest();
    this.ids = IdMemory.open(spec, storage, manifest);
    this.sweeps = new Sweeps(storage, spec.limits().sweepEntries());
    this.compactions = new Compactions(this, spec.limits().compaction());
    this.backfilling = new Backfilling(this, new EarlierViews(this, found.isLeft()));
    this.applier = new Applier(spec, views, ids, manifest.position());
    this.published = manifest.position().counts();
    this.erasing = new Erasing(this, manifest);
    Erasures erasures = new Erasures(spec.stream(), manifest.erasures());
    this.state = new ShardState(manifest, null, newTail(), erasures, new ReentrantReadWriteLock());
    this.durable = found.durable();
    this.archive = KnownArchive.of(this);
    this.archival = Archival.of(this);
    this.archiveErasing = archive.map(known -> new ArchiveErasing(this, known));
  }

  /// Opens a shard where its last checkpoint left it.
  ///
  /// @param thorough whether to read all files; otherwise they are read before they are first used
  /// @throws UnrecoverableException where files are damaged and the log has lost what they had
  /// @throws IncompatibleStateException where the files belong to a stream of another shape, or to
  ///   another log
  public static Shard open(ShardSpec spec, ShardStorage storage, ShardLog log, boolean thorough)
      throws IOException {
    Shard shard = new Shard(storage, new Recovery(spec, storage, log, thorough).recover());
    shard.logStartsAt(log.start());
    return shard;
  }

  public StreamPartition id() {
    return spec.id();
  }

  /// What it was opened for, with the earlier views that it had then.
  public ShardSpec spec() {
    return spec;
  }

  /// What an operator should know about how it was opened, each a sentence.
  public List<String> notes() {
    return notes;
  }

  /// The next offset to apply; records below it are skipped.
  public long next() {
    return applier.next();
  }

  /// The next offset of what readers see.
  public long visibleNext() {
    return state.active().view().next();
  }

  /// The greatest event time readers see, in microseconds; [Long#MIN_VALUE] before the first event.
  public long visibleStreamTime() {
    return state.active().view().streamTime();
  }

  /// What has become of the records that readers see the effect of.
  public Counts counts() {
    return published;
  }

  /// How many rows are in memory.
  public int tailRows() {
    return state.tailRows();
  }

  /// Everything below this offset is in files.
  public long sealedNext() {
    return state.manifest().next();
  }

  /// Applies a record: nothing if it has been applied. Invisible until [#publish]. Where it throws,
  /// the record has not been applied and can be applied again.
  ///
  /// @param appendMs when the log took it, in milliseconds since 1970
  /// @param value is not changed afterwards
  /// @throws java.io.UncheckedIOException where the ids that were seen before cannot be read, or
  ///   the schema that it was written with
  /// @throws io.tidemark.event.UnreadableSchemaException where that is a newer one than the
  ///   stream's
  public void apply(long offset, long appendMs, byte[] value) {
    if (offset < applier.next()) {
      return;
    }
    applier.apply(offset, appendMs, value);
    if (applier.isFull()) {
      append();
    }
  }

  /// Whether everything applied so far is in files, so that an erasure may be applied.
  public boolean mayErase() {
    return state.tailRows() == 0 && applier.isEmpty() && (running == null || running.isDone());
  }

  /// Applies an erasure: nothing if it has been applied. Visible at once. [#mayErase] must say so.
  ///
  /// @param appendMs when the log took it, in milliseconds since 1970
  public void erase(long offset, long appendMs, byte[] key) {
    if (offset < applier.next()) {
      return;
    }
    if (!mayErase()) {
      throw new IllegalStateException(id() + ": not everything is in files");
    }
    applier.pass(offset, appendMs);
    published = applier.counts();
    ShardState now = state;
    String text = new String(key, StandardCharsets.UTF_8);
    Erasures erasures = now.erasures().with(Erasure.of(offset, appendMs, text));
    state = new ShardState(now.manifest(), null, newTail(), erasures, now.readers());
  }

  private void append() {
    applier.appendTo(state.active());
  }

  /// Makes everything applied so far visible to readers.
  public void publish() {
    append();
    published = applier.counts();
    state.active().publish(applier.next(), applier.streamTime());
    if (ids != null && running != null && running.isDone()) {
      ids.sealed();
    }
  }

  /// Whether the tail has grown so much that a checkpoint is due, or one only has to take what a
  /// compaction has merged, or what has been done to fill views.
  ///
  /// @param ageMs how long ago the tail got its first row; the host knows the time
  public boolean wantsCheckpoint(long ageMs) {
    ShardState now = state;
    Tail active = now.active();
    if (running != null && !running.isDone()) {
      return false;
    }
    return active.view().next() > now.manifest().next()
        ? ageMs >= spec.limits().tailAgeMs()
            || isFull(active)
            || backfilling.isComplete()
            || backfilling.earlier().isRetiring()
            || erasing.isDue()
        : wantsMerged();
  }

  /// Whether a checkpoint without anything new would take what compactions have merged, and the
  /// like.
  public boolean wantsMerged() {
    Manifest manifest = state.manifest();
    return !compactions.done().isEmpty()
        || backfilling.isDue()
        || erasing.isDue()
        || archival.filter(a -> a.answersMoreThan(manifest)).isPresent();
  }

  /// Whether the tail may not grow before the running checkpoint has ended.
  public boolean isFull() {
    return running != null && !running.isDone() && isFull(state.active());
  }

  private boolean isFull(Tail tail) {
    long bytes = tail.bytes() + (ids == null ? 0 : ids.bytes());
    return tail.view().rows() >= spec.limits().tailRows() || bytes >= spec.limits().tailBytes();
  }

  /// Freezes the tail and starts a new one. What was applied must have been published.
  ///
  /// @return what writes the frozen tail to files; to be run to its end, again after a failure,
  ///   before the next one may begin
  public Checkpoint beginCheckpoint() {
    ShardState now = state;
    if (running != null && !running.isDone()) {
      throw new IllegalStateException(id() + ": a checkpoint is running");
    }
    if (now.active().view().next() != applier.next()) {
      throw new IllegalStateException(id() + ": unpublished records");
    }
    LogPoint position = applier.position(published);
    SeenIds seen = ids == null ? null : ids.freeze();
    Checkpoint checkpoint = new Checkpoint(this, now, position, seen);
    state = new ShardState(now.manifest(), now.active(), newTail(), now.erasures(), now.readers());
    running = checkpoint;
    return checkpoint;
  }

  /// Replaces the frozen tail by the files it was written to.
  void publishCheckpoint(Manifest manifest) {
    // The applying thread may be about to freeze, but cannot before this checkpoint is done.
    ShardState before = state;
    readers.replaced(before.readers());
    segments.know(manifest);
    Erasures erasures = before.erasures().after(manifest.erasures(), manifest.next());
    state = new ShardState(manifest, null, before.active(), erasures, new ReentrantReadWriteLock());
    durable = manifest;
  }

  private Tail newTail() {
    return new Tail(spec.stream().type(), spec.indexed(), applier.next(), applier.streamTime());
  }

  ShardStorage storage() {
    return storage;
  }

  VerifiedSegments segments() {
    return segments;
  }

  Manifest manifest() {
    return state.manifest();
  }

  Manifest durable() {
    return durable;
  }

  ShardViews views() {
    return views;
  }

  @Nullable SortedStore idStore() {
    return ids == null ? null : ids.store();
  }

  Sweeps sweeps() {
    return sweeps;
  }

  /// Whether somebody waits for readers to end.
  boolean isClosing() {
    return closing;
  }

  Readers readers() {
    return readers;
  }

  /// A view's contribution to an answer.
  ///
  /// @param next it contains exactly the events below this offset
  /// @param notBefore events, or buckets, before this time are not answered any more
  public record Part<T>(T value, long next, long notBefore) {}

  /// The newest events of a key, by hash of the split value; see [Timeline#newest].
  public Part<Map<Integer, List<StoredEvent>>> timeline(String view, TimelineQuery query)
      throws IOException {
    return reading(now -> views.timeline(now, view, query));
  }

  /// What merges its segments.
  public Compactions compactions() {
    return compactions;
  }

  /// What fills views that are new.
  public Backfilling backfilling() {
    return backfilling;
  }

  /// What removes what the log has asked to be gone.
  public Erasing erasing() {
    return erasing;
  }

  Erasures erasures() {
    return state.erasures();
  }

  /// What puts its table into the archive, if there is one and the stream is to be archived.
  public Optional<Archival> archival() {
    return archival;
  }

  Optional<KnownArchive> archive() {
    return archive;
  }

  /// What removes from the archive what the log has asked to be gone, if there is one.
  public Optional<ArchiveErasing> archiveErasing() {
    return archiveErasing;
  }

  /// The files that answers come from.
  public ShardFiles files() {
    return new ShardFiles(this);
  }

  /// The log may forget everything below this offset: it is in the files of this checkpoint and of
  /// the one before, and at least the declared number of bytes lies behind it. The record before
  /// that stays: by it the log is known again.
  public long logMayStartAt() {
    long start = LogPoints.start(state.manifest().points(), spec.logKeepBytes());
    return Math.max(0, Math.min(start - 1, erasing.needsLogFrom()));
  }

  /// The log has forgotten everything below this offset, for good: nobody needs to know of that any
  /// more.
  public void logStartsAt(long offset) {
    logStart = Math.max(logStart, offset);
  }

  long logStart() {
    return logStart;
  }

  <T> T reading(ShardReading.Query<T> query) throws IOException {
    return new ShardReading(this).of(query);
  }

  ShardState state() {
    return state;
  }

  boolean isClosed() {
    return closed;
  }

  /// Waits for readers, then closes the storage. A running checkpoint must have ended.
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closing = true;
    readers.shutOut(state.readers(), () -> closed = true);
    storage.close();
  }
}
