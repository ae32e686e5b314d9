package io.tidemark.shard;

import io.tidemark.app.StreamSpec;
import io.tidemark.archive.ErasedFiles;
import io.tidemark.rollup.Rollup;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Removes what is to be gone from files, beside everything else. From the moment when an erasure
/// is applied readers leave it out; then
///
/// 1. a checkpoint says that the shard knows of it;
/// 2. files that have something of it are written again without ([ErasureStep]), those in the
///    archive by one of the copies ([ArchiveErasing]), and the next checkpoint takes them;
/// 3. that checkpoint removes the entries of timelines, and deletes the old files as soon as no
///    manifest names them;
/// 4. a last one says that nothing is left, and forgets the key.
///
/// Each is made as soon as it can be. What a crash leaves behind is done again.
///
/// Steps are taken by one thread at a time.
public final class Erasing {
  /// Of how many there are receipts.
  private static final int MAX_TOLD = 1000;

  /// How many bytes the files of a step have, about: as much room it may need until checkpoints
  /// have let go of them.
  private static final long STEP_BYTES = 512L << 20;

  private final Shard shard;

  /// By the name of a file, what takes its place.
  private final Map<String, Rewritten> done = new ConcurrentHashMap<>();

  private volatile @Nullable ErasureStep running;

  /// Whether something is left of an erasure that is done: the manifest before may still name old
  /// files, and the key. Not known when the shard is opened.
  private volatile boolean isLeft;

  /// Whether the last checkpoint could not remove everything, and nobody has looked since.
  private volatile boolean rests;

  /// The offset below which timelines have nothing of erasures any more.
  private volatile long sortedBelow;

  Erasing(Shard shard, Manifest found) {
    this.shard = shard;
    this.isLeft = !found.erasures().isEmpty();
  }

  /// A file without what was to be gone.
  ///
  /// @param before the file
  /// @param after what takes its place; nothing where nothing is left
  /// @param erased what has gone, by erasure
  record Rewritten(SegmentRef before, Optional<SegmentRef> after, List<Erasure> erased) {}

  /// All that the shard has been asked for, and what has come of it.
  public List<Erasure> known() {
    return shard.erasures().all();
  }

  /// What has come of an erasure.
  ///
  /// @param isDone whether no file has anything of it any more
  /// @param logBytesLeft after how many bytes more, about, the log lets go of what it has of it, by
  ///   this shard's part of what it is declared to keep; 0 where it has
  public record Receipt(Erasure erasure, boolean isDone, long logBytesLeft) {}

  /// What has come of each.
  public List<Receipt> receipts() {
    return known().stream()
        .map(e -> new Receipt(e, !e.isPending() && !isLeft, logBytesLeft(e)))
        .toList();
  }

  private long logBytesLeft(Erasure erasure) {
    if (shard.logStart() > erasure.offset()) {
      return 0;
    }
    long passed =
        shard.manifest().points().stream()
            .filter(p -> p.offset() > erasure.offset())
            .mapToLong(Manifest.LogPoint::bytes)
            .findFirst()
            .orElse(shard.counts().bytes());
    // It goes with the checkpoint after the next one at the earliest.
    return Math.max(1, passed + shard.spec().logKeepBytes() - shard.counts().bytes());
  }

