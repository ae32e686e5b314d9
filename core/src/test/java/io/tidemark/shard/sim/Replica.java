package io.tidemark.shard.sim;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.archive.ArchiveCache;
import io.tidemark.archive.ShardArchive;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.ArchiveErasureStep;
import io.tidemark.shard.ArchiveStep;
import io.tidemark.shard.BackfillStep;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.Compaction;
import io.tidemark.shard.ErasureStep;
import io.tidemark.shard.FolderStorage;
import io.tidemark.shard.PlainFiles;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardStorage;
import io.tidemark.shard.sim.disk.SimFileSystem;
import io.tidemark.shard.sim.disk.SimStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A shard as a process of a node has it open, and what its host does with it. Owner, standby, and
/// a former owner that does not know it yet all do the same.
final class Replica {
  private final World world;
  private final ShardFolder folder;
  private final Shard shard;
  private final SimLog log;
  private final SplittableRandom random;

  /// By view, what it has missed, and where it began.
  private final Map<String, Missed> missed = new HashMap<>();

  private final Map<String, Long> began = new HashMap<>();

  /// What the shard itself has missed since the checkpoint that it began with.
  private Missed skipped = Missed.NONE;

  private final boolean filling;
  private final MarksNeverGoBack.OfReplica marks = new MarksNeverGoBack.OfReplica();

  /// It answers once it has what the log had when it was opened.
  private final long answersAt;

  private long position;
  private int unasked;
  private @Nullable Checkpoint running;
  private boolean applying;
  private boolean checkpointing;
  private boolean compacting;

  /// Since the running checkpoint began.
  private boolean compactionFailed;

  private boolean readMeanwhile;
  private int readers;

  private Replica(World world, ShardFolder folder, Shard shard, SplittableRandom random) {
    this.world = world;
    this.folder = folder;
    this.shard = shard;
    this.random = random;
    this.log = world.topic.log(shard.id().partition());
    this.answersAt = log.next();
    ShardFolder.Manifest found = folder.newest();
    Missed ofTable = folder.missed(found, ViewsEqualTheModelAtTheirMark.TABLE).orElse(Missed.NONE);
    boolean fills = false;
    for (Map.Entry<String, String> view : keys().entrySet()) {
      Optional<Missed> known = folder.missed(found, view.getValue());
      // One that is new is filled with what the table has.
      missed.put(view.getKey(), known.orElse(ofTable.below(found.next())));
      Long next = known.isEmpty() ? null : found.views().get(view.getValue());
      began.put(view.getKey(), next == null ? found.next() : next);
      fills |= known.isEmpty() && found.next() > 0;
    }
    this.filling = fills;
    this.position = shard.next();
  }

  /// By name, what views are known by in manifests.
  private Map<String, String> keys() {
    Map<String, String> keys = new HashMap<>();
    keys.put(ViewsEqualTheModelAtTheirMark.TABLE, ViewsEqualTheModelAtTheirMark.TABLE);
    for (ViewSpec view : shard.spec().views()) {
      keys.put(
          view.name(), ShardFolder.key(view.name(), view.definition(shard.spec().stream().type())));
    }
    return keys;
  }

  /// Opens a shard in its folder.
  static Replica open(
      World world,
      int partition,
      ShardFolder folder,
      SimFileSystem files,
      SimObjects.OfNode archive,
      SplittableRandom random)
      throws IOException {
    ShardFolder.Manifest before = folder.newest();
    NothingAcknowledgedIsLost.check(folder, before.next());
    ShardStorage storage =
        FolderStorage.open(
            files.getPath(folder.path()),
            new PlainFiles(),
            SimStores::open,
            Optional.of(archive(world, partition, files, archive)));
    try {
      Shard shard =
          Shard.open(world.shard(partition), storage, world.topic.log(partition).shardLog(), false);
      Replica replica = new Replica(world, folder, shard, random);
      folder.positions.opened(shard, before);
      MarksNeverGoBack.opened(shard, replica.log);
      return replica;
    } catch (IOException e) {
      storage.close();
      throw e;
    }
  }

  private static ShardArchive archive(
      World world, int partition, SimFileSystem files, SimObjects.OfNode archive)
      throws IOException {
    ArchiveCache cache =
        ArchiveCache.open(
            archive, files.getPath(SimNode.archiveFolder(partition)), 1L << 40, Runnable::run);
    return new ShardArchive(
        new StreamPartition(world.stream.name(), partition), archive, cache, new PlainFiles());
  }

  Shard shard() {
    return shard;
  }

  SimLog log() {
    return log;
  }

  ShardFolder folder() {
    return folder;
  }

  boolean isFilling() {
    return filling;
  }

