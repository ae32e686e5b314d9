package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A client's events: mostly in order of time, some late, a few ahead of all that come after them
/// for a while, few keys of which one is hot, values from small sets so that groups have more than
/// one event.
public final class RandomEvents {
  /// Some moment, far in the past.
  static final long START = 1_600_000_000_000_000L;

  /// Some 36 years, in microseconds.
  private static final long JUMP = 1L << 50;

  private final SplittableRandom random;
  private final StreamSpec stream;
  private final int idsReused;
  private final BooleanSupplier clockJumps;
  private long nowMicros = START;
  private long logAheadMs;
  private long uid;

  /// An event that has not been sent yet.
  ///
  /// @param values see [ModelShard.Logged]
  public record Draft(@Nullable Object[] values, @Nullable String extra, byte[] value) {}

  /// @param idsReused how many ids there are; 0: no id is ever used for two events
  public RandomEvents(SplittableRandom random, StreamSpec stream, int idsReused) {
    this(random, stream, idsReused, () -> false);
  }

  /// @param clockJumps whether a clock jumps, ahead or back, before the next event
  RandomEvents(
      SplittableRandom random, StreamSpec stream, int idsReused, BooleanSupplier clockJumps) {
    this.clockJumps = clockJumps;
    this.random = random;
    this.stream = stream;
    this.idsReused = idsReused;
  }

  public long nowMicros() {
    return nowMicros;
  }

  /// The log's time, in milliseconds.
  long appendMs() {
    return nowMicros / 1000 + logAheadMs;
  }

  public Draft next() {
    if (clockJumps.getAsBoolean()) {
      long jump = random.nextLong(-JUMP, JUMP) >> random.nextInt(20);
      if (random.nextBoolean()) {
        nowMicros += jump;
      } else {
        logAheadMs = jump / 1000;
      }
    }
    nowMicros += random.nextLong(2_000_000);
    if (random.nextInt(100) == 0) {
      nowMicros += random.nextLong(120_000_000);
    }
    long late =
        random.nextInt(5) == 0
            ? random.nextLong(random.nextInt(4) == 0 ? 300_000_000 : 20_000_000)
            : 0;
    long early = random.nextInt(200) == 0 ? random.nextLong(120_000_000) : 0;
    EventType type = stream.type();
    @Nullable Object[] values = new @Nullable Object[type.size()];
    values[RandomDeclarations.UID] = ++uid;
    long time = (nowMicros - late + early) / 1000;
    values[RandomDeclarations.TIME] =
        type.field(RandomDeclarations.TIME).type() == FieldType.LONG ? time : time * 1000;
    values[RandomDeclarations.KEY] = key(random, type);
    values[RandomDeclarations.ID] = id(type);
    for (int f = RandomDeclarations.FIRST_FREE; f < values.length; f++) {
      values[f] = value(random, type.field(f));
    }
    String extra = random.nextInt(6) == 0 ? "{\"more\":" + random.nextInt(3) + "}" : null;
    return new Draft(values, extra, encode(type, values, extra));
  }

  static Object key(SplittableRandom random, EventType type) {
    long key = random.nextInt(3) > 0 ? 0 : random.nextInt(6);
    return type.field(RandomDeclarations.KEY).type() == FieldType.LONG
        ? (Object) (key * 1_000_003 - 7)
        : (key == 0 ? "" : "user " + key);
  }

  private Object id(EventType type) {
    long id = idsReused == 0 ? uid : random.nextInt(idsReused);
    return type.field(RandomDeclarations.ID).type() == FieldType.LONG ? (Object) id : "id" + id;
  }

  /// A value that a field may have.
  static @Nullable Object value(SplittableRandom random, Field field) {
    if (!field.required() && random.nextInt(4) == 0) {
      return null;
    }
    return switch (field.type()) {
      case BOOLEAN -> (long) random.nextInt(2);
      case LONG ->
          random.nextInt(20) == 0
              ? (random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE)
              : random.nextLong(-3, 4);
      case DOUBLE ->
          Double.doubleToRawLongBits(
              random.nextInt(20) == 0 ? -0.0 : random.nextInt(-16, 17) / 8.0);
      case STRING -> TEXTS[random.nextInt(TEXTS.length)];
      case TIMESTAMP -> START + random.nextInt(4) * 86_400_000_000L;
      case JSON -> JSONS[random.nextInt(JSONS.length)];
    };
  }

  private static final String[] TEXTS = {"", "a", "b", "Änderung", "\uD83C\uDF08 rainbow"};
  private static final String[] JSONS = {"1", "\"x\"", "[1,2]", "{\"deep\":{\"er\":null}}"};

  static byte[] encode(EventType type, @Nullable Object[] values, @Nullable String extra) {
    EventRow row = new EventRow(type);
    for (int f = 0; f < values.length; f++) {
      switch (values[f]) {
        case null -> row.setNull(f);
        case Long word -> row.setWord(f, word);
        case Object text -> row.setText(f, text.toString());
      }
    }
    if (extra != null) {
      byte[] text = ModelShard.utf8(extra);
      row.setExtra(text, 0, text.length);
    }
    return EventCodec.encodeValue(row, EventCodec.schemaId(type));
  }

  /// Something in the log that is no event of this stream.
  public static byte[] malformed(SplittableRandom random, byte[] value) {
    byte[] broken = value.clone();
    return switch (random.nextInt(4)) {
      case 0 -> new byte[random.nextInt(8)];
      case 1 -> java.util.Arrays.copyOf(value, random.nextInt(value.length));
      case 2 -> java.util.Arrays.copyOf(value, value.length + 1);
      default -> {
        // No header, or the id of a schema that is no stream's.
        broken[random.nextInt(2)] ^= 0x40;
        yield broken;
      }
    };
  }

  static ModelShard.Logged record(StreamSpec stream, long offset, long appendMs, Draft draft) {
    long time =
        stream.time() == StreamSpec.APPEND_TIME
            ? appendMs * 1000
            : stream.type().field(stream.time()).type() == FieldType.LONG
                ? (Long) java.util.Objects.requireNonNull(draft.values()[stream.time()]) * 1000
                : (Long) java.util.Objects.requireNonNull(draft.values()[stream.time()]);
    return new ModelShard.Logged(offset, time, draft.values(), draft.extra(), draft.value());
  }
}
