package io.tidemark.server.sql;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads streams of Arrow with Arrow's own library, as rows in JSON.
final class ArrowRows {
  static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private ArrowRows() {}

  static List<JsonNode> read(byte[] stream) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    try (RootAllocator memory = new RootAllocator();
        ArrowStreamReader reader =
            new ArrowStreamReader(new ByteArrayInputStream(stream), memory)) {
      while (reader.loadNextBatch()) {
        var batch = reader.getVectorSchemaRoot();
        for (int i = 0; i < batch.getRowCount(); i++) {
          ObjectNode row = JSON.createObjectNode();
          for (FieldVector column : batch.getFieldVectors()) {
            row.set(column.getName(), cell(column, i, reader));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /// A column may be numbers of values in a dictionary.
  private static JsonNode cell(FieldVector column, int i, ArrowStreamReader reader)
      throws IOException {
    var encoding = column.getField().getDictionary();
    if (encoding == null) {
      return value(column, i);
    }
    try (ValueVector decoded =
        DictionaryEncoder.decode(column, reader.getDictionaryVectors().get(encoding.getId()))) {
      return value(decoded, i);
    }
  }

  private static JsonNode value(ValueVector of, int i) {
    if (of.isNull(i)) {
      return JSON.nullNode();
    }
    return switch (of) {
      case BitVector v -> JSON.getNodeFactory().booleanNode(v.get(i) == 1);
      case UInt1Vector v -> number(v.getObjectNoOverflow(i));
      case UInt2Vector v -> number((int) v.get(i));
      case UInt4Vector v -> number(v.getObjectNoOverflow(i));
      case UInt8Vector v -> number(v.getObjectNoOverflow(i));
      case DecimalVector v -> number(v.getObject(i).toPlainString());
      case Float4Vector v -> floating(v.get(i), Float.toString(v.get(i)));
      case Float8Vector v -> floating(v.get(i), Double.toString(v.get(i)));
      case DateDayVector v -> text(LocalDate.ofEpochDay(v.get(i)));
      case TimeMicroVector v -> text(LocalTime.MIDNIGHT.plus(v.get(i), ChronoUnit.MICROS));
      case TimeStampMicroTZVector v -> text(Instant.EPOCH.plus(v.get(i), ChronoUnit.MICROS));
      case VarCharVector v -> text(v.getObject(i));
      case VarBinaryVector v -> text(Base64.getEncoder().encodeToString(v.get(i)));
      // A map is a list, too.
      case MapVector v -> map(v, i);
      case ListVector v -> list(v, i);
      case StructVector v -> struct(v, i);
      default -> plain(of.getObject(i));
    };
  }

  private static JsonNode plain(@Nullable Object value) {
    return switch (value) {
      case LocalDateTime time -> text(time.toInstant(ZoneOffset.UTC));
      case Number whole -> number(whole);
      case null, default -> throw new AssertionError("unknown: " + value);
    };
  }

  private static JsonNode number(Object value) {
    return JSON.readTree(value.toString());
  }

  private static JsonNode floating(double value, String text) {
    return Double.isFinite(value) ? number(text) : text(text);
  }

  private static JsonNode text(Object value) {
    return JSON.getNodeFactory().stringNode(value.toString());
  }

  private static JsonNode list(ListVector of, int i) {
    ArrayNode items = JSON.createArrayNode();
    for (int at = of.getElementStartIndex(i); at < of.getElementEndIndex(i); at++) {
      items.add(value(of.getDataVector(), at));
    }
    return items;
  }

  private static JsonNode map(MapVector of, int i) {
    ObjectNode entries = JSON.createObjectNode();
    StructVector pairs = (StructVector) of.getDataVector();
    for (int at = of.getElementStartIndex(i); at < of.getElementEndIndex(i); at++) {
      String key = value(pairs.getChildByOrdinal(0), at).asString();
      entries.set(key, value(pairs.getChildByOrdinal(1), at));
    }
    return entries;
  }

  private static JsonNode struct(StructVector of, int i) {
    ObjectNode fields = JSON.createObjectNode();
    for (FieldVector field : of.getChildrenFromFields()) {
      fields.set(field.getName(), value(field, i));
    }
    return fields;
  }
}
