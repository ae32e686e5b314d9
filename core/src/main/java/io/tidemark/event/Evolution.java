package io.tidemark.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// From one shape of a stream's events to the next: what may change so that everything that was
/// written in the old shape can be read in the new one without losing anything.
///
/// - A field may be added, if it is optional: events from before do not have it, and answer null.
/// - A required field may become optional.
/// - An integer may become a number.
///
/// Nothing else may. The order of the fields is of no matter: they are known by their paths.
public final class Evolution {
  private Evolution() {}

  /// Why events of one shape cannot be read in another.
  ///
  /// @return a sentence without a full stop for each reason, in the order of the fields; empty
  ///   where they can be read
  public static List<String> obstacles(EventType before, EventType after) {
    List<String> obstacles = new ArrayList<>();
    Map<String, String> anyCase = new TreeMap<>();
    for (Field old : before.fields()) {
      anyCase.put(old.path().toLowerCase(Locale.ROOT), old.path());
      int now = after.indexOf(old.path());
      if (now < 0) {
        obstacles.add(gone(old, after));
      } else {
        change(old, after.field(now), obstacles);
      }
    }
    for (Field field : after.fields()) {
      if (before.indexOf(field.path()) >= 0) {
        continue;
      }
      String like = anyCase.get(field.path().toLowerCase(Locale.ROOT));
      if (field.required()) {
        obstacles.add(
            "%s is new and required, but events that came before do not have it: make it optional"
                .formatted(field.path()));
      } else if (like != null) {
        obstacles.add(
            "%s is new and differs from %s only by upper and lower case, which files do not tell"
                    .formatted(field.path(), like)
                + " apart: give it another name");
      }
    }
    if (obstacles.isEmpty()) {
      otherNames(before, after, obstacles);
    }
    return obstacles;
  }

  /// Files do not tell upper and lower case apart: of several such names all but the first one are
  /// changed ([ColumnNames]). A change that comes to other names would read one field as another.
  private static void otherNames(EventType before, EventType after, List<String> obstacles) {
    Map<String, String> then = names(before);
    Map<String, String> now = names(after);
    for (Map.Entry<String, String> column : then.entrySet()) {
      String name = now.get(column.getKey());
      if (!column.getValue().equalsIgnoreCase(name)) {
        obstacles.add(
            "%s is called %s in files and would be called %s: names that differ only by upper and"
                    .formatted(column.getKey(), column.getValue(), name)
                + " lower case, or are those of columns of ours (_time, _offset, _extra), have to"
                + " stay in their order, and new ones to differ");
      }
    }
  }

  /// By path, what columns are called in files, see `TableShape#events`.
  private static Map<String, String> names(EventType type) {
    List<String> paths = new ArrayList<>(List.of("_time", "_offset"));
    type.fields().forEach(f -> paths.add(f.path()));
    paths.add("_extra");
    List<String> names = ColumnNames.distinct(paths);
    Map<String, String> byPath = new TreeMap<>();
    for (int i = 0; i < paths.size(); i++) {
      // A field that is called as a column of ours comes before or after it.
      byPath.put(i == paths.size() - 1 ? "_extra of ours" : paths.get(i), names.get(i));
    }
    return byPath;
  }

  private static String gone(Field old, EventType after) {
    String inside = old.path() + ".";
    boolean isGroup = after.fields().stream().anyMatch(f -> f.path().startsWith(inside));
    return isGroup
        ? "%s was %s and is an object with properties of its own now"
            .formatted(old.path(), words(old.type()))
        : "%s is gone, but events that came before have it: keep it, as an optional property"
            .formatted(old.path());
  }

  private static void change(Field old, Field now, List<String> obstacles) {
    if (!reads(old.type(), now.type())) {
      obstacles.add(
          "%s was %s and is %s now; only an integer may become a number"
              .formatted(old.path(), words(old.type()), words(now.type())));
    }
    if (now.required() && !old.required()) {
      obstacles.add(
          "%s was optional and is required now, but events that came before may not have it: leave"
                  .formatted(old.path())
              + " it optional");
    }
  }

  /// Whether values of one type can be read as those of another.
  static boolean reads(FieldType written, FieldType wanted) {
    return written == wanted || (written == FieldType.LONG && wanted == FieldType.DOUBLE);
  }

  /// A type as a person who writes JSON Schemas calls it.
  private static String words(FieldType type) {
    return switch (type) {
      case BOOLEAN -> "a boolean";
      case LONG -> "an integer";
      case DOUBLE -> "a number";
      case STRING -> "a string";
      case TIMESTAMP -> "a date-time";
      case JSON -> "of no single type";
    };
  }
}
