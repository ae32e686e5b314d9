package io.tidemark.server.streams;

import io.tidemark.event.UnreadableSchemaException;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.DamagedException;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A shard on this node, and what about it depends on time and threads: when what was applied
/// becomes visible, when a checkpoint begins, when applying must wait.
///
/// Whoever holds the lock is the shard's applying thread.
final class HostedShard {
  private static final Logger log = LoggerFactory.getLogger(HostedShard.class);

  /// What readers are behind at most while records pour in.
  private static final int MAX_PENDING = 4096;

  /// After how many records room in memory is looked at, and others get the lock; the overshoot is
  /// that many records.
  private static final int CHECK_EVERY = 256;

  /// A record without a value is not an event; the shard counts it as malformed.
  private static final byte[] NO_VALUE = {};

  /// What becomes of a shard whose files are damaged.
  static final String MENDING = "; it is opened again, to mend itself from the log";

  private final Shard shard;
  private final HostContext context;
  private final Progress progress;
  private final TailUse tail;
  private final ReentrantLock lock = new ReentrantLock();

  private final ShardTrouble trouble = new ShardTrouble();
  private final Room room;
  private volatile Role role = Role.RESTORING;

  /// Applied and not yet visible.
  private volatile int pending;

  private long lastAppendMs;
  private long tailSinceMs;
  private @Nullable Checkpoint running;
  private boolean stopped;
  private boolean closing;

  HostedShard(Shard shard, HostContext context) {
    this.shard = shard;
    this.context = context;
    this.progress = new Progress(shard);
    this.tail = new TailUse(context.budget());
    this.room = new Room(shard, context, trouble, lock);
  }

  Shard shard() {
    return shard;
  }

  StreamPartition id() {
    return shard.id();
  }

  Progress progress() {
    return progress;
  }

  ShardTrouble trouble() {
    return trouble;
  }

  Role role() {
    return role;
  }

  /// Takes a new role. Whoever becomes active after having been a copy must see the log's end again
  /// before it answers.
  void take(Role newRole) {
    lock.lock();
    try {
      Role old = role;
      if (old == newRole) {
        return;
      }
      role = newRole;
      if (old == Role.STANDBY) {
        progress.rearm();
      }
      log.info("shard {}: {} -> {} at offset {}", id(), old, newRole, shard.next());
    } finally {
      lock.unlock();
    }
    context.lookSoon();
  }

  /// The next offset to apply.
  long next() {
    lock.lock();
    try {
      return shard.next();
    } finally {
      lock.unlock();
    }
  }

  /// When the log took a record, as shards know it.
  static long appendMs(ConsumerRecord<?, ?> record) {
    return Math.max(0, record.timestamp());
  }

  /// A record's value, as shards know it.
  static byte[] value(ConsumerRecord<?, byte[]> record) {
    byte[] value = record.value();
    return value == null ? NO_VALUE : value;
  }

  /// Applies those records that are not known yet. Blocks while there is no room in memory.
  void apply(List<ConsumerRecord<byte[], byte[]>> records) {
    for (int first = 0; first < records.size(); first += CHECK_EVERY) {
      lock.lock();
      try {
        apply(records, first, Math.min(records.size(), first + CHECK_EVERY));
      } finally {
        lock.unlock();
      }
    }
  }

  private void apply(List<ConsumerRecord<byte[], byte[]>> records, int first, int end) {
    int applied = pending;
    try {
      if (room.isFull()) {
        publishOnly();
        room.await();
        beginIfDue();
        applied = pending;
      }
      for (int i = first; i < end; i++) {
        ConsumerRecord<byte[], byte[]> record = records.get(i);
        if (stopped || closing || record.offset() < shard.next() || progress.isLost()) {
          continue;
        }
        if (tail.isEmpty()) {
          tailSinceMs = firstOfTail(record);
        }
        byte[] value = value(record);
        if (record.value() == null && shard.erasing().isErasure(record.key(), value)) {
          pending = applied;
          boolean erased = erase(record);
          applied = pending;
          if (!erased) {
            continue;
          }
        } else {
          shard.apply(record.offset(), appendMs(record), value);
          tail.apply(value.length);
        }
        lastAppendMs = record.timestamp();
        applied++;
      }
    } catch (UnreadableSchemaException e) {
      // Nothing helps but another app: the shard answers with what it has, and goes on from there
      // at the next start.
      stopped = true;
      trouble.unreadable(shard.next(), String.valueOf(e.getMessage()));
      log.error("shard {} stops at offset {}: {}", id(), shard.next(), e.getMessage());
    } catch (RuntimeException e) {
      DamagedException.in(e)
          .ifPresentOrElse(this::damaged, () -> trouble.applying(shard.next(), e));
      throw e;
    } finally {
      pending = applied;
    }
    if (applied >= MAX_PENDING) {
      publish();
    }
  }

