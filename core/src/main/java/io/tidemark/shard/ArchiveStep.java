package io.tidemark.shard;

import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.Batch;
import io.tidemark.archive.Batch.Fingerprint;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.Condition;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts the next batch of a table into the archive, or learns of one that is there.
///
/// A batch begins where the one before it ended, and ends before the first record whose event is of
/// a later window than the one it begins with ([ArchivePolicy]), or where it is of enough records;
/// or before an erasure that cannot be done otherwise ([Archival#neededTo]). So whoever makes it,
/// with whatever segments, comes to the same batch, and who begins again after a crash puts the
/// same objects again. Nothing but the batch's own object makes them count, which is put last.
///
/// A copy of a shard believes a batch that it has not put itself only where it has the same rows.
public final class ArchiveStep {
  private final Archival archival;
  private final Shard shard;
  private final KnownArchive known;
  private final ShardArchive archive;
  private final Manifest manifest;

  /// Of the table, what is not known to be in the archive.
  private final List<SegmentRef> all;

  /// Those of them that will not be taken back.
  private final List<SegmentRef> segments;

  private final ArchivePolicy policy;
  private final boolean puts;
  private final long from;
  private final String temporary;

  /// The table has nothing below this offset that is not in the segments.
  private final long sealedTo;

  /// The archive is to have all below this offset, whether or not a window has ended.
  private final long needed;

  ArchiveStep(Archival archival, Manifest manifest, boolean puts) {
    this.archival = archival;
    this.shard = archival.shard();
    this.known = archival.archive();
    this.archive = known.archive();
    this.manifest = manifest;
    this.policy = shard.spec().limits().archive();
    this.puts = puts;
    this.from = archival.next();
    // What came after the checkpoint before the last one might have to be forgotten again, should
    // the log lose its end.
    long before = LogPoints.previous(manifest.points());
    ViewState table = manifest.view(Manifest.TABLE);
    this.all = table.segments().stream().filter(s -> s.to() > from).toList();
    this.segments = all.stream().filter(s -> s.to() <= before).toList();
    this.sealedTo =
        table.segments().stream()
            .filter(s -> s.to() > before)
            .mapToLong(s -> s.from() < before ? s.from() : afterErasures(s))
            .min()
            .orElse(Math.min(table.next(), manifest.next()));
    long last = archival.neededTo(manifest);
    this.needed = last <= sealedTo ? last : -1;
    this.temporary = "archive-%020d".formatted(from);
  }

  /// The first offset that a segment may have rows of which the last checkpoint has written: those
  /// that came before an erasure were in files before.
  private long afterErasures(SegmentRef segment) {
    return manifest.erasures().stream()
        .mapToLong(e -> e.offset() + 1)
        .filter(next -> next <= segment.to())
        .reduce(segment.from(), Math::max);
  }

  /// What a step has done.
  ///
  /// @param from the archive had everything below this offset, as far as was known
  /// @param next it has everything below this offset
  /// @param rows that were put into the archive
  /// @param files that were put
  /// @param bytes that they have
  /// @param deleted how many files have gone since they were too old
  public record Report(long from, long next, long rows, int files, long bytes, int deleted) {
    /// Whether anything has happened.
    public boolean isEmpty() {
      return next == from && deleted == 0;
    }
  }

  /// Whether there can be a batch, as far as can be told without reading anything.
  boolean mayBeDue() {
    if (needed > from || known.mayTakeMore()) {
      return true;
    }
    boolean inVain = archival.isInVain(from, manifest);
    if (coversFrom() > from && !inVain) {
      return true;
    }
    if (segments.isEmpty() || (inVain && !puts)) {
      return false;
    }
    long end = archival.endOfWindow(from).orElse(Long.MIN_VALUE);
    return segments.getLast().to() - from >= policy.maxOffsets()
        || segments.stream().anyMatch(s -> s.maxTime() >= end);
  }

