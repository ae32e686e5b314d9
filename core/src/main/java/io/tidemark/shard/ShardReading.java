package io.tidemark.shard;

import io.tidemark.archive.ObjectMissingException;
import io.tidemark.sorted.CorruptStoreException;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Reading a shard's files, none of which goes away meanwhile: those here, since a checkpoint waits
/// for readers; those in the archive, where others may have erased something, since who misses one
/// finds out what has taken its place, and begins again.
record ShardReading(Shard shard) {
  /// Something that reads the files of a state; perhaps of a later one once more.
  interface Query<T> {
    T read(ShardState now) throws IOException;
  }

  <T> T of(Query<T> query) throws IOException {
    while (true) {
      ReentrantReadWriteLock held = shard.state().readers();
      @Nullable ShardState now = null;
      held.readLock().lock();
      try {
        if (shard.isClosed()) {
          throw new ShardClosedException(shard.id());
        }
        now = current();
        if (now.readers().equals(held)) {
          return query.read(now);
        }
        // A checkpoint came between: what is its, too, must be held.
      } catch (CorruptStoreException e) {
        throw new DamagedException(shard.id(), e);
      } catch (ObjectMissingException e) {
        if (now == null || !hasChanged(now)) {
          throw e;
        }
      } finally {
        held.readLock().unlock();
      }
    }
  }

  private ShardState current() {
    ShardState now = shard.state();
    return shard.archive().map(a -> a.current(now)).orElse(now);
  }

  /// Whether the archive has other files than somebody has looked for.
  private boolean hasChanged(ShardState seen) throws IOException {
    if (shard.archive().isEmpty()) {
      return false;
    }
    shard.archive().get().refresh();
    return !current().manifest().archived().files().equals(seen.manifest().archived().files());
  }
}
