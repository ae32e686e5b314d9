package io.tidemark.shard;

import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ErasedFiles;
import io.tidemark.archive.FetchedFile;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.FileSum;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes files of the archive again without what is to be gone.
///
/// 1. What others have done is taken; of two who do the same, one is too late and goes on from
///    there.
/// 2. Each file is fetched, and put under another name without what is to be gone. Nobody reads
///    that.
/// 3. An object says which files have taken the place of which: from then on it is so for all.
/// 4. The old ones are deleted. Who is killed before that does it when he comes to 1.
public final class ArchiveErasureStep {
  private final Shard shard;
  private final KnownArchive known;
  private final ShardArchive archive;
  private final Erasures erasures;
  private final List<SegmentRef> files;

  /// @param files all that may have something of it, of some batches; none where only what others
  ///   have done is to be learnt
  ArchiveErasureStep(Shard shard, KnownArchive known, Erasures erasures, List<SegmentRef> files) {
    this.shard = shard;
    this.known = known;
    this.archive = known.archive();
    this.erasures = erasures;
    this.files = List.copyOf(files);
  }

  /// How many bytes the largest file has that is to be looked at.
  public long bytes() {
    return files.stream().mapToLong(f -> f.sum().bytes()).max().orElse(0);
  }

  /// What a step has done.
  ///
  /// @param looked how many files were looked at
  /// @param written how many of them were written again, or have gone as a whole
  /// @param events how many events have gone from them
  /// @param isDone whether there was anything to do
  public record Report(int looked, int written, long events, boolean isDone) {}

  /// Takes the step. An interrupted thread gets a [java.io.InterruptedIOException].
  ///
  /// @throws io.tidemark.archive.ArchiveException where the archive fails; the message says what
  ///   helps. The step can be taken again
  public Report run() throws IOException {
    Archived before = known.known();
    known.refresh();
    known.takeErased();
    boolean isNew = !known.known().equals(before);
    if (files.isEmpty() || isNew || !known.hasTakenAll()) {
      // Others have done some of it; or what they have done is not to be understood yet.
      return new Report(0, 0, 0, isNew);
    }
    long number = before.erased();
    List<ErasedFiles.Replaced> replaced = new ArrayList<>();
    Map<Long, Erasure> removed = new TreeMap<>();
    for (SegmentRef file : files) {
      rewrite(file, number, removed).ifPresent(replaced::add);
    }
    ErasedFiles mine =
        new ErasedFiles(
            archive.shard(),
            shard.manifest().log(),
            number,
            files.getFirst().from(),
            files.getLast().to(),
            erasures.pending().getLast().offset() + 1,
            replaced,
            removed.values().stream().map(ArchiveErasureStep::removed).toList());
    ErasedFiles there = archive.put(mine);
    known.learn(List.of(there));
    if (!there.equals(mine)) {
      discard(mine, there);
    }
    known.takeErased();
    long events = mine.removed().stream().mapToLong(ErasedFiles.Removed::events).sum();
    return there.equals(mine)
        ? new Report(files.size(), replaced.size(), events, true)
        : new Report(files.size(), 0, 0, true);
  }

  /// Writes one file again, if it has something of it.
  ///
  /// @param removed by offset of the erasure, what has gone
  private Optional<ErasedFiles.Replaced> rewrite(
      SegmentRef ref, long number, Map<Long, Erasure> removed) throws IOException {
    TableShape shape = shard.views().tableShape();
    ArchivedFile file = TableFiles.file(ref);
    try (FetchedFile fetched = archive.fetch(file)) {
      ErasedRows rows =
          ErasedRows.find((scan, visitor) -> fetched.scan(shape, scan, visitor), ref, erasures);
      if (rows.erased().isEmpty()) {
        return Optional.empty();
      }
      rows.erased().forEach(e -> removed.merge(e.offset(), e, Erasure::plusAll));
      if (rows.left() == 0) {
        return Optional.of(new ErasedFiles.Replaced(file.key(), Optional.empty()));
      }
      FileSum sum = fetched.rewrite(shape, rows.without(ref, erasures));
      ObjectKey key = archive.rewrittenKey(file.key(), number, sum);
      archive.put(key, fetched, sum);
      ArchivedFile by = new ArchivedFile(key, rows.left(), sum, file.minTime(), file.maxTime());
      return Optional.of(new ErasedFiles.Replaced(file.key(), Optional.of(by)));
    } catch (ObjectMissingException e) {
      throw new ArchiveUnavailableException(
          file.key() + " has gone: another copy of the shard erases, or finds it too old", e);
    }
  }

  private static ErasedFiles.Removed removed(Erasure e) {
    return new ErasedFiles.Removed(e.offset(), e.files(), e.events(), e.minTime(), e.maxTime());
  }

  /// Deletes what was put in vain.
  private void discard(ErasedFiles mine, ErasedFiles there) throws IOException {
    Set<ObjectKey> theirs = new HashSet<>();
    there.replaced().forEach(r -> r.by().ifPresent(f -> theirs.add(f.key())));
    for (ErasedFiles.Replaced one : mine.replaced()) {
      if (one.by().isPresent() && !theirs.contains(one.by().get().key())) {
        archive.delete(one.by().get().key());
      }
    }
  }
}
