package io.tidemark.server.http;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.table.Condition;
import io.tidemark.table.TableShape;
import io.tidemark.table.Texts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `where.FIELD=value` and `q=text` as conditions on events.
final class EventFilters {
  static final String PREFIX = "where.";

  private EventFilters() {}

  static List<Condition> of(Params params, EventType type) {
    List<Condition> conditions = new ArrayList<>();
    for (Map.Entry<String, List<String>> entry : params.withPrefix(PREFIX).entrySet()) {
      int field = field(entry.getKey(), type);
      int column = TableShape.FIRST_FIELD + field;
      FieldType fieldType = type.field(field).type();
      if (fieldType.isText()) {
        conditions.add(new Condition.TextIn(column, texts(fieldType, entry.getValue())));
      } else {
        List<Long> words =
            entry.getValue().stream()
                .map(v -> word(PREFIX + entry.getKey(), fieldType, v))
                .toList();
        conditions.add(new Condition.WordIn(column, words));
      }
    }
    params
        .one("q")
        .ifPresent(
            text -> {
              List<Integer> columns = new ArrayList<>();
              for (int i = 0; i < type.size(); i++) {
                if (type.field(i).type().isText()) {
                  columns.add(TableShape.FIRST_FIELD + i);
                }
              }
              conditions.add(new Condition.AnyContains(columns, Texts.lower(text)));
            });
    return conditions;
  }

  /// The index of a field that a parameter names.
  static int field(String path, EventType type) {
    int field = type.indexOf(path);
    if (field < 0) {
      List<String> paths = type.fields().stream().map(Field::path).toList();
      throw Problem.parameter(PREFIX + path, "no field " + path + "; " + Near.hint(path, paths));
    }
    return field;
  }

  /// The stored texts that a value may mean: of a field that may hold several types, the text of a
  /// number as well as of a string.
  static List<byte[]> texts(FieldType type, List<String> values) {
    List<byte[]> texts = new ArrayList<>();
    for (String value : values) {
      texts.add(value.getBytes(StandardCharsets.UTF_8));
      if (type == FieldType.JSON) {
        texts.add(Json.bytes(json -> json.writeString(value)));
      }
    }
    return texts;
  }

  static long word(String name, FieldType type, String value) {
    try {
      return switch (type) {
        case BOOLEAN ->
            switch (value) {
              case "true" -> 1;
              case "false" -> 0;
              default -> throw new NumberFormatException();
            };
        case LONG -> Long.parseLong(value);
        case DOUBLE -> Double.doubleToRawLongBits(Double.parseDouble(value));
        case TIMESTAMP -> Instants.parse(name, value);
        case STRING, JSON -> throw new IllegalArgumentException("a text has no word");
      };
    } catch (NumberFormatException _) {
      throw Problem.parameter(
          name,
          "\"%s\" is not a %s"
              .formatted(
                  value,
                  switch (type) {
                    case BOOLEAN -> "boolean; write true or false";
                    case LONG -> "whole number";
                    default -> "number";
                  }));
    }
  }
}