  boolean isBusy() {
    return applying || checkpointing || compacting || readers > 0;
  }

  boolean isCheckpointing() {
    return running != null;
  }

  /// Whether it has not yet caught up.
  boolean isBehind() {
    return shard.visibleNext() < answersAt;
  }

  /// The views that may be asked before it has caught up: others lack what they had forgotten
  /// before they went back.
  List<ViewSpec> askable() {
    return views().stream().filter(v -> !folder.positions.isMending(v.name(), shard)).toList();
  }

  /// The views that it has, also those that are not declared any more.
  List<ViewSpec> views() {
    List<String> earlier = shard.backfilling().earlier().names();
    return shard.spec().views().stream()
        .filter(v -> !EarlierView.isNameOfOne(v.name()) || earlier.contains(v.name()))
        .toList();
  }

  /// What it must have applied before it may answer.
  long answersAt() {
    return answersAt;
  }

  MarksNeverGoBack.OfReplica marks() {
    return marks;
  }

  Missed missed(String view) {
    Long notBefore = folder.newest().notBefore().get(Objects.requireNonNull(keys().get(view)));
    Missed offsets = Objects.requireNonNull(missed.get(view), view);
    boolean fromBeginning = notBefore == null || view.equals(ViewsEqualTheModelAtTheirMark.TABLE);
    return fromBeginning ? offsets : offsets.notBefore(Objects.requireNonNull(notBefore));
  }

  void readBy(int more) {
    readers += more;
    readMeanwhile |= more > 0 && running != null;
  }

  void remember() {
    Map<String, Missed> byKey = new HashMap<>();
    keys().forEach((name, key) -> byKey.put(key, missed(name)));
    folder.remember(byKey);
  }

  /// Whatever happens, holds afterwards.
  void check() {
    folder.positions.check(shard);
    if (!applying && random.nextInt(4) == 0) {
      MemoryStaysInsideItsLimits.check(shard, world.topic.model(shard.id().partition()), skipped);
    }
  }

  /// Applies some records.
  ///
  /// @param again whether the log delivers some that it has delivered
  void poll(int count, boolean again) {
    if (applying) {
      return;
    }
    if (again && position > log.start()) {
      position = random.nextLong(log.start(), position);
      Trace.covered("redelivery");
    }
    position = Math.max(position, log.start());
    applying = true;
    try {
      for (int left = count; left > 0 && position < log.next() && isRoom(); left--) {
        if (!apply()) {
          break;
        }
      }
    } catch (UncheckedIOException e) {
      NothingFailsByItself.check(e.getCause());
      Trace.covered("failed apply");
    } finally {
      applying = false;
    }
  }

  private boolean isRoom() {
    if (++unasked > MemoryStaysInsideItsLimits.UNASKED) {
      unasked = 1;
      shard.publish();
      if (running == null && shard.wantsCheckpoint(0)) {
        begin();
      }
      if (shard.isFull()) {
        Trace.covered("full");
        unasked = MemoryStaysInsideItsLimits.UNASKED;
        return false;
      }
    }
    return true;
  }

  /// @return whether the next one may be applied, too
  private boolean apply() {
    long next = shard.next();
    byte[] erased = log.erased(position);
    if (position >= next && shard.erasing().isErasure(erased, log.value(position))) {
      if (!shard.mayErase()) {
        shard.publish();
        if (running == null) {
          begin();
        }
        return false;
      }
      shard.erase(position, log.appendMs(position), Objects.requireNonNull(erased));
      Trace.covered("erasure");
    } else {
      shard.apply(position, log.appendMs(position), log.value(position));
    }
    long at = position++;
    if (at > next) {
      skipped = skipped.and(next, at);
      missed.replaceAll(
          (view, m) -> m.and(Math.max(next, Objects.requireNonNull(began.get(view))), at));
      Trace.covered("gap");
    }
    return true;
  }

  void publish() {
    if (!applying) {
      shard.publish();
    }
  }

  /// Begins a checkpoint, if one is due.
  void beginIfDue(long ageMs) {
    if (!applying && running == null) {
      shard.publish();
      if (shard.wantsCheckpoint(ageMs)) {
        begin();
      }
    }
  }

  private void begin() {
    Trace.covered(readers > 0 ? "checkpoint begun under a reader" : "checkpoint begun");
    running = shard.beginCheckpoint();
    folder.attempt(shard.next());
    unasked = 0;
    readMeanwhile = readers > 0;
    compactionFailed = false;
  }

