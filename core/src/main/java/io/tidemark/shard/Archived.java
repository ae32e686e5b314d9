package io.tidemark.shard;

import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ErasedFiles;
import io.tidemark.shard.Manifest.SegmentRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a shard knows of its table in the archive.
///
/// @param below what the table had of records below this offset is not here any more, and is
///   answered from the archive; what the archive has from there on is here as well
/// @param next the archive has all of the table's rows of records below this offset
/// @param files in the archive, by the offsets of their batches; of each, the name is its key, and
///   the offsets are those of its batch
/// @param erased these are the files as [ErasedFiles] below this number have left them, and what
///   those have replaced is not in the archive any more
record Archived(long below, long next, List<SegmentRef> files, long erased) {
  static final Archived NOTHING = new Archived(0, 0, List.of(), 0);

  Archived {
    files = List.copyOf(files);
  }

  /// With a further batch.
  Archived plus(long to, List<SegmentRef> more) {
    List<SegmentRef> all = new ArrayList<>(files);
    all.addAll(more);
    return new Archived(below, to, all, erased);
  }

  /// With what has been learnt since.
  Archived withFilesOf(Archived newer) {
    return new Archived(below, newer.next, newer.files, newer.erased);
  }

  /// Without files that are not answered from any more.
  Archived without(List<SegmentRef> gone) {
    Set<SegmentRef> all = new HashSet<>(gone);
    return new Archived(below, next, files.stream().filter(f -> !all.contains(f)).toList(), erased);
  }

  /// With some files replaced. Doing that again is harmless.
  Archived with(ErasedFiles gone) {
    Map<String, Optional<ArchivedFile>> replaced =
        gone.replaced().stream().collect(Collectors.toMap(r -> r.file().text(), r -> r.by()));
    List<SegmentRef> after = new ArrayList<>();
    for (SegmentRef file : files) {
      Optional<ArchivedFile> by = replaced.get(file.name());
      boolean wasLookedAt = file.from() >= gone.from() && file.to() <= gone.to();
      if (by != null) {
        by.ifPresent(f -> after.add(of(f, file.from(), file.to(), gone.asOf())));
      } else {
        after.add(wasLookedAt ? file.asOf(Math.max(file.asOf(), gone.asOf())) : file);
      }
    }
    return new Archived(below, next, after, erased);
  }

  /// All that is replaced by erased files below a number has been, for good.
  Archived erased(long number) {
    return new Archived(below, next, files, Math.max(erased, number));
  }

  /// A file of a batch.
  static SegmentRef of(ArchivedFile file, long from, long to, long asOf) {
    return new SegmentRef(
        file.key().text(),
        from,
        to,
        file.rows(),
        file.sum(),
        file.minTime(),
        file.maxTime(),
        Map.of(),
        asOf);
  }

  /// The same for a table that has nothing here of records below an offset.
  Archived below(long offset) {
    return new Archived(Math.max(below, Math.min(next, offset)), next, files, erased);
  }

  /// The files that answer.
  List<SegmentRef> answering() {
    int low = 0;
    int high = files.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (files.get(middle).from() < below) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return files.subList(0, low);
  }

  /// What is still known where the table goes back to an offset: what is answered from the archive,
  /// and batches of records that the table still has. What was known beyond is found again.
  Archived backTo(long end) {
    if (next <= end) {
      return this;
    }
    long answered = Math.min(below, end);
    List<SegmentRef> kept =
        files.stream().filter(f -> f.from() < answered || f.to() <= end).toList();
    long known = kept.stream().mapToLong(SegmentRef::to).max().orElse(0);
    // What has become of the files of batches that are found again is found again, too.
    return new Archived(Math.min(answered, known), known, kept, 0);
  }
}
