package io.tidemark.server.sql;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.duckdb.JsonNode;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Values of SQL as JSON and as text: numbers with all their digits, instants in UTC with a `Z`,
/// bytes in base 64.
final class Values {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

  private static final DateTimeFormatter NANOS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'");

  /// What DuckDB has for infinite instants and days: the greatest number, and its opposite.
  private static final LocalDateTime INFINITE =
      LocalDateTime.of(1970, 1, 1, 0, 0).plus(Long.MAX_VALUE, ChronoUnit.MICROS);

  private static final LocalDateTime MINUS_INFINITE =
      LocalDateTime.of(1970, 1, 1, 0, 0).minus(Long.MAX_VALUE, ChronoUnit.MICROS);

  private static final LocalDateTime INFINITE_NANOS =
      LocalDateTime.of(1970, 1, 1, 0, 0).plusNanos(Long.MAX_VALUE);

  private static final LocalDateTime MINUS_INFINITE_NANOS =
      LocalDateTime.of(1970, 1, 1, 0, 0).minusNanos(Long.MAX_VALUE);

  private Values() {}

  /// The value of a column, with instants that no time zone of this machine has touched.
  static @Nullable Object of(ResultSet result, int column, String type) throws SQLException {
    if (type.startsWith("TIMESTAMP") && type.indexOf('[') < 0 && !type.endsWith("ZONE")) {
      return result.getObject(column, LocalDateTime.class);
    }
    return result.getObject(column);
  }

  static void write(@Nullable Object value, JsonGenerator json) throws SQLException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean b -> json.writeBoolean(b);
      case Double d when !Double.isFinite(d) -> json.writeString(textOf(d));
      case Float f when !Float.isFinite(f) -> json.writeString(textOf(f));
      case Double d -> json.writeNumber(d);
      case Float f -> json.writeNumber(f);
      case BigInteger big -> json.writeNumber(big);
      case BigDecimal decimal -> json.writeRawValue(decimal.toPlainString());
      case Number whole -> json.writeNumber(whole.longValue());
      case JsonNode raw -> json.writeRawValue(JsonText.strict(raw.toString()));
      case Struct struct -> writeFields(fields(struct), json);
      case Map<?, ?> map -> writeFields(map, json);
      case Array array -> writeItems((Object[]) array.getArray(), json);
      default -> json.writeString(textOf(value));
    }
  }

  private static Map<?, ?> fields(Struct struct) throws SQLException {
    return ((DuckDBStruct) struct).getMap();
  }

  private static void writeFields(Map<?, ?> fields, JsonGenerator json) throws SQLException {
    json.writeStartObject();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      json.writeName(textOf(field.getKey()));
      write(field.getValue(), json);
    }
    json.writeEndObject();
  }

  private static void writeItems(@Nullable Object[] items, JsonGenerator json) throws SQLException {
    json.writeStartArray();
    for (Object item : items) {
      write(item, json);
    }
    json.writeEndArray();
  }

  /// Whether a value is more than one line of text can well hold.
  static boolean isNested(@Nullable Object value) {
    return value instanceof Struct || value instanceof Map<?, ?> || value instanceof Array;
  }

  /// A value that is not nested, as text.
  static String textOf(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> "";
      case LocalDateTime time -> instant(time);
      case LocalDate day when Math.abs(day.toEpochDay()) == Integer.MAX_VALUE ->
          day.toEpochDay() > 0 ? "infinity" : "-infinity";
      case JsonNode raw -> JsonText.strict(raw.toString());
      case Timestamp time -> instant(time.toLocalDateTime());
      case OffsetDateTime time ->
          instant(time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
      case BigDecimal decimal -> decimal.toPlainString();
      case Blob blob ->
          Base64.getEncoder().encodeToString(blob.getBytes(1, Math.toIntExact(blob.length())));
      default -> value.toString();
    };
  }

  private static String instant(LocalDateTime time) {
    if (time.equals(INFINITE) || time.equals(INFINITE_NANOS)) {
      return "infinity";
    } else if (time.equals(MINUS_INFINITE) || time.equals(MINUS_INFINITE_NANOS)) {
      return "-infinity";
    }
    int nanos = time.get(ChronoField.NANO_OF_SECOND);
    DateTimeFormatter format = nanos % 1000 != 0 ? NANOS : nanos % 1_000_000 != 0 ? MICROS : MILLIS;
    return format.format(time);
  }
}
