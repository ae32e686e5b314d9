package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Apache Avro reads what the codec writes, and writes the same bytes.
class AvroAgreementTest {
  private static final int TYPES = 200;
  private static final int ROWS = 50;
  private static final List<FieldType> TYPES_OF_LEAVES = List.of(FieldType.values());

  private final long seed = Long.getLong("seed", 1);
  private final Random random = new Random(seed);

  @Test
  void avroReadsAndWritesTheSameBytes() throws IOException {
    System.out.println("AvroAgreementTest -Dseed=" + seed);
    for (int i = 0; i < TYPES; i++) {
      EventType type = type();
      Schema schema = new Schema.Parser().parse(AvroSchemaText.of(type));
      for (int j = 0; j < ROWS; j++) {
        EventRow row = row(type);
        byte[] value = EventCodec.encodeValue(row, 5);
        byte[] body = Arrays.copyOfRange(value, EventCodec.HEADER, value.length);
        Decoder decoder = DecoderFactory.get().binaryDecoder(body, null);
        GenericRecord read = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        assertSame(row, read);
        assertThat(written(schema, read)).as("seed %s %s", seed, type).isEqualTo(body);
        EventRow decoded = new EventRow(type);
        EventCodec.decodeValue(value, decoded);
        assertSame(decoded, read);
      }
    }
  }

  private void assertSame(EventRow row, GenericRecord record) {
    for (int i = 0; i < row.type().size(); i++) {
      Field field = row.type().field(i);
      Object value = record;
      for (String part : field.path().split("\\.", -1)) {
        value = ((GenericRecord) value).get(part);
      }
      Object shown = value instanceof CharSequence ? value.toString() : value;
      assertThat(shown).as("seed %s %s", seed, field).isEqualTo(value(row, i));
    }
    Object extra = record.get("tidemark_extra");
    assertThat(extra == null ? null : extra.toString())
        .isEqualTo(row.hasExtra() ? "{\"x\":\"é\"}" : null);
  }

  private static @Nullable Object value(EventRow row, int field) {
    if (row.isNull(field)) {
      return null;
    }
    return switch (row.type().field(field).type()) {
      case BOOLEAN -> row.word(field) == 1;
      case LONG, TIMESTAMP -> row.word(field);
      case DOUBLE -> row.doubleValue(field);
      case STRING, JSON -> row.string(field);
    };
  }

  private static byte[] written(Schema schema, GenericRecord record) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema, GenericData.get()).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private EventType type() {
    List<Field> fields = new ArrayList<>();
    fields("", 2, fields);
    return new EventType("my-stream " + random.nextInt(10), fields);
  }

  private void fields(String prefix, int depth, List<Field> fields) {
    for (int i = random.nextInt(5); i >= 0; i--) {
      String path = prefix + "f" + i;
      if (depth > 0 && random.nextInt(4) == 0) {
        fields(path + ".", depth - 1, fields);
      } else {
        FieldType type = TYPES_OF_LEAVES.get(random.nextInt(TYPES_OF_LEAVES.size()));
        fields.add(new Field(path, type, random.nextBoolean()));
      }
    }
  }

  private EventRow row(EventType type) {
    EventRow row = new EventRow(type);
    for (int i = 0; i < type.size(); i++) {
      if (!type.field(i).required() && random.nextBoolean()) {
        continue;
      }
      switch (type.field(i).type()) {
        case BOOLEAN -> row.setWord(i, random.nextInt(2));
        case LONG, TIMESTAMP -> row.setWord(i, random.nextLong() >> random.nextInt(64));
        case DOUBLE -> row.setDouble(i, random.nextGaussian());
        case STRING, JSON -> row.setText(i, "ž".repeat(random.nextInt(100)));
      }
    }
    if (random.nextBoolean()) {
      byte[] extra = "{\"x\":\"é\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
      row.setExtra(extra, 0, extra.length);
    }
    return row;
  }
}
