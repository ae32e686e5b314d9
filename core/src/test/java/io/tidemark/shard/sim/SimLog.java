package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import io.tidemark.shard.ShardLog;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One partition of a stream's log.
public final class SimLog {
  private static final byte[] NO_VALUE = {};

  /// @param erased the key that is to be gone, of a record without a value
  private record Entry(long appendMs, byte[] value, byte @Nullable [] erased) {}

  private final StreamSpec stream;
  private final RandomEvents events;
  private final ModelShard model;
  private final List<Entry> entries = new ArrayList<>();
  private long start;
  private long synced;

  /// @param model gets what is appended
  public SimLog(StreamSpec stream, RandomEvents events, ModelShard model) {
    this.stream = stream;
    this.events = events;
    this.model = model;
  }

  public void append(RandomEvents.Draft draft) {
    append(draft.value(), draft);
  }

  void appendMalformed(byte[] value) {
    append(value, null);
  }

  void appendErasure(String key) {
    entries.add(new Entry(events.appendMs(), NO_VALUE, ModelShard.utf8(key)));
    model.erase(key);
  }

  private void append(byte[] value, RandomEvents.@Nullable Draft draft) {
    long offset = entries.size();
    long appendMs = events.appendMs();
    entries.add(new Entry(appendMs, value, null));
    model.append(draft == null ? null : RandomEvents.record(stream, offset, appendMs, draft));
  }

  /// The offset of the first record that it still has.
  public long start() {
    return start;
  }

  public void trim(long to) {
    start = Math.max(start, to);
  }

  /// Loses all records from an offset on; what comes next takes their offsets.
  public void cut(long next) {
    entries.subList((int) next, entries.size()).clear();
    model.cut(next);
  }

  /// What it has so far survives a failure of the power.
  void sync() {
    synced = next();
  }

  /// The power has failed.
  void losePower(RandomGenerator random) {
    cut(random.nextLong(Math.max(start, synced), next() + 1));
  }

  /// What a shard sees of it.
  public ShardLog shardLog() {
    return new ShardLog() {
      @Override
      public String id() {
        return "the log";
      }

      @Override
      public long start() {
        return start;
      }

      @Override
      public OptionalLong fingerprint(long offset) {
        return offset < next()
            ? OptionalLong.of(ShardLog.fingerprint(appendMs(offset), value(offset)))
            : OptionalLong.empty();
      }
    };
  }

  /// The offset of the next record to be appended.
  public long next() {
    return entries.size();
  }

  public long appendMs(long offset) {
    return entry(offset).appendMs();
  }

  public byte[] value(long offset) {
    return entry(offset).value();
  }

  /// The key that is to be gone; null where the record is none that says so.
  byte @Nullable [] erased(long offset) {
    return entry(offset).erased();
  }

  private Entry entry(long offset) {
    if (offset < start) {
      throw new IllegalArgumentException(offset + " has been forgotten");
    }
    return entries.get((int) offset);
  }
}
