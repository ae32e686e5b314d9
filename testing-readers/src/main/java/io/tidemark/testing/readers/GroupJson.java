package io.tidemark.testing.readers;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/// Rows of Parquet as JSON: instants as `Instant` writes them, bytes in base 64. A type that is not
/// known here is an error.
final class GroupJson {
  private GroupJson() {}

  static void write(Group group, JsonGenerator json) throws IOException {
    GroupType type = group.getType();
    json.writeStartObject();
    for (int f = 0; f < type.getFieldCount(); f++) {
      json.writeFieldName(type.getFieldName(f));
      if (group.getFieldRepetitionCount(f) == 0) {
        json.writeNull();
      } else {
        write(group, f, 0, json);
      }
    }
    json.writeEndObject();
  }

  private static void write(Group group, int field, int index, JsonGenerator json)
      throws IOException {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      write(group, field, index, type.asPrimitiveType(), json);
      return;
    }
    Group value = group.getGroup(field, index);
    switch (type.getLogicalTypeAnnotation()) {
      case null -> write(value, json);
      case ListLogicalTypeAnnotation _ -> writeList(value, json);
      case MapLogicalTypeAnnotation _ -> writeMap(value, json);
      default -> throw new IOException("unknown: " + type);
    }
  }

  /// A group with one repeated group, which has the element.
  private static void writeList(Group list, JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      Group item = list.getGroup(0, i);
      if (item.getFieldRepetitionCount(0) == 0) {
        json.writeNull();
      } else {
        write(item, 0, 0, json);
      }
    }
    json.writeEndArray();
  }

  /// A group with one repeated group, which has a key, here a text, and a value.
  private static void writeMap(Group map, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      json.writeFieldName(entry.getString(0, 0));
      if (entry.getFieldRepetitionCount(1) == 0) {
        json.writeNull();
      } else {
        write(entry, 1, 0, json);
      }
    }
    json.writeEndObject();
  }

  private static void write(
      Group group, int field, int index, PrimitiveType type, JsonGenerator json)
      throws IOException {
    switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> json.writeBoolean(group.getBoolean(field, index));
      case FLOAT -> writeDouble(group.getFloat(field, index), json, true);
      case DOUBLE -> writeDouble(group.getDouble(field, index), json, false);
      case INT32 -> writeInteger(group.getInteger(field, index), type, json);
      case INT64 -> writeInteger(group.getLong(field, index), type, json);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> writeBytes(group.getBinary(field, index), type, json);
      case INT96 -> throw new IOException("unknown: " + type);
    }
  }

  private static void writeDouble(double value, JsonGenerator json, boolean isFloat)
      throws IOException {
    if (!Double.isFinite(value)) {
      json.writeString(Double.toString(value));
    } else if (isFloat) {
      json.writeNumber((float) value);
    } else {
      json.writeNumber(value);
    }
  }

  private static void writeInteger(long value, PrimitiveType type, JsonGenerator json)
      throws IOException {
    switch (type.getLogicalTypeAnnotation()) {
      case null -> json.writeNumber(value);
      case IntLogicalTypeAnnotation whole when whole.isSigned() -> json.writeNumber(value);
      case IntLogicalTypeAnnotation whole -> json.writeNumber(unsigned(value, whole.getBitWidth()));
      case DecimalLogicalTypeAnnotation decimal ->
          json.writeNumber(BigDecimal.valueOf(value, decimal.getScale()).toPlainString());
      case DateLogicalTypeAnnotation _ -> json.writeString(LocalDate.ofEpochDay(value).toString());
      case TimeLogicalTypeAnnotation time ->
          json.writeString(LocalTime.MIDNIGHT.plus(value, unit(time.getUnit())).toString());
      case TimestampLogicalTypeAnnotation time ->
          json.writeString(Instant.EPOCH.plus(value, unit(time.getUnit())).toString());
      case LogicalTypeAnnotation _ -> throw new IOException("unknown: " + type);
    }
  }

  private static BigInteger unsigned(long value, int bits) {
    BigInteger mask = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
    return BigInteger.valueOf(value).and(mask);
  }

  private static ChronoUnit unit(TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> ChronoUnit.MILLIS;
      case MICROS -> ChronoUnit.MICROS;
      case NANOS -> ChronoUnit.NANOS;
    };
  }

  private static void writeBytes(Binary value, PrimitiveType type, JsonGenerator json)
      throws IOException {
    switch (type.getLogicalTypeAnnotation()) {
      case null -> json.writeString(Base64.getEncoder().encodeToString(value.getBytes()));
      case StringLogicalTypeAnnotation _ -> json.writeString(text(value));
      case JsonLogicalTypeAnnotation _ -> json.writeRawValue(text(value));
      case DecimalLogicalTypeAnnotation decimal ->
          json.writeNumber(
              new BigDecimal(new BigInteger(value.getBytes()), decimal.getScale()).toPlainString());
      case UUIDLogicalTypeAnnotation _ -> {
        ByteBuffer bytes = ByteBuffer.wrap(value.getBytes()).order(ByteOrder.BIG_ENDIAN);
        json.writeString(new UUID(bytes.getLong(), bytes.getLong()).toString());
      }
      case LogicalTypeAnnotation _ -> throw new IOException("unknown: " + type);
    }
  }

  /// Text that is not valid UTF-8 is an error.
  private static String text(Binary value) throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(value.getBytes()))
        .toString();
  }
}