  /// Merges segments, where some are to be merged.
  ///
  /// @return whether some were
  boolean compact() {
    if (compacting) {
      return false;
    }
    Optional<Compaction> next = shard.compactions().begin();
    if (next.isEmpty()) {
      return false;
    }
    compacting = true;
    try {
      Compaction.Report report = next.get().run();
      Trace.covered(report.view().equals("_events") ? "compaction" : "compaction of a rollup");
      return true;
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed compaction");
      compactionFailed = true;
      return false;
    } finally {
      compacting = false;
    }
  }

  /// Fills views that are new.
  ///
  /// @return whether there was anything to do
  boolean backfill() {
    if (compacting) {
      return false;
    }
    Optional<BackfillStep> step = shard.backfilling().begin();
    if (step.isEmpty()) {
      return false;
    }
    compacting = true;
    readBy(1);
    try {
      BackfillStep.Report report = step.get().run();
      Trace.covered(report.rows() > 0 ? "backfill" : "backfill of nothing");
      return true;
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed backfill");
      compactionFailed = true;
      return false;
    } finally {
      readBy(-1);
      compacting = false;
    }
  }

  /// Lets views go that others have taken the place of, whoever may still need them.
  void retire() {
    for (String view : shard.backfilling().earlier().replaced()) {
      shard.backfilling().earlier().retire(view);
      Trace.covered("an earlier view goes");
    }
  }

  /// Writes files again without what is to be gone.
  ///
  /// @return whether there was anything to do
  boolean erase() {
    if (compacting) {
      return false;
    }
    Optional<ErasureStep> step = shard.erasing().begin();
    if (step.isEmpty()) {
      return false;
    }
    compacting = true;
    try {
      ErasureStep.Report report = step.get().run();
      Trace.covered(report.written() > 0 ? "erased from files" : "nothing to erase");
      return true;
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed erasing");
      compactionFailed = true;
      return false;
    } finally {
      compacting = false;
    }
  }

  /// Has files of the archive written again without what is to be gone, or learns of it. Whoever
  /// has the shard does so, also who does not know yet that it has gone elsewhere.
  ///
  /// @return whether there was anything to do
  boolean eraseInArchive() {
    if (compacting) {
      return false;
    }
    Optional<ArchiveErasureStep> step = shard.archiveErasing().flatMap(a -> a.begin(true));
    if (step.isEmpty()) {
      return false;
    }
    compacting = true;
    try {
      ArchiveErasureStep.Report report = step.get().run();
      Trace.covered(report.written() > 0 ? "erased from the archive" : "looked for erased files");
      return report.isDone();
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed erasing in the archive");
      return false;
    } finally {
      compacting = false;
    }
  }

  /// Deletes what is nobody's in the archive.
  void sweepArchive() {
    if (compacting || shard.archival().isEmpty()) {
      return;
    }
    compacting = true;
    try {
      int deleted = shard.archival().get().sweep();
      Trace.covered(deleted > 0 ? "swept the archive" : "nothing to sweep in the archive");
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed sweep");
    } finally {
      compacting = false;
    }
  }

  /// Puts something into the archive, or learns of what is there. Whoever has the shard does so,
  /// also who does not know yet that it has gone elsewhere.
  ///
  /// @return whether there was anything to do
  boolean archive() {
    if (compacting) {
      return false;
    }
    Optional<ArchiveStep> step = shard.archival().flatMap(a -> a.begin(true));
    if (step.isEmpty()) {
      return false;
    }
    compacting = true;
    try {
      ArchiveStep.Report report = step.get().run();
      Trace.covered(report.files() > 0 ? "archived" : "looked at the archive");
      if (report.deleted() > 0) {
        Trace.covered("archived files expired");
      }
      return !report.isEmpty();
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed archiving");
      compactionFailed = true;
      return false;
    } finally {
      compacting = false;
    }
  }

  /// Writes the checkpoint that has begun.
  ///
  /// @return whether there is none any more
  boolean checkpoint() {
    Checkpoint mine = running;
    if (mine == null || checkpointing) {
      return mine == null;
    }
    readMeanwhile |= readers > 0;
    checkpointing = true;
    Checkpoint.Report report;
    if (world.forcesLog) {
      log.sync();
    }
    try {
      report = mine.run();
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      Trace.covered("failed checkpoint");
      return false;
    } finally {
      checkpointing = false;
      remember();
    }
    running = null;
    folder.succeed();
    folder.positions.checkpointed(report.number());
    folder.positions.check(shard);
    Trace.covered("checkpoint");
    if (!readMeanwhile && !compactionFailed && report.left().isEmpty()) {
      NoOrphanFilesAfterCheckpoint.check(folder, shard.files().inUse());
    }
    return true;
  }

  void close() throws IOException {
    shard.close();
  }
}
