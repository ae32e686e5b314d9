package io.tidemark.shard;

import io.tidemark.archive.ArchivedPart;
import io.tidemark.archive.ObjectKey;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a shard does about its part of the archive: it puts what has come to its end there, a
/// window of event time after the other, or learns what another copy of the shard has put; and it
/// removes what is too old to be answered. Checkpoints take what it knows ([KnownArchive]), and let
/// segments go that are old enough and in the archive.
///
/// Steps are taken by one thread at a time.
public final class Archival {
  /// How many files a step deletes at most.
  private static final int DELETED_AT_ONCE = 100;

  private final Shard shard;
  private final KnownArchive archive;
  private volatile @Nullable ArchiveStep running;

  /// The window that the batch at an offset is of ends then; nothing where that has not been read.
  private @Nullable Closing closing;

  /// @param endOfWindow in microseconds since 1970
  private record Closing(long from, long endOfWindow) {}

  /// When the archive was last asked for a batch in vain.
  private @Nullable InVain inVain;

  private record InVain(long from, long manifest) {}

  private Archival(Shard shard, KnownArchive archive) {
    this.shard = shard;
    this.archive = archive;
  }

  /// That of a shard, if its stream is to be archived and there is an archive.
  static Optional<Archival> of(Shard shard) {
    return shard.spec().stream().hot().isEmpty()
        ? Optional.empty()
        : shard.archive().map(archive -> new Archival(shard, archive));
  }

  /// The archive has all of the table's rows of records below this offset.
  public long next() {
    return archive.known().next();
  }

  /// What the archive has of the table, as far as this copy knows, without what is too old to be
  /// answered: that is there for a while yet, see [#expired]. For any thread.
  public ArchivedPart part() {
    Archived known = archive.known();
    Manifest manifest = shard.manifest();
    long notBefore = shard.views().tableNotBefore(manifest.streamTime());
    return new ArchivedPart(
        archive.archive().shard(),
        shard.views().tableShape(),
        manifest.log(),
        known.next(),
        known.erased(),
        manifest.streamTime(),
        known.files().stream()
            .filter(f -> f.maxTime() >= notBefore)
            .map(TableFiles::file)
            .toList());
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
    ArchiveStep step = new ArchiveStep(this, manifest, puts);
    if (!step.mayBeDue() && expired(manifest).isEmpty()) {
      return Optional.empty();
    }
    running = step;
    return Optional.of(step);
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

  KnownArchive archive() {
    return archive;
  }

  /// Whether the table, as a manifest has it, has all of the archive that came before its own
  /// beginning: otherwise there is more to learn, or to be taken by a checkpoint.
  boolean isCaughtUp(Manifest manifest) {
    long begins = begins(manifest);
    Archived known = archive.known();
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

  /// Whether a checkpoint would let the archive answer what is not here and has not been.
  boolean answersMoreThan(Manifest manifest) {
    ViewState table = manifest.view(Manifest.TABLE);
    long here = table.segments().isEmpty() ? table.next() : table.segments().getFirst().from();
    return Math.min(next(), here) > manifest.archived().below();
  }

  /// Up to where the archive must have everything, however little that is, so that a key can be
  /// forgotten: a batch that somebody puts later who does not know of the erasure is of later
  /// records.
  ///
  /// @return the offset of the last erasure that is pending; -1 where there is none
  long neededTo(Manifest manifest) {
    return manifest.erasures().stream()
        .filter(Erasure::isPending)
        .mapToLong(Erasure::offset)
        .max()
        .orElse(-1);
  }

  private List<SegmentRef> expired(Manifest manifest) {
    long notBefore = shard.views().tableNotBefore(manifest.streamTime());
    if (notBefore == Long.MIN_VALUE) {
      return List.of();
    }
    // They stay for a while after they have become too old: a reader may have begun before that.
    long slack = shard.spec().limits().archive().windowMicros();
    return archive.known().files().stream()
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
        archive.archive().delete(TableFiles.file(file).key());
      }
    }
    archive.without(gone);
    if (puts && !gone.isEmpty()) {
      Archived left = archive.known();
      archive
          .archive()
          .forgetErased(left.files().isEmpty() ? left.next() : left.files().getFirst().from());
    }
    return gone.size();
  }

  void ended(ArchiveStep step) {
    if (step.equals(running)) {
      running = null;
    }
  }

  /// Deletes what is in the archive and nobody's. To be done now and then, not while a step is
  /// taken, by who puts.
  ///
  /// @return how many files that were
  public int sweep() throws IOException {
    Archived known = archive.known();
    Set<ObjectKey> named =
        known.files().stream().map(f -> new ObjectKey(f.name())).collect(Collectors.toSet());
    return archive.archive().sweep(known.next(), known.erased(), named);
  }

  /// What no checkpoint may delete, although no manifest names it.
  Set<String> files() {
    ArchiveStep now = running;
    return now == null ? Set.of() : now.files().collect(Collectors.toSet());
  }
}
