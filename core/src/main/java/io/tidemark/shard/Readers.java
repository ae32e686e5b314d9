package io.tidemark.shard;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Who may still be reading the files of a shard's past states: the readers of a state hold its
/// lock shared.
final class Readers {
  /// Those of states that are older than the one before the present one, as far as there may be any
  /// left. Nothing that a younger state names is ever removed, so only these are in the way.
  private final Deque<ReentrantReadWriteLock> slow = new ConcurrentLinkedDeque<>();

  /// Those of the state before the present one.
  private volatile @Nullable ReentrantReadWriteLock before;

  /// Those that do not end by themselves for a long time.
  private final Set<LongReader> patient = ConcurrentHashMap.newKeySet();

  private volatile boolean closing;

  /// Somebody begins to read for long; to be followed by [#left].
  void came(LongReader reader) {
    patient.add(reader);
    if (closing) {
      reader.cut();
    }
  }

  void left(LongReader reader) {
    patient.remove(reader);
  }

  /// A state has been replaced.
  void replaced(ReentrantReadWriteLock readers) {
    ReentrantReadWriteLock older = before;
    if (older != null) {
      slow.add(older);
    }
    before = readers;
  }

  /// Whether nobody reads a state any more that is older than the one before the present one: then
  /// what neither of the two needs can be removed. Queries may come and go meanwhile.
  boolean areQuick() {
    slow.removeIf(
        readers -> {
          boolean free = readers.writeLock().tryLock();
          if (free) {
            readers.writeLock().unlock();
          }
          return free;
        });
    return slow.isEmpty();
  }

  /// Waits for all there are, cutting those short that read for long, and does something that
  /// whoever comes from now on sees.
  ///
  /// @param present those of the present state
  void shutOut(ReentrantReadWriteLock present, Runnable action) {
    List<ReentrantReadWriteLock> all = new ArrayList<>(slow);
    ReentrantReadWriteLock older = before;
    if (older != null) {
      all.add(older);
    }
    all.add(present);
    closing = true;
    patient.forEach(LongReader::cut);
    for (ReentrantReadWriteLock readers : all) {
      readers.writeLock().lock();
      try {
        action.run();
      } finally {
        readers.writeLock().unlock();
      }
    }
  }
}
