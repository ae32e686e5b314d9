package io.tidemark.shard;

import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.Batch;
import io.tidemark.archive.Batch.Fingerprint;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
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
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts the next batch of a table into the archive, or learns of one that is there.
///
/// A batch begins where the one before it ended, and ends before the first record whose event is of
/// a later window than the one it begins with ([ArchivePolicy]), or where it is of enough records.
/// So whoever makes it, with whatever segments, comes to the same batch, and who begins again after
/// a crash puts the same objects again. Nothing but the batch's own object makes them count, which
/// is put last.
///
/// A copy of a shard believes a batch that it has not put itself only where it has the same rows.
public final class ArchiveStep {
  private static final long HOUR_MICROS = 3_600_000_000L;

  private final Archival archival;
  private final Shard shard;
  private final ShardArchive archive;
  private final Manifest manifest;
  private final List<SegmentRef> segments;
  private final ArchivePolicy policy;
  private final boolean puts;
  private final long from;
  private final String temporary;

  /// @param segments of the table, those that will not be taken back
  ArchiveStep(Archival archival, Manifest manifest, List<SegmentRef> segments, boolean puts) {
    this.archival = archival;
    this.shard = archival.shard();
    this.archive = archival.archive();
    this.manifest = manifest;
    this.policy = shard.spec().limits().archive();
    this.puts = puts;
    this.from = archival.next();
    this.segments = segments.stream().filter(s -> s.to() > from).toList();
    this.temporary = "archive-%020d".formatted(from);
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
    boolean inVain = archival.isInVain(from, manifest);
    if (coversFrom() > from && !inVain) {
      return true;
    }
    if (segments.isEmpty() || (inVain && !puts)) {
      return false;
    }
    long end = archival.endOfWindow(from).orElse(Long.MIN_VALUE);
    return sealedTo() - from >= policy.maxOffsets()
        || segments.stream().anyMatch(s -> s.maxTime() >= end);
  }

  private long sealedTo() {
    return segments.getLast().to();
  }

  /// Takes the step. An interrupted thread gets a [java.io.InterruptedIOException].
  ///
  /// @throws io.tidemark.archive.ArchiveException where the archive fails; the message says what
  ///   helps. Everything is as before then, and the step can be taken again
  /// @throws DamagedException where a segment is not as it was written
  public Report run() throws IOException {
    try {
      int deleted = archival.expire(manifest, puts);
      List<ArchivedFile> put = batch();
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
    return sealedTo() >= atMost ? atMost : -1;
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

  /// The rows of an hour.
  private static final class Hour {
    private Fingerprint rows = Fingerprint.NONE;
    private long minTime = Long.MAX_VALUE;
    private long maxTime = Long.MIN_VALUE;
    private long firstOffset = Long.MAX_VALUE;

    void add(long offset, long time) {
      firstOffset = Math.min(firstOffset, offset);
      rows = rows.plus(offset, time);
      minTime = Math.min(minTime, time);
      maxTime = Math.max(maxTime, time);
    }
  }

  private Map<Long, Hour> hours(List<SegmentRef> parts, long to) throws IOException {
    Map<Long, Hour> hours = new TreeMap<>();
    scan(
        parts,
        new Condition.WordRange(TableShape.TIME, Long.MIN_VALUE, Long.MAX_VALUE),
        to,
        (offset, time) ->
            hours
                .computeIfAbsent(Math.floorDiv(time, HOUR_MICROS), _ -> new Hour())
                .add(offset, time));
    return hours;
  }

  private static Fingerprint all(Map<Long, Hour> hours) {
    long rows = 0;
    long sum = 0;
    for (Hour hour : hours.values()) {
      rows += hour.rows.rows();
      sum += hour.rows.sum();
    }
    return new Fingerprint(rows, sum);
  }

  /// Where a batch ends that would have more files than it may.
  private static Optional<Long> endOfFiles(Map<Long, Hour> hours) {
    return hours.values().stream()
        .map(hour -> hour.firstOffset)
        .sorted()
        .skip(ArchivePolicy.MAX_FILES)
        .findFirst();
  }

  private List<ArchivedFile> put(long wanted) throws IOException {
    Map<Long, Hour> all = hours(parts(wanted), wanted);
    long to = endOfFiles(all).orElse(wanted);
    List<SegmentRef> parts = parts(to);
    Map<Long, Hour> hours = to == wanted ? all : hours(parts, to);
    List<ArchivedFile> files = new ArrayList<>();
    for (Map.Entry<Long, Hour> entry : hours.entrySet()) {
      Hour hour = entry.getValue();
      FileSum sum = write(parts, to, hour);
      ObjectKey key = archive.fileKey(from, to, entry.getKey(), sum);
      upload(key, sum);
      files.add(new ArchivedFile(key, hour.rows.rows(), sum, hour.minTime, hour.maxTime));
    }
    Fingerprint rows = all(hours);
    Batch batch =
        new Batch(archive.shard(), manifest.log(), from, to, rows.rows(), rows.sum(), files);
    Batch there = archive.put(batch);
    archive.deleteOthers(there, files);
    if (!there.equals(batch)) {
      learn(there);
      return List.of();
    }
    archival.learn(batch);
    return files;
  }

  private List<SegmentRef> parts(long to) {
    return segments.stream().filter(s -> s.from() < to).toList();
  }

  private FileSum write(List<SegmentRef> parts, long to, Hour hour) throws IOException {
    List<String> names =
        parts.stream()
            .filter(s -> s.maxTime() >= hour.minTime && s.minTime() <= hour.maxTime)
            .map(SegmentRef::name)
            .toList();
    Merge merge =
        new Merge(
            List.of(
                new Condition.WordRange(TableShape.OFFSET, from, to),
                new Condition.WordRange(TableShape.TIME, hour.minTime, hour.maxTime + 1)),
            List.of(TableShape.TIME, TableShape.OFFSET),
            hour.rows.rows());
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
    // Of what came before its own beginning, a copy has nothing to compare.
    if (coversFrom() <= batch.from()) {
      if (sealedTo() < batch.to()) {
        return;
      }
      Fingerprint own = all(hours(parts(batch.to()), batch.to()));
      // Who has put it may have known of fewer erasures, or of more.
      boolean hasLost = shard.erasures().touch(Long.MIN_VALUE, Long.MAX_VALUE);
      if (!own.equals(batch.rowsAre()) && !hasLost) {
        throw new ArchiveRefusedException(
            ("the archive has %d rows of offsets %d to %d of shard %s, this copy has %d other ones:"
                    + " one of them is not what the log had. Nothing is removed here; run"
                    + " `tidemark verify`, and move what the archive has of the shard away if it is"
                    + " the archive that is wrong")
                .formatted(batch.rows(), batch.from(), batch.to(), shard.id(), own.rows()),
            null);
      }
    }
    archival.learn(batch);
  }

  /// The first offset that this copy's table has something of.
  private long coversFrom() {
    return archival.begins(manifest);
  }

  /// The files that it reads or writes.
  Stream<String> files() {
    return Stream.concat(Stream.of(temporary), segments.stream().map(SegmentRef::name));
  }
}
