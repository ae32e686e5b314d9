package io.tidemark.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Records of all versions of a schema as rows of one.
final class EventDecoderTest {
  private static final EventType FIRST =
      new EventType(
          "s",
          List.of(
              new Field("user", FieldType.STRING, true),
              new Field("amount", FieldType.LONG, true),
              new Field("seen", FieldType.TIMESTAMP, false)));

  /// With more, in another order, and wider.
  private static final EventType SECOND =
      new EventType(
          "s",
          List.of(
              new Field("colour", FieldType.STRING, false),
              new Field("seen", FieldType.TIMESTAMP, false),
              new Field("amount", FieldType.DOUBLE, false),
              new Field("user", FieldType.STRING, true)));

  private static final Shapes BOTH =
      id -> List.of(FIRST, SECOND).stream().filter(t -> EventCodec.schemaId(t) == id).findFirst();

  private static byte[] first() {
    EventRow row = new EventRow(FIRST);
    row.setText(0, "anna");
    row.setWord(1, -5);
    row.setWord(2, 77);
    byte[] extra = "{\"x\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    row.setExtra(extra, 0, extra.length);
    return EventCodec.encodeValue(row, EventCodec.schemaId(FIRST));
  }

  private static byte[] second() {
    EventRow row = new EventRow(SECOND);
    row.setText(0, "red");
    row.setText(3, "bob");
    return EventCodec.encodeValue(row, EventCodec.schemaId(SECOND));
  }

  @Test
  void anEarlierVersionHasNullsAndIsWidened() {
    EventRow row = new EventRow(SECOND);
    assertThat(new EventDecoder(SECOND, BOTH).decode(first(), row)).isTrue();
    assertThat(row.isNull(0)).isTrue();
    assertThat(row.word(1)).isEqualTo(77);
    assertThat(row.doubleValue(2)).isEqualTo(-5.0);
    assertThat(row.string(3)).isEqualTo("anna");
    assertThat(
            new String(
                row.text(),
                row.extraStart(),
                row.extraLength(),
                java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("{\"x\":1}");
  }

  @Test
  void aValueInThePresentShapeIsTheRowEncoded() {
    EventDecoder decoder = new EventDecoder(SECOND, BOTH);
    EventRow row = new EventRow(SECOND);
    byte[] now = decoder.inPresentShape(first(), row);
    EventCodec.decodeValue(now, row);
    assertThat(row.string(3)).isEqualTo("anna");
    assertThat(decoder.isPresent(now)).isTrue();
    assertThat(decoder.inPresentShape(second(), row)).isEqualTo(second());
  }

  @Test
  void aNewerVersionIsNotRead() {
    EventDecoder decoder = new EventDecoder(FIRST, BOTH);
    assertThatThrownBy(() -> decoder.decode(second(), new EventRow(FIRST)))
        .isInstanceOf(UnreadableSchemaException.class)
        .hasMessageContaining("colour is gone")
        .hasMessageEndingWith("start this node with the newer app");
  }

  @Test
  void aSchemaOfAStreamThatNobodyKnowsIsNotPassedOver() {
    byte[] lost = first();
    lost[4] ^= 1;
    assertThatThrownBy(() -> new EventDecoder(FIRST, BOTH).decode(lost, new EventRow(FIRST)))
        .isInstanceOf(UnreadableSchemaException.class)
        .hasMessageContaining("no version of the stream has");
  }

  @Test
  void whatIsNoStreamsIsNoEvent() {
    EventDecoder decoder = new EventDecoder(FIRST, BOTH);
    byte[] strange = first();
    strange[1] ^= 0x40;
    assertThat(decoder.decode(strange, new EventRow(FIRST))).isFalse();
    strange[0] = 1;
    assertThat(decoder.decode(strange, new EventRow(FIRST))).isFalse();
    assertThatThrownBy(() -> decoder.read(strange, new EventRow(FIRST)))
        .isInstanceOf(EventCodec.Malformed.class);
  }

  @Test
  void everyTruncationOfAnEarlierVersionIsNoEvent() {
    EventDecoder decoder = new EventDecoder(SECOND, BOTH);
    byte[] whole = first();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThat(decoder.decode(cut, new EventRow(SECOND))).as("%d bytes", length).isFalse();
    }
  }

  @Test
  void whatCannotBeFoundOutIsNotGuessed() {
    Shapes away =
        _ -> {
          throw new UncheckedIOException(new java.io.IOException("away"));
        };
    assertThatThrownBy(() -> new EventDecoder(FIRST, away).decode(second(), new EventRow(FIRST)))
        .isInstanceOf(UncheckedIOException.class);
  }
}
