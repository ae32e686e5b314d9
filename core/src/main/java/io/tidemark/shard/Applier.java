package io.tidemark.shard;

import io.tidemark.event.EventDecoder;
import io.tidemark.event.EventRow;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Tail;
import org.jspecify.annotations.Nullable;

/// Makes rows of a partition's records: what a shard's applying thread knows beyond what readers
/// see.
final class Applier {
  private static final byte[] NO_VALUE = {};

  private final ShardSpec spec;
  private final ShardViews views;
  private final @Nullable IdMemory ids;
  private final EventDecoder decoder;
  private final RowBatch batch;
  private final Tally tally;
  private LogPrefix prefix;
  private byte[] lastValue = NO_VALUE;
  private long lastAppendMs;
  private long next;
  private long streamTime;

  /// @param from where it goes on
  Applier(ShardSpec spec, ShardViews views, @Nullable IdMemory ids, LogPoint from) {
    this.spec = spec;
    this.views = views;
    this.ids = ids;
    this.decoder = spec.decoder();
    this.batch = new RowBatch(spec.stream().type(), RowBatch.SIZE);
    this.tally = new Tally(from.counts());
    this.prefix = from.prefix();
    this.next = from.offset();
    this.streamTime = from.streamTime();
  }

  /// The next offset to apply.
  long next() {
    return next;
  }

  /// The greatest event time below it.
  long streamTime() {
    return streamTime;
  }

  Counts counts() {
    return tally.counts();
  }

  /// Applies a record that has not been applied yet. Where this throws, it has not been.
  void apply(long offset, long appendMs, byte[] value) {
    EventRow row = batch.next();
    if (decoder.decode(value, row)) {
      long time = spec.stream().timeMicros(row, appendMs);
      long timeNow = Math.max(streamTime, time);
      boolean repeated = ids != null && ids.isRepeated(row, offset, timeNow);
      // Nothing may fail from here on: state and position move together.
      streamTime = timeNow;
      if (repeated) {
        tally.duplicates++;
      } else {
        tally.events++;
        tally.late += time < views.tableNotBefore(timeNow) ? 1 : 0;
        batch.add(offset, time);
      }
    } else {
      tally.malformed++;
    }
    passed(offset, appendMs, value);
  }

  /// The record at an offset, which has not been applied yet, is not an event.
  void pass(long offset, long appendMs) {
    passed(offset, appendMs, NO_VALUE);
  }

  private void passed(long offset, long appendMs, byte[] value) {
    tally.gap += offset - next;
    tally.bytes += value.length;
    next = offset + 1;
    lastValue = value;
    lastAppendMs = appendMs;
  }

  /// Whether there are as many rows as are to be appended at once.
  boolean isFull() {
    return batch.isFull();
  }

  boolean isEmpty() {
    return batch.count() == 0;
  }

  /// Gives a tail the rows that it does not have yet.
  void appendTo(Tail tail) {
    tail.append(batch);
    batch.clear();
  }

  /// Where it is.
  ///
  /// @param published what has become of the records below it
  LogPoint position(Counts published) {
    prefix = prefix.to(next, lastAppendMs, lastValue);
    return new LogPoint(prefix, streamTime, published);
  }
}
