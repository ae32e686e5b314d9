package io.tidemark.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EventCodecTest {
  private static final EventType TYPE =
      new EventType(
          "all",
          List.of(
              new Field("b", FieldType.BOOLEAN, true),
              new Field("l", FieldType.LONG, true),
              new Field("d", FieldType.DOUBLE, false),
              new Field("s", FieldType.STRING, true),
              new Field("t", FieldType.TIMESTAMP, false),
              new Field("j", FieldType.JSON, false)));

  private static final int SCHEMA_ID = EventCodec.schemaId(TYPE);

  @Test
  void anEventIsTheBodyOfAnAvroRecordAfterConfluentsHeader() {
    EventType type =
        new EventType(
            "t",
            List.of(new Field("n", FieldType.LONG, true), new Field("s", FieldType.STRING, false)));
    EventRow row = new EventRow(type);
    row.setWord(0, -64);
    row.setText(1, "foo");
    assertThat(EventCodec.encodeValue(row, 0x01020304))
        .containsExactly(0, 1, 2, 3, 4, 0x7f, 2, 6, 'f', 'o', 'o', 0);
  }

  @Test
  void valuesAtTheEndsOfTheirRangesComeBack() {
    for (long word : new long[] {0, -1, 63, 64, -64, -65, Long.MIN_VALUE, Long.MAX_VALUE}) {
      EventRow row = new EventRow(TYPE);
      row.setWord(0, 1);
      row.setWord(1, word);
      row.setWord(2, word);
      row.setText(3, "");
      row.setWord(4, word);
      EventRow back = decoded(row);
      assertThat(back.word(0)).isEqualTo(1);
      assertThat(back.word(1)).isEqualTo(word);
      assertThat(back.word(2)).isEqualTo(word);
      assertThat(back.string(3)).isEmpty();
      assertThat(back.word(4)).isEqualTo(word);
      assertThat(back.isNull(5)).isTrue();
      assertThat(back.hasExtra()).isFalse();
    }
  }

  @Test
  void randomRowsComeBack() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 20_000; i++) {
      EventRow row = random(random);
      EventRow back = decoded(row);
      for (int f = 0; f < TYPE.size(); f++) {
        assertThat(back.isNull(f)).isEqualTo(row.isNull(f));
        if (!row.isNull(f) && TYPE.field(f).type().isText()) {
          assertThat(back.string(f)).isEqualTo(row.string(f));
        } else if (!row.isNull(f)) {
          assertThat(back.word(f)).isEqualTo(row.word(f));
        }
      }
      assertThat(back.hasExtra()).isEqualTo(row.hasExtra());
    }
  }

  @Test
  void aDecodedRowEncodesToTheSameBytes() {
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 5000; i++) {
      byte[] value = EventCodec.encodeValue(random(random), SCHEMA_ID);
      EventRow back = new EventRow(TYPE);
      EventCodec.decodeValue(value, back);
      assertThat(EventCodec.encodeValue(back, SCHEMA_ID)).isEqualTo(value);
    }
  }

  @Test
  void aRequiredFieldWithoutAValueCannotBeEncoded() {
    assertThatThrownBy(() -> EventCodec.encodeValue(new EventRow(TYPE), SCHEMA_ID))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("b");
  }

  @Test
  void everyTruncationIsMalformed() {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 200; i++) {
      byte[] value = EventCodec.encodeValue(random(random), SCHEMA_ID);
      for (int length = 0; length < value.length; length++) {
        byte[] cut = Arrays.copyOf(value, length);
        assertThatThrownBy(() -> EventCodec.decodeValue(cut, new EventRow(TYPE)))
            .isInstanceOf(EventCodec.Malformed.class);
      }
    }
  }

  @Test
  void anyBytesAreAnEventOrMalformedAndNothingElse() {
    SplittableRandom random = new SplittableRandom(10);
    EventRow row = new EventRow(TYPE);
    int events = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] value;
      if (random.nextBoolean()) {
        value = EventCodec.encodeValue(random(random), SCHEMA_ID);
        int flips = 1 + random.nextInt(3);
        for (int f = 0; f < flips; f++) {
          value[random.nextInt(value.length)] = (byte) random.nextInt(256);
        }
      } else {
        value = new byte[random.nextInt(40)];
        random.nextBytes(value);
      }
      try {
        EventCodec.decodeValue(value, row);
        events++;
        for (int f = 0; f < TYPE.size(); f++) {
          if (TYPE.field(f).type().isText() && !row.isNull(f)) {
            assertThat(row.textStart(f) + row.textLength(f)).isLessThanOrEqualTo(value.length);
          }
        }
      } catch (EventCodec.Malformed _) {
        // As it should be.
      }
    }
    assertThat(events).isPositive();
  }

  @Test
  void whatHasNoHeaderHasNoSchemaId() {
    assertThat(EventCodec.schemaIdOf(new byte[4])).isEqualTo(-1);
    assertThat(EventCodec.schemaIdOf(new byte[] {1, 0, 0, 0, 0})).isEqualTo(-1);
    assertThat(EventCodec.schemaIdOf(new byte[] {0, 0, 0, 1, 2})).isEqualTo(258);
  }

  @Test
  void typesThatDifferInAnythingHaveOtherSchemaIds() {
    EventType other = new EventType("all", TYPE.fields().subList(0, TYPE.size() - 1));
    assertThat(EventCodec.schemaId(other)).isNotEqualTo(SCHEMA_ID).isNotNegative();
  }

  private static EventRow decoded(EventRow row) {
    EventRow back = new EventRow(TYPE);
    EventCodec.decodeValue(EventCodec.encodeValue(row, SCHEMA_ID), back);
    return back;
  }

  private static EventRow random(SplittableRandom random) {
    EventRow row = new EventRow(TYPE);
    row.setWord(0, random.nextInt(2));
    row.setWord(1, random.nextLong() >> random.nextInt(64));
    row.setText(3, "é".repeat(random.nextInt(90)));
    if (random.nextBoolean()) {
      row.setDouble(2, random.nextDouble());
    }
    if (random.nextBoolean()) {
      row.setWord(4, random.nextLong() >> random.nextInt(64));
    }
    if (random.nextBoolean()) {
      row.setText(5, "[" + random.nextInt() + "]");
    }
    if (random.nextBoolean()) {
      byte[] extra = "{\"x\":1}".getBytes(StandardCharsets.UTF_8);
      row.setExtra(extra, 0, extra.length);
    }
    return row;
  }
}
