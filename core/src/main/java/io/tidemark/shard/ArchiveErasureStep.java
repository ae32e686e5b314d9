package io.tidemark.shard;

import io.tidemark.archive.ArchiveException;
import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ErasedFiles;
import io.tidemark.archive.FetchedFile;
import io.tidemark.archive.ObjectDiffersException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.FileSum;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes files of the archive again without what is to be gone.
///
/// 1. What others have done is taken; of two who do the same, one is too late and goes on from
///    there.
/// 2. Each file is fetched, and put under another name without what is to be gone. Nobody reads
///    that.
/// 3. An object says which files have taken the place of which: from then on it is so for all.
/// 4. The old ones are deleted. Who is killed before that does it when he comes to 1.
public final class ArchiveErasureStep {
  private final ArchiveErasing erasing;
  private final Shard shard;
  private final KnownArchive known;
  private final ShardArchive archive;
  private final Erasures erasures;
  private final List<SegmentRef> files;

  /// @param files all that may have something of it, of some batches; none where only what others
  ///   have done is to be learnt
  ArchiveErasureStep(
      ArchiveErasing erasing, KnownArchive known, Erasures erasures, List<SegmentRef> files) {
    this.erasing = erasing;
    this.shard = erasing.shard();
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
    Written spoilt = new Written();
    Written written = write(before.erased(), spoilt);
    ErasedFiles mine =
        new ErasedFiles(
            archive.shard(),
            shard.manifest().log(),
            before.erased(),
            written.from,
            written.to,
            erasures.pending().getLast().offset() + 1,
            written.replaced,
            written.removed.values().stream().map(ArchiveErasureStep::removed).toList());
    ErasedFiles there = archive.put(mine);
    known.learn(List.of(there));
    if (!there.equals(mine)) {
      discard(mine.replaced(), there);
    }
    discard(spoilt.replaced, there);
    known.takeErased();
    long events = mine.removed().stream().mapToLong(ErasedFiles.Removed::events).sum();
    return there.equals(mine)
        ? new Report(written.looked, written.replaced.size(), events, true)
        : new Report(written.looked, 0, 0, true);
  }

  /// What has been put of some batches.
  private static final class Written {
    private final List<ErasedFiles.Replaced> replaced = new ArrayList<>();

    /// By offset of the erasure, what has gone.
    private final Map<Long, Erasure> removed = new TreeMap<>();

    /// The beginning of the first batch, and the end of the last one.
    private long from = Long.MAX_VALUE;

    private long to;

    private int looked;

    void add(Written batch) {
      replaced.addAll(batch.replaced);
      batch.removed.values().forEach(this::remove);
      from = Math.min(from, batch.from);
      to = batch.to;
      looked += batch.looked;
    }

    void remove(Erasure erased) {
      removed.merge(erased.offset(), erased, Erasure::plusAll);
    }
  }

  /// Writes the files of batches again that follow one another. Those before them that cannot be
  /// are set aside, and so is the one after them.
  ///
  /// @param spoilt gets what was put of these
  /// @throws ArchiveUnavailableException where all are
  private Written write(long number, Written spoilt) throws IOException {
    Written all = new Written();
    @Nullable ArchiveException why = null;
    for (List<SegmentRef> batch : batches()) {
      Written one = new Written();
      try {
        write(batch, number, one);
        all.add(one);
      } catch (ObjectMissingException | ObjectDiffersException | ArchiveRefusedException e) {
        erasing.setAside(batch.getFirst().from());
        spoilt.replaced.addAll(one.replaced);
        why = e;
        if (all.looked > 0) {
          break;
        }
      }
    }
    if (all.looked == 0 && why != null) {
      throw new ArchiveUnavailableException(
          ("what has been erased cannot be removed from %d files of the archive; all others come"
                  + " first: %s")
              .formatted(files.size(), why.getMessage()),
          why);
    }
    return all;
  }

  private Collection<List<SegmentRef>> batches() {
    return files.stream()
        .collect(Collectors.groupingBy(SegmentRef::from, TreeMap::new, Collectors.toList()))
        .values();
  }

  private void write(List<SegmentRef> batch, long number, Written written) throws IOException {
    for (SegmentRef file : batch) {
      rewrite(file, number, written).ifPresent(written.replaced::add);
      written.looked++;
    }
    written.from = batch.getFirst().from();
    written.to = batch.getLast().to();
  }

  /// Writes one file again, if it has something of it.
  private Optional<ErasedFiles.Replaced> rewrite(SegmentRef ref, long number, Written written)
      throws IOException {
    TableShape shape = shard.views().tableShape();
    ArchivedFile file = TableFiles.file(ref);
    try (FetchedFile fetched = archive.fetch(file)) {
      ErasedRows rows =
          ErasedRows.find((scan, visitor) -> fetched.scan(shape, scan, visitor), ref, erasures);
      if (rows.erased().isEmpty()) {
        return Optional.empty();
      }
      rows.erased().forEach(written::remove);
      if (rows.left() == 0) {
        return Optional.of(new ErasedFiles.Replaced(file.key(), Optional.empty()));
      }
      FileSum sum = fetched.rewrite(shape, rows.without(ref, erasures));
      ObjectKey key = archive.rewrittenKey(file.key(), number, sum);
      archive.put(key, fetched, sum);
      ArchivedFile by = new ArchivedFile(key, rows.left(), sum, file.minTime(), file.maxTime());
      return Optional.of(new ErasedFiles.Replaced(file.key(), Optional.of(by)));
    }
  }

  private static ErasedFiles.Removed removed(Erasure e) {
    return new ErasedFiles.Removed(e.offset(), e.files(), e.events(), e.minTime(), e.maxTime());
  }

  /// Deletes what was put in vain.
  ///
  /// @param there what is believed of the files of this number
  private void discard(List<ErasedFiles.Replaced> mine, ErasedFiles there) throws IOException {
    Set<ObjectKey> theirs = new HashSet<>();
    there.replaced().forEach(r -> r.by().ifPresent(f -> theirs.add(f.key())));
    for (ErasedFiles.Replaced one : mine) {
      if (one.by().isPresent() && !theirs.contains(one.by().get().key())) {
        archive.delete(one.by().get().key());
      }
    }
  }
}
