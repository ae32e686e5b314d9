package io.tidemark.shard;

import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.Batch;
import io.tidemark.archive.ErasedFiles;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a copy of a shard knows of the files that the archive has of its table: what its manifest
/// says, and what it has learnt since, which the next checkpoint takes.
///
/// Of erased files it first learns that they are there ([#refresh], also when a file is missed that
/// somebody wants to read), and readers go by it from then on ([#current]). When it has come as far
/// as those who have put them, and has seen to it that what they replace is gone, they are part of
/// what is known ([#takeErased]).
///
/// One thread at a time learns; any number read.
final class KnownArchive {
  private final Shard shard;
  private final ShardArchive archive;

  /// Guarded by this, as is what follows.
  private Archived known;

  /// Those that the shard's manifest has not taken yet, by their numbers.
  private final List<ErasedFiles> erased = new ArrayList<>();

  private KnownArchive(Shard shard, ShardArchive archive) {
    this.shard = shard;
    this.archive = archive;
    this.known = shard.manifest().archived();
  }

  /// That of a shard, if there is an archive.
  static Optional<KnownArchive> of(Shard shard) {
    Optional<KnownArchive> known = shard.storage().archive().map(a -> new KnownArchive(shard, a));
    known.ifPresent(KnownArchive::forgetOthers);
    return known;
  }

  /// What was fetched in an earlier life, and is not answered from any more, may have what is gone.
  private void forgetOthers() {
    Set<ObjectKey> named = new HashSet<>();
    known.files().forEach(f -> named.add(new ObjectKey(f.name())));
    archive.forgetAllBut(named);
  }

  ShardArchive archive() {
    return archive;
  }

  synchronized Archived known() {
    return known;
  }

  /// There is a further batch.
  synchronized void learn(Batch batch) {
    known = known.plus(batch.to(), files(batch, shard.manifest().next()));
  }

  /// The files of a batch that is to be learnt, as far as is known.
  ///
  /// @param asOf without what erasures below this offset are about
  synchronized List<SegmentRef> files(Batch batch, long asOf) {
    List<SegmentRef> files = new ArrayList<>();
    for (ArchivedFile file : batch.files()) {
      files.add(Archived.of(file, batch.from(), batch.to(), batch.asOf()));
    }
    Archived its = new Archived(0, batch.to(), files, 0);
    for (ErasedFiles gone : erased) {
      if (gone.number() < known.erased()) {
        continue;
      }
      if (gone.asOf() > asOf) {
        break;
      }
      its = its.with(gone);
    }
    return its.files();
  }

  /// Files are not answered from any more.
  synchronized void without(List<SegmentRef> gone) {
    known = known.without(gone);
  }

  /// Looks for what has been erased by others.
  void refresh() throws IOException {
    long from;
    synchronized (this) {
      from = erased.isEmpty() ? known.erased() : erased.getLast().number() + 1;
    }
    learn(archive.erasedFrom(from));
  }

  /// There are further erased files; or somebody was quicker to learn of them.
  void learn(List<ErasedFiles> more) {
    synchronized (this) {
      long taken = shard.manifest().archived().erased();
      erased.removeIf(e -> e.number() < taken);
      for (ErasedFiles one : more) {
        boolean isNew = erased.isEmpty() || erased.getLast().number() < one.number();
        if (isNew && one.number() >= known.erased()) {
          erased.add(one);
        }
      }
    }
    more.forEach(one -> one.replaced().forEach(r -> archive.forget(r.file())));
  }

  /// Erased files that have not been taken, and are not about more than this shard has come to.
  private synchronized List<ErasedFiles> notTaken() {
    return erased.stream().filter(e -> e.number() >= known.erased()).toList();
  }

  /// Whether all erased files that are known of have been taken.
  boolean hasTakenAll() {
    return notTaken().isEmpty();
  }

  /// Whether there are some to be taken just now.
  boolean mayTakeMore() {
    List<ErasedFiles> left = notTaken();
    return !left.isEmpty() && isInReach(left.getFirst());
  }

  /// Who has not come to the erasures that they are about still has to answer what they took away;
  /// who does not know all batches that they are about would not find all files.
  private boolean isInReach(ErasedFiles gone) {
    return gone.asOf() <= shard.manifest().next() && gone.to() <= known().next();
  }

  /// Sees to it that what has been replaced is gone, whoever has begun with that, and takes what
  /// has taken its place.
  void takeErased() throws IOException {
    for (ErasedFiles gone : notTaken()) {
      if (!isInReach(gone)) {
        return;
      }
      for (ErasedFiles.Replaced replaced : gone.replaced()) {
        archive.delete(replaced.file());
      }
      synchronized (this) {
        known = known.with(gone).erased(gone.number() + 1);
      }
    }
  }

  /// What has been removed that one manifest did not know of and a later one does.
  synchronized List<ErasedFiles.Removed> removed(Archived before, Archived after) {
    return erased.stream()
        .filter(e -> e.number() >= before.erased() && e.number() < after.erased())
        .flatMap(e -> e.removed().stream())
        .toList();
  }

  /// A state as whoever begins to read sees it: with the files that the archive has now, as far as
  /// that makes no difference to its answers.
  synchronized ShardState current(ShardState now) {
    Archived files = now.manifest().archived();
    for (ErasedFiles gone : erased) {
      if (gone.number() < files.erased()) {
        continue;
      }
      if (gone.asOf() > now.active().view().next()) {
        break;
      }
      files = files.with(gone);
    }
    return files.equals(now.manifest().archived())
        ? now
        : new ShardState(
            now.manifest().with(files), now.frozen(), now.active(), now.erasures(), now.readers());
  }
}
