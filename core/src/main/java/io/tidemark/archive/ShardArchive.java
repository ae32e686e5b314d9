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
/// stream=STREAM/date=YYYY-MM-DD/hour=HH/PARTITION-FROM-TO-NUMBER-CRC32C.EXT        the same, without what was erased
/// _tidemark/STREAM/PARTITION/FROM                                 a batch, put when its files are there
/// _tidemark/STREAM/PARTITION/erased/NUMBER                        which files have taken the place of which
/// ```
///
/// What begins with `_` is not seen by those who read the folders as a partitioned table (Hive's
/// rule, which Spark, DuckDB and Trino keep). A batch is put once under the offset where it begins:
/// of two who archive the same shard, one is too late and goes on from what the other one has put.
/// So are [ErasedFiles] under their numbers. Once there is something under FROM, or under NUMBER,
/// files of this FROM, or NUMBER, that it does not name are nobody's, and never will be.
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
  /// @param batch with the files that it has now
  /// @param put what has just been put for it
  public void deleteOthers(Batch batch, List<ArchivedFile> put) throws IOException {
    Set<String> own = new HashSet<>();
    batch.files().forEach(f -> own.add(f.key().text()));
    Set<String> hours = new TreeSet<>();
    put.forEach(f -> hours.add(f.key().text().substring(0, f.key().text().lastIndexOf('/') + 1)));
    for (String hour : hours) {
      String ofBatch = hour + "%05d-%020d-".formatted(shard.partition(), batch.from());
      List<ObjectKey> others = new ArrayList<>();
      store.list(
          ofBatch,
          "",
          found -> {
            // Files that were written again belong to who has written them.
            boolean isOthers =
                !own.contains(found.key().text())
                    && FileTag.of(found.key()).filter(t -> t.number() < 0).isPresent();
            return !isOthers || others.add(found.key());
          });
      for (ObjectKey other : others) {
        store.delete(other);
      }
    }
  }

  /// Deletes what nobody has named and nobody will: what was put by who did not come to the end, or
  /// once more by who did not know that it had gone.
  ///
  /// @param next all batches below this offset are known
  /// @param erased so are all erased files below this number
  /// @param named the files that they come to
  /// @return how many that were
  public int sweep(long next, long erased, Set<ObjectKey> named) throws IOException {
    List<ObjectKey> nobodys = new ArrayList<>();
    store.list(
        "stream=" + shard.stream() + "/",
        "",
        found -> {
          boolean isNobodys =
              !named.contains(found.key())
                  && FileTag.of(found.key())
                      .filter(t -> t.partition() == shard.partition())
                      .filter(t -> t.number() < 0 ? t.from() < next : t.number() < erased)
                      .isPresent();
          return !isNobodys || nobodys.add(found.key());
        });
    for (ObjectKey key : nobodys) {
      cache.forget(key);
      store.delete(key);
    }
    return nobodys.size();
  }

  /// All that has been put about erased files from a number on, in their order.
  public List<ErasedFiles> erasedFrom(long number) throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    String after = number == 0 ? "" : erasedKey(number - 1).text();
    store.list(erasedFolder(), after, found -> keys.add(found.key()));
    List<ErasedFiles> all = new ArrayList<>();
    for (ObjectKey key : keys) {
      Optional<byte[]> content = SmallObjects.find(store, key);
      if (content.isPresent()) {
        all.add(decode(content.get(), key));
      }
    }
    return all;
  }

  private ErasedFiles decode(byte[] content, ObjectKey key) throws ObjectDiffersException {
    try {
      ErasedFiles erased = ErasedFilesCodec.decode(content);
      if (!erased.shard().equals(shard) || !erasedKey(erased.number()).equals(key)) {
        throw new ObjectDiffersException(key + " is that of another shard, or number", null);
      }
      return erased;
    } catch (SummedText.Corrupt e) {
      throw new ObjectDiffersException(key + " is damaged: " + e.getMessage(), e);
    }
  }

  /// Says which files have taken the place of which, those being there. From now on it is believed.
  ///
  /// @return what is there: the same, or that of somebody who was quicker
  public ErasedFiles put(ErasedFiles erased) throws IOException {
    ObjectKey key = erasedKey(erased.number());
    Path scratch = cache.scratch(scratchName("erased"));
    byte[] there = SmallObjects.putFirst(store, key, ErasedFilesCodec.encode(erased), scratch);
    return decode(there, key);
  }

  /// Deletes what has been put about erased files, where all that it is about has gone. The last
  /// one stays, so that numbers are never used again.
  ///
  /// @param before nothing is left of batches below this offset
  public void forgetErased(long before) throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    store.list(erasedFolder(), "", found -> keys.add(found.key()));
    for (ObjectKey key : keys.subList(0, Math.max(0, keys.size() - 1))) {
      Optional<byte[]> content = SmallObjects.find(store, key);
      if (content.isPresent() && decode(content.get(), key).to() > before) {
        return;
      }
      store.delete(key);
    }
  }

  /// Fetches a file to look at it; one of a shard at a time. A name here is that of one content:
  /// readers may remember what they know of it by when it was written, in whole seconds.
  public FetchedFile fetch(ArchivedFile file) throws IOException {
    String name = file.key().text().substring(file.key().text().lastIndexOf('/') + 1);
    Path here = cache.scratch(scratchName("erasing-" + name));
    FetchedFile fetched = new FetchedFile(format, here, cache.scratch(scratchName("without")));
    try {
      store.get(file.key(), here, file.sum());
      return fetched;
    } catch (IOException e) {
      fetched.close();
      throw e;
    }
  }

  /// Puts what was written in the place of a file.
  public void put(ObjectKey key, FetchedFile file, FileSum sum) throws IOException {
    put(key, file.written(), sum);
  }

  private String scratchName(String what) {
    return "%s-%d-%s".formatted(shard.stream(), shard.partition(), what);
  }

  /// Has a file, which has what is to be gone, removed from where files are that are read.
  public void forget(ObjectKey key) {
    cache.forget(key);
  }

  /// Has all but some files of the shard removed from there.
  public void forgetAllBut(Set<ObjectKey> some) {
    String own = "stream=" + shard.stream() + "/";
    cache.removeAll(
        key ->
            key.text().startsWith(own)
                && !some.contains(key)
                && FileTag.of(key).filter(t -> t.partition() == shard.partition()).isPresent());
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

  /// Where a file goes that takes the place of another one.
  ///
  /// @param number under which that will be said
  public ObjectKey rewrittenKey(ObjectKey file, long number, FileSum sum) {
    String text = file.text();
    FileTag tag = FileTag.of(file).orElseThrow();
    return new ObjectKey(
        "%s%05d-%020d-%020d-%020d-%08x%s"
            .formatted(
                text.substring(0, text.lastIndexOf('/') + 1),
                tag.partition(),
                tag.from(),
                tag.to(),
                number,
                sum.crc32c(),
                format.extension()));
  }

  private String erasedFolder() {
    return "%s/%s/%05d/erased/".formatted(INDEX, shard.stream(), shard.partition());
  }

  private ObjectKey erasedKey(long number) {
    return new ObjectKey(erasedFolder() + "%020d".formatted(number));
  }

  private ObjectKey batchKey(long from) {
    return new ObjectKey(
        "%s/%s/%05d/%020d".formatted(INDEX, shard.stream(), shard.partition(), from));
  }
}
