package io.tidemark.shard;

import io.tidemark.shard.Manifest.SegmentRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Removes from the archive what is to be gone, beside everything else. Files that have something
/// of it are written again without, under other names; then an object says so, and then the old
/// ones are deleted ([ArchiveErasureStep]). All copies of the shard learn of it, and each sees to
/// it that what it knows to be old is gone.
///
/// Steps are taken by the thread that takes those of [Archival].
public final class ArchiveErasing {
  /// How many bytes the files of a step have, about: what is done again after a crash.
  private static final long STEP_BYTES = 512L << 20;

  /// How many files a step has, about: what it comes to is one object.
  private static final int STEP_FILES = 1000;

  private final Shard shard;
  private final KnownArchive archive;

  /// The beginnings of batches of which a file is missing or damaged: their turn comes again when
  /// nothing else is left.
  private final Set<Long> setAside = new HashSet<>();

  ArchiveErasing(Shard shard, KnownArchive archive) {
    this.shard = shard;
    this.archive = archive;
  }

  /// Chooses files to be written again, or only looks for what others have done; nothing where
  /// nothing is to be gone.
  ///
  /// @param puts whether this copy of the shard is the one that writes them
  /// @return what does it; to be run by the same thread before this is called again. It must have
  ///   ended before the shard is closed
  public Optional<ArchiveErasureStep> begin(boolean puts) {
    Manifest manifest = shard.manifest();
    Erasures erasures = shard.erasing().known(manifest);
    List<SegmentRef> files = unclean(erasures);
    if (files.isEmpty() && !archive.mayTakeMore()) {
      return Optional.empty();
    }
    return Optional.of(new ArchiveErasureStep(this, archive, erasures, puts ? files : List.of()));
  }

  /// A batch cannot be looked at.
  void setAside(long from) {
    setAside.add(from);
  }

  Shard shard() {
    return shard;
  }

  /// The first files that may have something that is to be gone, batch by batch.
  private List<SegmentRef> unclean(Erasures erasures) {
    List<SegmentRef> files = first(erasures);
    if (files.isEmpty() && !setAside.isEmpty()) {
      setAside.clear();
      return first(erasures);
    }
    return files;
  }

  private List<SegmentRef> first(Erasures erasures) {
    List<SegmentRef> files = new ArrayList<>();
    long bytes = 0;
    for (SegmentRef file : archive.known().files()) {
      if (erasures.isClean(file)) {
        continue;
      }
      if (setAside.contains(file.from())) {
        if (files.isEmpty()) {
          continue;
        }
        break;
      }
      bytes += file.sum().bytes();
      boolean isFull = bytes > STEP_BYTES || files.size() >= STEP_FILES;
      if (isFull && !files.isEmpty() && files.getLast().from() < file.from()) {
        break;
      }
      files.add(file);
    }
    return files;
  }
}