  /// Takes the step. An interrupted thread gets a [java.io.InterruptedIOException].
  ///
  /// @throws io.tidemark.archive.ArchiveException where the archive fails; the message says what
  ///   helps. Everything is as before then, and the step can be taken again
  /// @throws DamagedException where a segment is not as it was written
  public Report run() throws IOException {
    try {
      // What was erased by others, so that no batch is learnt with what it had before.
      known.refresh();
      known.takeErased();
      int deleted = archival.expire(manifest, puts);
      List<ArchivedFile> put = batch();
      known.takeErased();
      long rows = put.stream().mapToLong(ArchivedFile::rows).sum();
      long bytes = put.stream().mapToLong(f -> f.sum().bytes()).sum();
      return new Report(from, archival.next(), rows, put.size(), bytes, deleted);
    } finally {
      try {
        shard.storage().segments().delete(temporary);
      } finally {
        archival.ended(this);
      }
    }
  }

  /// @return the files that were put
  private List<ArchivedFile> batch() throws IOException {
    long to = segments.isEmpty() ? -1 : end();
    if (to < 0 && needed > from) {
      to = needed;
    }
    if (to >= 0 || coversFrom() > from) {
      Optional<Batch> there = archive.batch(from);
      if (there.isPresent()) {
        learn(there.get());
      } else if (puts && to >= 0) {
        return put(to);
      } else {
        archival.wasInVain(from, manifest);
      }
    }
    return List.of();
  }

  /// Where the batch ends; negative where that cannot be told yet.
  private long end() throws IOException {
    Row first = firstRow(segments, Long.MIN_VALUE);
    if (first == null) {
      return -1;
    }
    long windowEnd = policy.endOfWindow(first.time());
    archival.endOfWindowIs(from, windowEnd);
    Row next =
        firstRow(segments.stream().filter(s -> s.maxTime() >= windowEnd).toList(), windowEnd);
    long atMost = Math.addExact(Math.max(from, first.offset()), policy.maxOffsets());
    if (next != null && next.offset() <= atMost) {
      return next.offset();
    }
    return segments.getLast().to() >= atMost ? atMost : -1;
  }

  private record Row(long offset, long time) {}

  /// The first row of the batch, or beyond it, with such a time.
  private @Nullable Row firstRow(List<SegmentRef> some, long notBefore) throws IOException {
    Row[] first = new Row[1];
    for (SegmentRef segment : some) {
      scan(
          List.of(segment),
          new Condition.WordRange(TableShape.TIME, notBefore, Long.MAX_VALUE),
          Long.MAX_VALUE,
          (offset, time) -> {
            if (first[0] == null || offset < first[0].offset()) {
              first[0] = new Row(offset, time);
            }
          });
      if (first[0] != null) {
        break;
      }
    }
    return first[0];
  }

  private interface RowVisitor {
    void visit(long offset, long time);
  }

  private void scan(List<SegmentRef> some, Condition also, long to, RowVisitor visitor)
      throws IOException {
    Scan times =
        new Scan(
            List.of(TableShape.TIME, TableShape.OFFSET),
            List.of(new Condition.WordRange(TableShape.OFFSET, from, to), also),
            Scan.Order.ANY,
            Scan.ALL);
    List<String> names = some.stream().map(SegmentRef::name).toList();
    shard
        .segments()
        .scan(
            shard.views().tableShape(),
            names,
            times,
            row -> visitor.visit(row.word(1), row.word(0)));
  }

  private HourRows hours(List<SegmentRef> parts, long to) throws IOException {
    HourRows hours = new HourRows();
    if (!parts.isEmpty()) {
      Condition all = new Condition.WordRange(TableShape.TIME, Long.MIN_VALUE, Long.MAX_VALUE);
      scan(parts, all, to, hours::add);
    }
    return hours;
  }

  private List<ArchivedFile> put(long wanted) throws IOException {
    HourRows all = hours(parts(wanted), wanted);
    long to = all.endOfFiles().orElse(wanted);
    List<SegmentRef> parts = parts(to);
    HourRows hours = to == wanted ? all : hours(parts, to);
    List<ArchivedFile> files = new ArrayList<>();
    for (Map.Entry<Long, HourRows.Hour> entry : hours.byHour().entrySet()) {
      HourRows.Hour hour = entry.getValue();
      FileSum sum = write(parts, to, hour);
      ObjectKey key = archive.fileKey(from, to, entry.getKey(), sum);
      upload(key, sum);
      files.add(new ArchivedFile(key, hour.rows().rows(), sum, hour.minTime(), hour.maxTime()));
    }
    Fingerprint rows = hours.all();
    Batch batch =
        new Batch(
            archive.shard(), manifest.log(), from, to, rows.rows(), rows.sum(), asOf(to), files);
    Batch there = archive.put(batch);
    // Who is late has put once more what may have been erased meanwhile.
    known.refresh();
    archive.deleteOthers(asItIs(there), files);
    if (!there.equals(batch)) {
      learn(there);
      return List.of();
    }
    known.learn(batch);
    return files;
  }

