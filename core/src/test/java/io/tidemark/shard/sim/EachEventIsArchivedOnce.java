package io.tidemark.shard.sim;

import io.tidemark.archive.ArchiveAccess;
import io.tidemark.archive.MemoryObjectStore;
import io.tidemark.archive.ObjectKey;
import io.tidemark.shard.PlainFiles;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Invariant: whoever reads all files of the archive, and nothing else of it, finds each event once
/// that its batches say are there, as long as it is not too old, and no other ones: none that was
/// erased, neither.
final class EachEventIsArchivedOnce {
  private EachEventIsArchivedOnce() {}

  /// @param mayHaveBegun whether a shard has gone back, so that it may have put files of a batch
  ///   that it cannot tell the end of any more
  static void check(World world, int partition, boolean mayHaveBegun) throws IOException {
    MemoryObjectStore objects = world.archive.objects;
    long next = ArchiveAccess.next(objects, world.stream.name(), partition);
    Map<Long, Long> times = new TreeMap<>();
    List<ObjectKey> files = new ArrayList<>();
    objects.list("stream=" + world.stream.name() + "/", "", object -> files.add(object.key()));
    TableShape shape = TableShape.events(world.stream.type());
    String own = "/%05d-".formatted(partition);
    for (ObjectKey key : files) {
      if (key.text().contains(own)) {
        for (@Nullable Object[] row :
            PlainFiles.rows(key.text(), objects.getBytes(key)).in(shape).rows()) {
          long offset = (Long) Objects.requireNonNull(row[TableShape.OFFSET]);
          if (mayHaveBegun && offset >= next) {
            continue;
          }
          Long time = (Long) Objects.requireNonNull(row[TableShape.TIME]);
          require(
              times.put(offset, time) == null, "offset " + offset + " is twice, also in " + key);
          require(offset < next, "offset " + offset + " is in " + key + " of no batch");
        }
      }
    }
    ModelShard model = world.topic.model(partition);
    long notBefore = model.tableNotBefore(Missed.NONE, world.topic.log(partition).next());
    List<ModelShard.Logged> events = model.events(Missed.NONE, next);
    for (ModelShard.Logged event : events) {
      Long time = times.remove(event.offset());
      boolean isErased = model.isErased(event, model.next());
      require(time == null || !isErased, "offset " + event.offset() + " is erased, and there");
      require(
          time == null ? isErased || event.timeMicros() < notBefore : time == event.timeMicros(),
          "offset "
              + event.offset()
              + " has the time "
              + time
              + " instead of "
              + event.timeMicros());
    }
    require(times.isEmpty(), "offsets " + times.keySet() + " are of no events");
  }

  /// What nodes have fetched has nothing either that was erased.
  static void checkFetched(World world, int partition, List<byte[]> files) throws IOException {
    TableShape shape = TableShape.events(world.stream.type());
    ModelShard model = world.topic.model(partition);
    for (byte[] file : files) {
      for (@Nullable Object[] row : PlainFiles.rows("a file", file).in(shape).rows()) {
        long offset = (Long) Objects.requireNonNull(row[TableShape.OFFSET]);
        require(
            !model.isErased(model.record(offset), model.next()),
            "offset " + offset + " is erased, and was fetched");
      }
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new Broken(EachEventIsArchivedOnce.class, what);
    }
  }
}
