package io.tidemark.archive;

import io.tidemark.files.SummedText;
import io.tidemark.log.StreamPartition;
import io.tidemark.table.FileSum;
import io.tidemark.table.SegmentFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The part of an archive that one shard has:
///
/// ```
/// stream=STREAM/date=YYYY-MM-DD/hour=HH/PARTITION-FROM-TO-CRC32C.EXT      rows, by the hour of their times
/// _tidemark/STREAM/PARTITION/FROM                                 a batch, put when its files are there
/// ```
///
/// What begins with `_` is not seen by those who read the folders as a partitioned table (Hive's
/// rule, which Spark, DuckDB and Trino keep). A batch is put once under the offset where it begins:
/// of two who archive the same shard, one is too late and goes on from what the other one has put.
public final class ShardArchive {
  /// What only this archive has in it, for Tidemark's own eyes.
  static final String INDEX = "_tidemark";

  private static final int HOURS_OF_DAY = 24;

  private final StreamPartition shard;
  private final ObjectStore store;
  private final ArchiveCache cache;
  private final SegmentFormat format;

  /// @param shard with the name that its stream's data has
  /// @param format of the files
  public ShardArchive(
      StreamPartition shard, ObjectStore store, ArchiveCache cache, SegmentFormat format) {
    this.shard = shard;
    this.store = store;
    this.cache = cache;
    this.format = format;
  }

  /// What it is a part for.
  public StreamPartition shard() {
    return shard;
  }

  /// The batch that begins at an offset, if there is one.
  ///
  /// @throws ObjectDiffersException where there is something else
  public Optional<Batch> batch(long from) throws IOException {
    Optional<byte[]> content = SmallObjects.find(store, batchKey(from));
    return content.isPresent() ? Optional.of(decode(content.get(), from)) : Optional.empty();
  }

  private Batch decode(byte[] content, long from) throws ObjectDiffersException {
    ObjectKey key = batchKey(from);
    try {
      Batch batch = BatchCodec.decode(content);
      if (!batch.shard().equals(shard) || batch.from() != from || batch.to() <= from) {
        throw new ObjectDiffersException(key + " is that of another batch", null);
      }
      return batch;
    } catch (SummedText.Corrupt e) {
      throw new ObjectDiffersException(key + " is damaged: " + e.getMessage(), e);
    }
  }

  /// Puts a batch whose files are there. From now on it is believed.
  ///
  /// @return what is there: the same batch, or that of somebody who was quicker
  public Batch put(Batch batch) throws IOException {
    Path scratch = cache.scratch("%s-%d".formatted(shard.stream(), shard.partition()));
    byte[] content = BatchCodec.encode(batch);
    byte[] there = SmallObjects.putFirst(store, batchKey(batch.from()), content, scratch);
    return decode(there, batch.from());
  }

  /// Puts a file of a batch that has not been put. Its sum is part of its key: what is there under
  /// it and differs is damaged, and replaced.
  public void put(ObjectKey key, Path file, FileSum sum) throws IOException {
    try {
      boolean _ = store.put(key, file, sum);
    } catch (ObjectDiffersException _) {
      store.delete(key);
      boolean _ = store.put(key, file, sum);
    }
  }

  /// Deletes what somebody has put for a batch that is there, and that is not its own: he did not
  /// come to the end, or was too late.
  ///
  /// @param put what has just been put for it
  public void deleteOthers(Batch batch, List<ArchivedFile> put) throws IOException {
    Set<String> own = new HashSet<>();
    batch.files().forEach(f -> own.add(f.key().text()));
    Set<String> hours = new TreeSet<>();
    put.forEach(f -> hours.add(f.key().text().substring(0, f.key().text().lastIndexOf('/') + 1)));
    for (String hour : hours) {
      String ofBatch = hour + "%05d-%020d-".formatted(shard.partition(), batch.from());
      List<ObjectKey> others = new ArrayList<>();
      store.list(ofBatch, "", found -> own.contains(found.key().text()) || others.add(found.key()));
      for (ObjectKey other : others) {
        store.delete(other);
      }
    }
  }

  /// Deletes a file that nobody reads any more.
  public void delete(ObjectKey key) throws IOException {
    store.delete(key);
  }

  /// Files to be read, through the cache.
  public ArchivedSegments select(List<ArchivedFile> files) {
    return new ArchivedSegments(cache, format, files);
  }

  /// Where the rows of an hour go.
  ///
  /// @param hour since 1970
  /// @param sum of the file
  public ObjectKey fileKey(long from, long to, long hour, FileSum sum) {
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(hour, HOURS_OF_DAY));
    return new ObjectKey(
        "stream=%s/date=%04d-%02d-%02d/hour=%02d/%05d-%020d-%020d-%08x%s"
            .formatted(
                shard.stream(),
                date.getYear(),
                date.getMonthValue(),
                date.getDayOfMonth(),
                Math.floorMod(hour, HOURS_OF_DAY),
                shard.partition(),
                from,
                to,
                sum.crc32c(),
                format.extension()));
  }

  private ObjectKey batchKey(long from) {
    return new ObjectKey(
        "%s/%s/%05d/%020d".formatted(INDEX, shard.stream(), shard.partition(), from));
  }
}