  /// A batch with the files that it has now.
  private Batch asItIs(Batch there) {
    return new Batch(
        there.shard(),
        there.log(),
        there.from(),
        there.to(),
        there.rows(),
        there.fingerprint(),
        there.asOf(),
        known.files(there, Long.MAX_VALUE).stream().map(TableFiles::file).toList());
  }

  /// What a batch that is put now knows of: it has nothing of the erasures that have been applied,
  /// as these come first. Others are known from before the shard went back, and come again.
  private long asOf(long to) {
    return manifest.erasures().stream()
        .mapToLong(e -> e.offset() + 1)
        .filter(next -> next <= manifest.next())
        .reduce(to, Math::max);
  }

  private List<SegmentRef> parts(long to) {
    return segments.stream().filter(s -> s.from() < to).toList();
  }

  private FileSum write(List<SegmentRef> parts, long to, HourRows.Hour hour) throws IOException {
    List<String> names =
        parts.stream()
            .filter(s -> s.maxTime() >= hour.minTime() && s.minTime() <= hour.maxTime())
            .map(SegmentRef::name)
            .toList();
    Merge merge =
        new Merge(
            List.of(
                new Condition.WordRange(TableShape.OFFSET, from, to),
                new Condition.WordRange(TableShape.TIME, hour.minTime(), hour.maxTime() + 1)),
            List.of(TableShape.TIME, TableShape.OFFSET),
            hour.rows().rows());
    return shard.segments().merge(temporary, names, merge, Rows.none(shard.views().tableShape()));
  }

  private void upload(ObjectKey key, FileSum sum) throws IOException {
    SegmentStore store = shard.storage().segments();
    ObjectKey _ =
        store
            .select(List.of(temporary))
            .reading(
                files -> {
                  archive.put(key, files.getFirst(), sum);
                  return key;
                });
  }

  /// Believes a batch that somebody else has put, once this copy has all records it is of.
  private void learn(Batch batch) throws IOException {
    if (!batch.log().equals(manifest.log())) {
      throw new ArchiveRefusedException(
          ("the archive has shard %s of another log (%s) than this one (%s); name another archive,"
                  + " or move what it has of stream %s away")
              .formatted(shard.id(), batch.log(), manifest.log(), shard.id().stream()),
          null);
    }
    long here = Math.min(manifest.next(), manifest.view(Manifest.TABLE).next());
    if (Math.max(batch.to(), batch.asOf()) > here) {
      // This copy has not all of it yet, or still has to answer what it lacks.
      archival.wasInVain(from, manifest);
      return;
    }
    // Of what came before its own beginning, a copy has nothing to compare.
    if (coversFrom() <= batch.from()) {
      List<SegmentRef> parts = all.stream().filter(s -> s.from() < batch.to()).toList();
      Fingerprint own = hours(parts, batch.to()).all();
      // Who has put it may not have known of what has gone here since.
      boolean mayHaveLess =
          own.rows() < batch.rows()
              && manifest.erasures().stream()
                  .anyMatch(e -> e.offset() >= batch.asOf() && e.hasRemoved());
      if (!own.equals(batch.rowsAre()) && !mayHaveLess) {
        throw new ArchiveRefusedException(
            ("the archive has %d rows of offsets %d to %d of shard %s, this copy has %d other ones:"
                    + " one of them is not what the log had. Nothing is removed here; run"
                    + " `tidemark verify`, and move what the archive has of the shard away if it is"
                    + " the archive that is wrong")
                .formatted(batch.rows(), batch.from(), batch.to(), shard.id(), own.rows()),
            null);
      }
    }
    known.learn(batch);
  }

  /// The first offset that this copy's table has something of.
  private long coversFrom() {
    return archival.begins(manifest);
  }

  /// The files that it reads or writes.
  Stream<String> files() {
    return Stream.concat(Stream.of(temporary), all.stream().map(SegmentRef::name));
  }
}
