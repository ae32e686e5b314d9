package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One partition of a stream's log, and the clients that append to it: they send some events twice
/// since an acknowledgement was lost, and now and then somebody appends what is no event.
public final class SimLog {
  private record Entry(long appendMs, byte[] value) {}

  private final SplittableRandom random;
  private final StreamSpec stream;
  private final RandomEvents events;
  private final ModelShard model;
  private final List<Entry> entries = new ArrayList<>();

  public SimLog(SplittableRandom random, StreamSpec stream, RandomEvents events, ModelShard model) {
    this.random = random;
    this.stream = stream;
    this.events = events;
    this.model = model;
  }

  /// Appends events, and their records to the model.
  public void append(int count) {
    for (int i = 0; i < count; i++) {
      RandomEvents.Draft draft = events.next();
      if (random.nextInt(30) == 0) {
        append(RandomEvents.malformed(random, draft.value()), null);
        continue;
      }
      int copies = random.nextInt(8) == 0 ? 2 + random.nextInt(2) : 1;
      for (int c = 0; c < copies; c++) {
        append(draft);
      }
    }
  }

  public void append(RandomEvents.Draft draft) {
    append(draft.value(), draft);
  }

  private void append(byte[] value, RandomEvents.@Nullable Draft draft) {
    long offset = entries.size();
    long appendMs = events.nowMicros() / 1000;
    entries.add(new Entry(appendMs, value));
    model.append(draft == null ? null : RandomEvents.record(stream, offset, appendMs, draft));
  }

  /// The offset of the next record to be appended.
  public long next() {
    return entries.size();
  }

  public long appendMs(long offset) {
    return entries.get((int) offset).appendMs();
  }

  public byte[] value(long offset) {
    return entries.get((int) offset).value();
  }

  /// The clients' time.
  public long nowMicros() {
    return events.nowMicros();
  }
}
