package io.tidemark.query;

import static io.tidemark.query.Forms.MARK;
import static io.tidemark.query.Forms.QUERIES;
import static io.tidemark.query.Forms.groups;
import static io.tidemark.query.Forms.input;
import static io.tidemark.query.Forms.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Binary forms that somebody has tampered with are read as what they say, which can be written and
/// read again, or refused with the exception that is for it; never with another one, and never with
/// memory for what is only announced.
///
/// `-Dbytes=` says how many of each form, `-Dseed=` which.
final class HostileBytesTest {
  private static final int CASES = Integer.getInteger("bytes", 100_000);

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("at", FieldType.TIMESTAMP, true),
              new Field("name", FieldType.STRING, true),
              new Field("n", FieldType.LONG, false),
              new Field("x", FieldType.DOUBLE, false),
              new Field("on", FieldType.BOOLEAN, false),
              new Field("any", FieldType.JSON, false)));

  private final long seed = Long.getLong("seed", 1);
  private final Random random = new Random(seed);

  /// Reads bytes and writes what they say.
  private interface Form {
    byte[] again(byte[] bytes) throws IOException;
  }

  @Test
  void events() {
    EventRow row = new EventRow(TYPE);
    row.setWord(0, 1_647_951_300_001_000L);
    row.setText(1, "käy");
    row.setWord(2, -5);
    row.setDouble(3, 2.5);
    row.setWord(4, 1);
    row.setText(5, "[1,2]");
    byte[] full = EventCodec.encodeValue(row, 7);
    row.clear();
    row.setWord(0, 0);
    row.setText(1, "");
    byte[] least = EventCodec.encodeValue(row, 7);
    tamper(
        List.of(full, least),
        bytes -> {
          EventRow read = new EventRow(TYPE);
          EventCodec.decodeValue(bytes, read);
          return EventCodec.encodeValue(read, 7);
        });
  }

  @Test
  void questions() throws IOException {
    List<byte[]> sound = new ArrayList<>();
    for (ShardQuery query : QUERIES) {
      sound.add(written(query));
    }
    tamper(sound, bytes -> written(QueryCodec.read(input(bytes))));
  }

  @Test
  void answers() throws IOException {
    StoredEvent event = new StoredEvent(1, 2, -3, "value".getBytes(StandardCharsets.UTF_8));
    byte[] rollup = written(new Partial.OfRollup(MARK, 8, groups()));
    ByteArrayOutputStream full = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(full);
    // Its head as it is, then two groups by hand.
    out.write(rollup, 0, rollup.length - 4);
    out.writeInt(2);
    for (String name : List.of("a", "b")) {
      out.writeLong(60_000_000);
      out.writeLong(0);
      out.writeInt(1);
      out.writeBytes(name);
      for (int word = 0; word < 2; word++) {
        out.writeBoolean(true);
        out.writeLong(word);
      }
    }
    tamper(
        List.of(
            written(new Partial.OfEvents(MARK, 7, List.of(event, event))),
            written(new Partial.OfTimeline(MARK, Map.of(1, List.of(event)))),
            rollup,
            full.toByteArray()),
        bytes -> written(PartialCodec.read(input(bytes), Forms::groups)));
  }

  @Test
  void marks() {
    tamper(
        List.of(
            "user_tags/0:17,user_tags/3:4".getBytes(StandardCharsets.UTF_8),
            " a/2147483647:9223372036854775807 , b/0:0".getBytes(StandardCharsets.UTF_8)),
        bytes ->
            Mark.parse(new String(bytes, StandardCharsets.UTF_8))
                .toString()
                .getBytes(StandardCharsets.UTF_8));
  }

  private void tamper(List<byte[]> sound, Form form) {
    int read = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] bytes =
          random.nextInt(20) == 0 ? noise() : changed(sound.get(random.nextInt(sound.size())));
      try {
        byte[] again = form.again(bytes);
        assertThat(form.again(again)).isEqualTo(again);
        read++;
      } catch (IOException | IllegalArgumentException | EventCodec.Malformed _) {
        // As it should be.
      } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(
            "-Dseed=%d, case %d: %s".formatted(seed, i, HexFormat.of().formatHex(bytes)), e);
      }
    }
    System.out.printf("HostileBytesTest -Dseed=%d: %d of %d could be read%n", seed, read, CASES);
    assertThat(read).isBetween(CASES / 20, CASES * 19 / 20);
  }

  private byte[] changed(byte[] sound) {
    byte[] bytes = sound.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = random.nextBoolean() ? (byte) 0x7f : (byte) 0x80;
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(4));
        default ->
            // A number as large as it gets.
            Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0x7f);
      }
    }
    return bytes;
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(60)];
    random.nextBytes(noise);
    return noise;
  }
}