  private static boolean isText(byte[] key) {
    return Arrays.equals(
        key, new String(key, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a text can be the key of an event.
  public static boolean isKey(StreamSpec stream, String key) {
    return Erasures.isKey(stream, key);
  }

  /// Whether a record asks for a key to be erased: a Kafka tombstone of a stream that has keys. Any
  /// other record without a value is malformed.
  ///
  /// @param key its key
  /// @param value its value; empty where it has none
  public boolean isErasure(byte @Nullable [] key, byte[] value) {
    return value.length == 0
        && key != null
        && !shard.spec().stream().key().isEmpty()
        && isText(key)
        && Erasures.isKey(shard.spec().stream(), new String(key, StandardCharsets.UTF_8));
  }

  /// The log must not let go of what is from this offset on: a copy that is made anew has to know
  /// what it must not answer from the archive.
  long needsLogFrom() {
    List<Erasure> pending = shard.erasures().pending();
    return pending.isEmpty() || shard.archive().isEmpty()
        ? Long.MAX_VALUE
        : pending.getFirst().offset();
  }

  /// How many are not done.
  public int pending() {
    int pending = shard.erasures().pending().size();
    return pending == 0 && isLeft ? 1 : pending;
  }

  /// Chooses files to be written again; nothing where none are to be just now.
  ///
  /// @return what does it; to be run or cancelled, by the same thread, before this is called again.
  ///   It must have ended before the shard is closed
  public Optional<ErasureStep> begin() {
    rests = rests && !shard.readers().areQuick();
    Manifest manifest = shard.manifest();
    if (!shard.compactions().isIdle() || isBusy()) {
      return Optional.empty();
    }
    Erasures erasures = known(manifest);
    List<ErasureStep.Part> parts = new ArrayList<>();
    long bytes = 0;
    for (ViewState view : manifest.views()) {
      for (SegmentRef file : unclean(view, erasures)) {
        bytes += file.sum().bytes();
        if (parts.isEmpty() || bytes <= STEP_BYTES) {
          parts.add(new ErasureStep.Part(view.name(), file));
        }
      }
    }
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    ErasureStep step = new ErasureStep(this, shard, erasures, manifest.next(), parts);
    running = step;
    return Optional.of(step);
  }

  Erasures known(Manifest manifest) {
    return new Erasures(shard.spec().stream(), manifest.erasures());
  }

  /// The files of a view that may have something that is to be gone.
  private List<SegmentRef> unclean(ViewState view, Erasures erasures) {
    if (!erasures.isAnyPending() || !mayTell(view)) {
      return List.of();
    }
    return view.segments().stream().filter(s -> !erasures.isClean(s)).toList();
  }

  /// Whether the rows of a view tell whose they are.
  private boolean mayTell(ViewState view) {
    Rollup rollup = shard.views().rollups().get(view.name());
    return rollup == null || !rollup.columnsOf(shard.spec().stream().key()).isEmpty();
  }

  /// Whether no file that a manifest names has anything of an erasure, nor will have: what is being
  /// filled may still get some.
  private boolean isOutOfFiles(Erasure erasure, Manifest manifest) {
    return erasure.offset() < manifest.next()
        && manifest.views().stream()
            .filter(this::mayTell)
            .allMatch(
                v ->
                    v.backfill().isDone()
                        && v.segments().stream().allMatch(s -> s.asOf() > erasure.offset()))
        && isOutOfArchive(erasure, manifest.archived());
  }

  /// Whether the archive has nothing of an erasure, nor will have: whoever does not know of it may
  /// still put batches of records before it.
  ///
  /// @param archived what is known of the archive
  private boolean isOutOfArchive(Erasure erasure, Archived archived) {
    return archived.files().stream().allMatch(s -> s.asOf() > erasure.offset())
        && (shard.archival().isEmpty() || archived.next() >= erasure.offset())
        && shard.archive().filter(a -> !a.hasTakenAll()).isEmpty();
  }

  /// Whether files are being written again, or a checkpoint is to take some: nobody else may take
  /// them together meanwhile.
  boolean isBusy() {
    return running != null || !done.isEmpty();
  }

  /// Whether files that may be merged, or archived, are first to be written again.
  boolean comesFirst(ViewState view, Manifest manifest) {
    return isBusy() || !unclean(view, known(manifest)).isEmpty();
  }

  void rewritten(List<Rewritten> files) {
    files.forEach(f -> done.put(f.before().name(), f));
  }

  void ended(ErasureStep step) {
    if (step.equals(running)) {
      running = null;
    }
  }

  /// Whether a checkpoint, whatever else it has to do, would bring an erasure further.
  boolean isDue() {
    Erasures erasures = shard.erasures();
    if (!erasures.isAnyPending()) {
      return isLeft && !rests;
    }
    Manifest manifest = shard.manifest();
    List<Erasure> pending = erasures.pending();
    if (pending.getLast().offset() >= manifest.next() || !done.isEmpty()) {
      return true;
    }
    if (pending.stream().anyMatch(e -> isOutOfFiles(e, manifest))) {
      return !rests;
    }
    if (shard.archive().isPresent()) {
      Archived known = shard.archive().get().known();
      if (pending.stream()
          .anyMatch(e -> isOutOfArchive(e, known) && !isOutOfArchive(e, manifest.archived()))) {
        return true;
      }
    }
    // What has been merged is in the way of being written again.
    return !shard.compactions().done().isEmpty();
  }

  /// While one is being filled, entries may still come.
  boolean timelinesAreFilled(Manifest manifest) {
    return manifest.views().stream()
        .filter(v -> shard.views().timelines().containsKey(v.name()))
        .allMatch(v -> v.backfill().isDone());
  }

  /// What a checkpoint could remove has been removed, or not all of it: then the next one is due
  /// once somebody has looked for work again.
  ///
  /// @param before the manifest that is on disk besides the newest one
  void cleaned(Manifest before, boolean all) {
    boolean keyIsThere = before.erasures().stream().anyMatch(Erasure::isPending);
    isLeft = keyIsThere || (isLeft && !all);
    rests = !all;
  }

  /// What a checkpoint is to take.
  List<Rewritten> done() {
    return List.copyOf(done.values());
  }

  /// A checkpoint has taken them.
  void taken(List<Rewritten> some) {
    some.forEach(s -> done.remove(s.before().name(), s));
  }

  /// Segments with those that have been written again in place of themselves.
  static List<SegmentRef> applied(List<Rewritten> some, List<SegmentRef> segments) {
    List<SegmentRef> after = new ArrayList<>(segments);
    for (Rewritten one : some) {
      int at = after.indexOf(one.before());
      if (at >= 0) {
        after.remove(at);
        one.after().ifPresent(s -> after.add(at, s));
      }
    }
    return after;
  }

  /// What a checkpoint is to say of erasures.
  ///
  /// @param some files that it takes
  /// @param before the manifest before it
  /// @param archived what it says of the archive
  List<Erasure> after(
      List<Erasure> erasures, List<Rewritten> some, Manifest before, Archived archived) {
    List<ErasedFiles.Removed> removed =
        shard.archive().map(a -> a.removed(before.archived(), archived)).orElse(List.of());
    List<Erasure> after = new ArrayList<>();
    for (Erasure erasure : erasures) {
      Erasure now = erasure;
      for (Rewritten one : some) {
        for (Erasure erased : one.erased()) {
          now = erased.offset() == now.offset() ? now.plusAll(erased) : now;
        }
      }
      for (ErasedFiles.Removed one : removed) {
        now = one.offset() == now.offset() ? now.plus(one) : now;
      }
      now = now.offset() < sortedBelow ? now.ofSorted() : now;
      if (now.isPending() && now.sorted() && isOutOfFiles(erasure, before)) {
        now = now.done();
        isLeft = true;
      }
      after.add(now);
    }
    return told(after);
  }

  /// With the oldest of those that are done as one, where there are too many to tell of each.
  private static List<Erasure> told(List<Erasure> erasures) {
    List<Erasure> told = new ArrayList<>(erasures);
    while (told.size() > MAX_TOLD && !told.get(0).isPending() && !told.get(1).isPending()) {
      Erasure oldest = told.removeFirst();
      told.set(0, told.getFirst().plusAll(oldest));
    }
    return told;
  }

  /// Timelines have nothing any more of erasures below an offset.
  void sortedIsClean(long below) {
    sortedBelow = Math.max(sortedBelow, below);
  }

  /// What no checkpoint may delete, although no manifest names it.
  Set<String> files() {
    ErasureStep now = running;
    Set<String> files =
        done.values().stream()
            .flatMap(r -> r.after().stream())
            .map(SegmentRef::name)
            .collect(Collectors.toCollection(HashSet::new));
    if (now != null) {
      files.addAll(now.files());
    }
    return files;
  }
}
