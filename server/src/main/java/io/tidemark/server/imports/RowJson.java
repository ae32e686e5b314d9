package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Makes events of rows of texts: a column's name is the path of a field, `product_info.brand_id`,
/// and the object around it is made where one of its columns has a value.
final class RowJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  /// How a column's texts become JSON.
  enum Kind {
    /// A string.
    TEXT,
    /// A number where it is one, otherwise a string, for the node to refuse.
    NUMBER,
    /// `true` or `false` in any case, otherwise a string.
    BOOLEAN,
    /// A JSON text where it is one, otherwise a string.
    JSON;

    static Kind of(@Nullable FieldType type) {
      return switch (type) {
        case LONG, DOUBLE -> NUMBER;
        case BOOLEAN -> BOOLEAN;
        case JSON -> JSON;
        case STRING, TIMESTAMP -> TEXT;
        case null -> TEXT;
      };
    }
  }

  private final Group root = new Group();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
  private final JsonGenerator json =
      JsonFactory.builder()
          .rootValueSeparator("")
          .build()
          .createGenerator(ObjectWriteContext.empty(), out);

  /// A leaf or a group.
  private record Member(String name, int column, Kind kind, @Nullable Group group) {}

  private static final class Group {
    private final Map<String, Member> members = new LinkedHashMap<>();
  }

  /// @param paths of the columns; each a list of names
  /// @throws IOException where two columns cannot be in one object
  RowJson(List<List<String>> paths, List<Kind> kinds) throws IOException {
    for (int column = 0; column < paths.size(); column++) {
      List<String> path = paths.get(column);
      Group group = root;
      for (String name : path.subList(0, path.size() - 1)) {
        Member there =
            group.members.computeIfAbsent(name, n -> new Member(n, -1, Kind.TEXT, new Group()));
        if (there.group() == null) {
          throw clash(path);
        }
        group = there.group();
      }
      Member leaf = new Member(path.getLast(), column, kinds.get(column), null);
      if (group.members.put(leaf.name(), leaf) != null) {
        throw clash(path);
      }
    }
  }

  private static IOException clash(List<String> path) {
    return new IOException(
        "column %s is there twice, or is an object and a value at once"
            .formatted(String.join(".", path)));
  }

  /// The event of a row.
  ///
  /// @param values by column; null where there is none
  byte[] event(List<@Nullable String> values) {
    json.writeStartObject();
    write(root, values);
    json.writeEndObject();
    json.flush();
    byte[] event = out.toByteArray();
    out.reset();
    return event;
  }

  /// A row that is no event, as a JSON array.
  static byte[] array(List<@Nullable String> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartArray();
      values.forEach(json::writeString);
      json.writeEndArray();
    }
    return out.toByteArray();
  }

  private void write(Group group, List<@Nullable String> values) {
    for (Member member : group.members.values()) {
      Group inner = member.group();
      if (inner != null) {
        if (hasAny(inner, values)) {
          json.writeObjectPropertyStart(member.name());
          write(inner, values);
          json.writeEndObject();
        }
        continue;
      }
      String value = values.get(member.column());
      if (value != null) {
        json.writeName(member.name());
        write(member.kind(), value);
      }
    }
  }

  private static boolean hasAny(Group group, List<@Nullable String> values) {
    for (Member member : group.members.values()) {
      Group inner = member.group();
      if (inner == null ? values.get(member.column()) != null : hasAny(inner, values)) {
        return true;
      }
    }
    return false;
  }

  private void write(Kind kind, String value) {
    switch (kind) {
      case TEXT -> json.writeString(value);
      case NUMBER -> {
        String number = value.strip();
        if (NUMBER.matcher(number).matches()) {
          json.writeRawValue(number);
        } else {
          json.writeString(value);
        }
      }
      case BOOLEAN -> {
        String word = value.strip();
        if (word.equalsIgnoreCase("true") || word.equalsIgnoreCase("false")) {
          json.writeBoolean(word.equalsIgnoreCase("true"));
        } else {
          json.writeString(value);
        }
      }
      case JSON -> {
        if (isJson(value)) {
          json.writeRawValue(value.strip());
        } else {
          json.writeString(value);
        }
      }
    }
  }

  /// Whether a text is one JSON value, on a line of its own.
  static boolean isJson(String text) {
    if (text.isBlank() || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
      return false;
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException _) {
      return false;
    }
  }

  /// The names in a path with dots.
  static List<String> path(String column) throws IOException {
    List<String> names = new ArrayList<>(List.of(column.split("\\.", -1)));
    if (names.contains("")) {
      throw new IOException(
          "\"%s\" is no path of a field; write names with dots between them, as user.id"
              .formatted(column));
    }
    return names;
  }
}
