package io.tidemark.shard;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The log of one shard, as a list of records that were all taken at the same moment.
public final class ListLog implements ShardLog {
  private static final long APPEND_MS = 0;

  private static final byte[] NO_VALUE = {};

  private final List<byte[]> values = new ArrayList<>();
  private final Map<Long, byte[]> erased = new HashMap<>();
  private long start;

  @Override
  public String id() {
    return "log";
  }

  @Override
  public long start() {
    return start;
  }

  @Override
  public OptionalLong fingerprint(long offset) {
    return offset < size()
        ? OptionalLong.of(ShardLog.fingerprint(APPEND_MS, value(offset)))
        : OptionalLong.empty();
  }

  /// Where the next record will be.
  long size() {
    return values.size();
  }

  byte[] value(long offset) {
    return values.get((int) offset);
  }

  public void append(EventRow event) {
    append(encoded(event));
  }

  void append(byte[] value) {
    values.add(value);
  }

  /// Asks for a key to be erased.
  void erase(byte[] key) {
    erased.put(size(), key);
    values.add(NO_VALUE);
  }

  /// Puts another record in the place of one.
  void replace(long offset, EventRow event) {
    values.set((int) offset, encoded(event));
  }

  private static byte[] encoded(EventRow event) {
    return EventCodec.encodeValue(event, EventCodec.schemaId(event.type()));
  }

  /// Forgets what is below an offset.
  void trim(long offset) {
    start = offset;
  }

  /// Applies what a shard has not applied yet; readers see it once that is published.
  public void applyTo(Shard shard) {
    if (!appliesTo(shard)) {
      throw new IllegalStateException("an erasure waits for a checkpoint");
    }
  }

  /// The same, up to an erasure that waits for a checkpoint.
  ///
  /// @return whether there is none
  boolean appliesTo(Shard shard) {
    for (long at = Math.max(start, shard.next()); at < size(); at++) {
      byte[] key = erased.get(at);
      if (key != null && at >= shard.next() && !shard.mayErase()) {
        return false;
      }
      if (key != null) {
        shard.erase(at, APPEND_MS, key);
      } else {
        shard.apply(at, APPEND_MS, value(at));
      }
    }
    return true;
  }
}
