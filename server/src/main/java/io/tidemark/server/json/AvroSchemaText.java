package io.tidemark.server.json;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.util.ArrayList;
import java.util.List;

/// The Avro schema of what [EventCodec] writes, as JSON text: a record with a field for each leaf
/// in their order, nested objects as nested records (named within the namespace of the outer one),
/// with a default where all in them is optional, and last the field `tidemark_extra`, with
/// underscores added where the schema has that name.
public final class AvroSchemaText {
  private static final String EXTRA = "tidemark_extra";
  private static final String NAMESPACE = "io.tidemark.events";

  private AvroSchemaText() {}

  public static String of(EventType type) {
    String extra = EXTRA;
    while (takes(type, extra)) {
      extra += "_";
    }
    StringBuilder out = new StringBuilder();
    record(NAMESPACE, name(type.name()), "", type.fields(), extra, out);
    return out.toString();
  }

  /// @param prefix of the paths of these leaves, up to and with the last dot
  /// @param extra the name of the field for extra; empty where there is none
  private static void record(
      String namespace,
      String name,
      String prefix,
      List<Field> leaves,
      String extra,
      StringBuilder out) {
    out.append("{\"type\":\"record\",\"name\":\"").append(name);
    out.append("\",\"namespace\":\"").append(namespace).append("\",\"fields\":[");
    int at = 0;
    while (at < leaves.size()) {
      Field leaf = leaves.get(at);
      String rest = leaf.path().substring(prefix.length());
      int dot = rest.indexOf('.');
      out.append(at == 0 ? "" : ",");
      if (dot < 0) {
        field(rest, leaf, out);
        at++;
      } else {
        String group = rest.substring(0, dot);
        List<Field> inside = run(leaves, at, prefix + group + ".");
        out.append("{\"name\":\"").append(group).append("\",\"type\":");
        record(namespace + '.' + name, group, prefix + group + ".", inside, "", out);
        if (inside.stream().noneMatch(Field::required)) {
          out.append(",\"default\":");
          nothing(prefix + group + ".", inside, out);
        }
        out.append('}');
        at += inside.size();
      }
    }
    if (!extra.isEmpty()) {
      out.append(leaves.isEmpty() ? "" : ",").append("{\"name\":\"").append(extra);
      out.append("\",\"type\":[\"null\",\"string\"],\"default\":null}");
    }
    out.append("]}");
  }

  /// An object of which nothing is there, so that a reader with it can read what was written
  /// without it.
  private static void nothing(String prefix, List<Field> leaves, StringBuilder out) {
    out.append('{');
    int at = 0;
    while (at < leaves.size()) {
      String rest = leaves.get(at).path().substring(prefix.length());
      int dot = rest.indexOf('.');
      out.append(at == 0 ? "" : ",").append('"');
      if (dot < 0) {
        out.append(rest).append("\":null");
        at++;
      } else {
        String group = rest.substring(0, dot);
        List<Field> inside = run(leaves, at, prefix + group + ".");
        out.append(group).append("\":");
        nothing(prefix + group + ".", inside, out);
        at += inside.size();
      }
    }
    out.append('}');
  }

  private static boolean takes(EventType type, String name) {
    return type.fields().stream()
        .anyMatch(f -> f.path().equals(name) || f.path().startsWith(name + "."));
  }

  /// The leaves from this one on that lie in the same group.
  private static List<Field> run(List<Field> leaves, int from, String prefix) {
    List<Field> inside = new ArrayList<>();
    for (int i = from; i < leaves.size() && leaves.get(i).path().startsWith(prefix); i++) {
      inside.add(leaves.get(i));
    }
    return inside;
  }

  private static void field(String name, Field leaf, StringBuilder out) {
    out.append("{\"name\":\"").append(name).append("\",\"type\":");
    if (leaf.required()) {
      out.append(type(leaf.type())).append('}');
    } else {
      out.append("[\"null\",").append(type(leaf.type())).append("],\"default\":null}");
    }
  }

  private static String type(FieldType type) {
    return switch (type) {
      case BOOLEAN -> "\"boolean\"";
      case LONG -> "\"long\"";
      case DOUBLE -> "\"double\"";
      case STRING, JSON -> "\"string\"";
      case TIMESTAMP -> "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}";
    };
  }

  /// A stream's name as an Avro name.
  private static String name(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_]", "_");
    return safe.isEmpty() || Character.isDigit(safe.charAt(0)) ? "_" + safe : safe;
  }
}
