package io.tidemark.server.iceberg;

import io.tidemark.event.ColumnNames;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The columns of a stream's table: those of its files, under the same names.
final class Columns {
  /// What a file's hour is called.
  private static final String HOUR = "_time_hour";

  /// Names that engines have for columns of their own, and that of the hour.
  private static final Set<String> RESERVED =
      Set.of(
          HOUR,
          "_file",
          "_pos",
          "_deleted",
          "_spec_id",
          "_partition",
          "_row_id",
          "_last_updated_sequence_number",
          "_change_type",
          "_change_ordinal",
          "_commit_snapshot_id");

  private Columns() {}

  /// A schema with the columns of a shape, as they are numbered when a table begins.
  ///
  /// @param left names of columns that the table does without
  static Schema of(TableShape shape, Set<String> left) {
    List<Types.NestedField> fields = new ArrayList<>();
    types(shape)
        .forEach(
            (name, type) -> {
              if (!left.contains(name)) {
                fields.add(Types.NestedField.optional(fields.size() + 1, name, type));
              }
            });
    return new Schema(fields);
  }

  /// The columns of files with a shape, under the names that they have there, but those that no
  /// table can have.
  private static Map<String, Type> types(TableShape shape) {
    List<String> names =
        ColumnNames.distinct(shape.columns().stream().map(ColumnSpec::name).toList());
    Map<String, Type> types = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      if (!RESERVED.contains(names.get(i).toLowerCase(Locale.ROOT))) {
        types.put(names.get(i), type(shape.columns().get(i).type()));
      }
    }
    return types;
  }

  /// The columns that files of several shapes have with different types, of which Iceberg could
  /// read those of one only.
  static Set<String> mixed(Collection<TableShape> shapes) {
    Map<String, Type> first = new HashMap<>();
    Set<String> mixed = new TreeSet<>();
    for (TableShape shape : shapes) {
      types(shape)
          .forEach(
              (name, type) -> {
                Type before = first.putIfAbsent(name, type);
                if (before != null && !before.equals(type)) {
                  mixed.add(name);
                }
              });
    }
    return mixed;
  }

  /// Each file has events of one hour.
  static PartitionSpec byHours(Schema schema) {
    return PartitionSpec.builderFor(schema).hour(time(schema).name(), HOUR).build();
  }

  static Types.NestedField time(Schema schema) {
    return schema.columns().getFirst();
  }

  private static Type type(TableShape.Type type) {
    return switch (type) {
      case BOOLEAN -> Types.BooleanType.get();
      case LONG -> Types.LongType.get();
      case DOUBLE -> Types.DoubleType.get();
      case TIMESTAMP -> Types.TimestampType.withoutZone();
      case TEXT -> Types.StringType.get();
      case BYTES -> Types.BinaryType.get();
    };
  }

  /// How a table's columns must change.
  ///
  /// @param added with their types
  /// @param removed since files have them with different types
  record Change(Map<String, Type> added, Set<String> removed) {
    boolean isNone() {
      return added.isEmpty() && removed.isEmpty();
    }
  }

  /// What a table's columns lack that files with a shape have, and have that it must not.
  ///
  /// @param left names of columns that the table does without
  static Change change(Schema schema, TableShape shape, Set<String> left) {
    Map<String, Type> added = types(shape);
    Set<String> removed = new TreeSet<>();
    for (Types.NestedField field : schema.columns()) {
      Type wanted = added.remove(field.name());
      if (left.contains(field.name()) || (wanted != null && !wanted.equals(field.type()))) {
        removed.add(field.name());
      }
    }
    added.keySet().removeAll(left);
    return new Change(added, removed);
  }
}
