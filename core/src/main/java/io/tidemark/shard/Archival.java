package io.tidemark.shard;

import io.tidemark.archive.Batch;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a shard does about its part of the archive: it puts what has come to its end there, a
/// window of event time after the other, or learns what another copy of the shard has put; and it
/// removes what is too old to be answered. Checkpoints take what it knows ([#known]), and let
/// segments go that are old enough and in the archive.
///
/// Steps are taken by one thread at a time.
public final class Archival {
  /// How many files a step deletes at most.
  private static final int DELETED_AT_ONCE = 100;

  private final Shard shard;
  private final ShardArchive archive;
  private volatile Archived known;
  private volatile @Nullable ArchiveStep running;

  /// The window that the batch at an offset is of ends then; nothing where that has not been read.
  private @Nullable Closing closing;

  /// @param endOfWindow in microseconds since 1970
  private record Closing(long from, long endOfWindow) {}

  /// When the archive was last asked for a batch in vain.
  private @Nullable InVain inVain;

  private record InVain(long from, long manifest) {}

  private Archival(Shard shard, ShardArchive archive) {
    this.shard = shard;
    this.archive = archive;
    this.known = shard.manifest().archived();
  }

  /// That of a shard, if its stream is to be archived and there is an archive.
  static Optional<Archival> of(Shard shard) {
    return shard.spec().stream().hot().isEmpty()
        ? Optional.empty()
        : shard.storage().archive().map(archive -> new Archival(shard, archive));
  }

  /// The archive has all of the table's rows of records below this offset.
  public long next() {
    return known.next();
  }

  /// Takes a step; nothing where there is none to be taken just now.
  ///
  /// @param puts whether this copy of the shard is the one that puts batches and deletes files
  /// @return what does it; to be run by the same thread before this is called again. It must have
  ///   ended before the shard is closed
  public Optional<ArchiveStep> begin(boolean puts) {
    Manifest manifest = shard.manifest();
    if (shard.erasing().comesFirst(manifest.view(Manifest.TABLE), manifest)) {
      return Optional.empty();
    }
    ArchiveStep step = new ArchiveStep(this, manifest, sealed(manifest), puts);
    if (!step.mayBeDue() && expired(manifest).isEmpty()) {
      return Optional.empty();
    }
    running = step;
    return Optional.of(step);
  }

  /// The table's segments that the checkpoint before the last one had: what came since might have
  /// to be forgotten again, should the log lose its end.
  private static List<SegmentRef> sealed(Manifest manifest) {
    long before = LogPoints.previous(manifest.points());
    ViewState table = manifest.view(Manifest.TABLE);
    return table.segments().stream().filter(s -> s.to() <= before).toList();
  }

  /// When the window ends that a batch is of, if that is known.
  Optional<Long> endOfWindow(long from) {
    Closing now = closing;
    return now != null && now.from() == from ? Optional.of(now.endOfWindow()) : Optional.empty();
  }

  /// Whether the archive has been asked for a batch in vain since the last checkpoint.
  boolean isInVain(long from, Manifest manifest) {
    return new InVain(from, manifest.number()).equals(inVain);
  }

  void wasInVain(long from, Manifest manifest) {
    inVain = new InVain(from, manifest.number());
  }

  void endOfWindowIs(long from, long endOfWindow) {
    closing = new Closing(from, endOfWindow);
  }

  Shard shard() {
    return shard;
  }

  ShardArchive archive() {
    return archive;
  }

  /// Whether the table, as a manifest has it, has all of the archive that came before its own
  /// beginning: otherwise there is more to learn, or to be taken by a checkpoint.
  boolean isCaughtUp(Manifest manifest) {
    long begins = begins(manifest);
    boolean nothingMore = known.next() >= begins || isInVain(known.next(), manifest);
    return nothingMore && manifest.archived().below() >= Math.min(known.next(), begins);
  }

  /// The first offset that the table has something of here.
  long begins(Manifest manifest) {
    ViewState table = manifest.view(Manifest.TABLE);
    return table.segments().isEmpty()
        ? Math.max(table.next(), shard.logStart())
        : table.segments().getFirst().from();
  }

  /// What a checkpoint is to say of the archive.
  Archived known() {
    return known;
  }

  /// Whether a checkpoint would let the archive answer what is not here and has not been.
  boolean answersMoreThan(Manifest manifest) {
    ViewState table = manifest.view(Manifest.TABLE);
    long here = table.segments().isEmpty() ? table.next() : table.segments().getFirst().from();
    return Math.min(known.next(), here) > manifest.archived().below();
  }

  /// There is a further batch.
  void learn(Batch batch) {
    List<SegmentRef> files =
        batch.files().stream()
            .map(
                f ->
                    new SegmentRef(
                        f.key().text(),
                        batch.from(),
                        batch.to(),
                        f.rows(),
                        f.sum(),
                        f.minTime(),
                        f.maxTime(),
                        Map.of()))
            .toList();
    known = known.plus(batch.to(), files);
  }

  private List<SegmentRef> expired(Manifest manifest) {
    long notBefore = shard.views().tableNotBefore(manifest.streamTime());
    if (notBefore == Long.MIN_VALUE) {
      return List.of();
    }
    // They stay for a while after they have become too old: a reader may have begun before that.
    long slack = shard.spec().limits().archive().windowMicros();
    return known.files().stream()
        .filter(f -> f.maxTime() < notBefore - slack)
        .limit(DELETED_AT_ONCE)
        .toList();
  }

  /// Deletes what is too old; the next checkpoint forgets it.
  ///
  /// @param puts whether this copy of the shard is the one that deletes
  int expire(Manifest manifest, boolean puts) throws IOException {
    List<SegmentRef> gone = expired(manifest);
    if (puts) {
      for (SegmentRef file : gone) {
        archive.delete(TableFiles.file(file).key());
      }
    }
    known = known.without(gone);
    return gone.size();
  }

  void ended(ArchiveStep step) {
    if (step.equals(running)) {
      running = null;
    }
  }

  /// What no checkpoint may delete, although no manifest names it.
  Set<String> files() {
    ArchiveStep now = running;
    return now == null ? Set.of() : now.files().collect(Collectors.toSet());
  }
}
