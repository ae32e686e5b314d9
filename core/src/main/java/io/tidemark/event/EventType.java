package io.tidemark.event;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The shape of a stream's events: its leaves, depth first in the order of the schema.
///
/// A field's *index* is its place in [#fields()]; rows, columns and declarations use it.
public final class EventType {
  private final String name;
  private final List<Field> fields;
  private final Map<String, Integer> indexes = new HashMap<>();

  public EventType(String name, List<Field> fields) {
    this.name = name;
    this.fields = List.copyOf(fields);
    for (int i = 0; i < this.fields.size(); i++) {
      String path = this.fields.get(i).path();
      if (indexes.put(path, i) != null) {
        throw new IllegalArgumentException("field twice: " + path);
      }
    }
  }

  public String name() {
    return name;
  }

  public List<Field> fields() {
    return fields;
  }

  public int size() {
    return fields.size();
  }

  public Field field(int index) {
    return fields.get(index);
  }

  /// The index of the field with this path, or -1.
  public int indexOf(String path) {
    return indexes.getOrDefault(path, -1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventType that && name.equals(that.name) && fields.equals(that.fields);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  @Override
  public String toString() {
    return name + fields;
  }
}
