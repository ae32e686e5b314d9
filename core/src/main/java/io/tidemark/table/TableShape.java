package io.tidemark.table;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import java.util.ArrayList;
import java.util.List;

/// The columns of stored rows.
public record TableShape(List<ColumnSpec> columns) {
  /// Where events are stored: the event time in microseconds, the offset, the leaves in their
  /// order, and the extra.
  public static final int TIME = 0;

  public static final int OFFSET = 1;
  public static final int FIRST_FIELD = 2;

  /// A stored column; any value may be null.
  public record ColumnSpec(String name, Type type) {}

  /// How a stored value is held: all but TEXT and BYTES in a word, as in an event's row.
  public enum Type {
    BOOLEAN,
    LONG,
    DOUBLE,
    TIMESTAMP,
    TEXT,
    BYTES;

    public boolean isWord() {
      return this != TEXT && this != BYTES;
    }
  }

  public TableShape {
    columns = List.copyOf(columns);
  }

  /// The shape of a stream's stored events: `_time`, `_offset`, the leaves, `_extra`.
  public static TableShape events(EventType type) {
    List<ColumnSpec> columns = new ArrayList<>();
    columns.add(new ColumnSpec("_time", Type.TIMESTAMP));
    columns.add(new ColumnSpec("_offset", Type.LONG));
    for (Field field : type.fields()) {
      columns.add(new ColumnSpec(field.path(), typeOf(field)));
    }
    columns.add(new ColumnSpec("_extra", Type.TEXT));
    return new TableShape(columns);
  }

  /// How a leaf is stored.
  public static Type typeOf(Field field) {
    return switch (field.type()) {
      case BOOLEAN -> Type.BOOLEAN;
      case LONG -> Type.LONG;
      case DOUBLE -> Type.DOUBLE;
      case TIMESTAMP -> Type.TIMESTAMP;
      case STRING, JSON -> Type.TEXT;
    };
  }

  public int size() {
    return columns.size();
  }
}