  /// Applies an erasure, once everything before it is in files.
  ///
  /// @return whether that was to be had: not where the shard is closed meanwhile
  private boolean erase(ConsumerRecord<byte[], byte[]> record) {
    publishOnly();
    if (!shard.mayErase()) {
      room.await(
          () -> {
            begin();
            return !shard.mayErase() && !progress.isLost();
          });
    }
    if (stopped || closing || progress.isLost()) {
      return false;
    }
    shard.erase(record.offset(), appendMs(record), record.key());
    return true;
  }

  /// Since when a tail that begins with this record shall count. What was in memory when a node was
  /// killed counts from before, or one that is killed again and again would have more to read each
  /// time.
  private long firstOfTail(ConsumerRecord<byte[], byte[]> record) {
    long now = context.clock().millis();
    return progress.hasCaughtUp() ? now : Math.min(now, appendMs(record));
  }

  /// Its files are not what it wrote, or its log is not what it applied: from now on it neither
  /// answers nor applies, until it has been opened again.
  void damaged(String what) {
    if (progress.lose(what + MENDING)) {
      log.error("{}{}", what, MENDING);
      context.metrics().damaged(id());
    }
  }

  /// Makes what was applied visible, and begins a checkpoint where one is due.
  void publish() {
    lock.lock();
    try {
      publishOnly();
      beginIfDue();
    } finally {
      lock.unlock();
    }
  }

  /// [#tick], if anything is pending.
  void publishIfIdle() {
    if (pending > 0) {
      tick();
    }
  }

  /// Does what time has made due, unless somebody is applying just now.
  void tick() {
    if (lock.tryLock()) {
      try {
        publish();
      } finally {
        lock.unlock();
      }
    }
  }

  private void publishOnly() {
    int records = pending;
    if (records == 0 || closing) {
      return;
    }
    shard.publish();
    pending = 0;
    tail.publish();
    progress.advance();
    if (role == Role.ACTIVE && progress.hasCaughtUp()) {
      context.metrics().published(id(), records, context.clock().millis() - lastAppendMs);
    }
  }

  private void beginIfDue() {
    // While old records are read again, each new tail would be due at its first record.
    boolean ages = !tail.isEmpty() && progress.hasCaughtUp();
    long ageMs = ages ? context.clock().millis() - tailSinceMs : 0;
    if (!closing && shard.wantsCheckpoint(ageMs)) {
      begin();
    }
  }

  /// Begins a checkpoint of all there is, unless one is under way or there is nothing to write.
  void begin() {
    lock.lock();
    try {
      // What a lost shard knows must not become a checkpoint, nor let go of the log.
      if (closing || running != null || progress.isLost()) {
        return;
      }
      publishOnly();
      if (shard.visibleNext() <= shard.sealedNext() && !shard.wantsMerged()) {
        return;
      }
      Checkpoint checkpoint = shard.beginCheckpoint();
      running = checkpoint;
      tail.freeze();
      context.checkpoints().submit(this, checkpoint);
    } finally {
      lock.unlock();
    }
  }

  /// Begins some work in the background; nothing where none is to be done, or the shard must not
  /// write any more.
  <T> Optional<T> begin(Function<Shard, Optional<T>> work) {
    lock.lock();
    try {
      return closing || progress.isLost() ? Optional.empty() : work.apply(shard);
    } finally {
      lock.unlock();
    }
  }

  /// Forces the log to the disk as far as it has been applied.
  void forceLog() throws IOException {
    context.options().log().force(id());
  }

  /// The running checkpoint has succeeded: there is room.
  void checkpointed() {
    lock.lock();
    try {
      running = null;
      tail.seal();
      room.changed();
    } finally {
      lock.unlock();
    }
    trouble.checkpointed();
  }

  /// How much memory a checkpoint would free.
  long tailBytes() {
    return tail.active();
  }

  /// Applies nothing more, and lets go of who waits to do so: the node ends, and what comes now is
  /// read from the log again.
  void stop() {
    lock.lock();
    try {
      stopped = true;
      room.close();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the checkpoint that is being written, cuts what is done in the background short,
  /// then closes the shard; what is in its tail is read from the log again.
  void close() throws IOException {
    lock.lock();
    try {
      if (closing) {
        return;
      }
      publishOnly();
      closing = true;
      room.close();
    } finally {
      lock.unlock();
    }
    progress.close();
    context.background().forEach(b -> b.settle(this));
    context.checkpoints().settle(this);
    lock.lock();
    try {
      tail.clear();
    } finally {
      lock.unlock();
    }
    shard.close();
  }
}
