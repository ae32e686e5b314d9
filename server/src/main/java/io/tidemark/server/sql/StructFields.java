package io.tidemark.server.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which fields of structs a question names. A struct is made of columns of a file, and all of them
/// are read where it is made, so it is made of those that are named; of all where it may be asked
/// for as a whole.
///
/// @param named by name of the struct, in lower case, its fields; null for all of any struct
record StructFields(@Nullable Map<String, Set<String>> named) {
  static final StructFields ALL = new StructFields(null);

  /// Looks through a syntax tree.
  ///
  /// @param tables the names of all tables, in lower case: a table can be asked for as a struct
  /// @param structs the names of all columns that are structs, in lower case
  static StructFields of(JsonNode tree, Set<String> tables, Set<String> structs) {
    Set<String> wholes = NamedColumns.wholes(tree, tables);
    Map<String, Set<String>> named = new TreeMap<>();
    structs.forEach(s -> named.put(s, new HashSet<>()));
    return collect(tree, wholes, structs, named) ? new StructFields(named) : ALL;
  }

  /// @return false where a struct may be asked for as a whole
  private static boolean collect(
      JsonNode node, Set<String> wholes, Set<String> structs, Map<String, Set<String>> named) {
    if (node.path("ref_type").asString("").equals("NATURAL")) {
      return false;
    }
    if (!node.path("column_name_alias").isEmpty()) {
      // Columns have other names here.
      return false;
    }
    for (JsonNode column : node.path("using_columns")) {
      if (structs.contains(column.asString("").toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    switch (node.path("class").asString("")) {
      case "STAR", "POSITIONAL_REFERENCE" -> {
        return false;
      }
      case "COLUMN_REF" -> {
        List<String> names =
            node.path("column_names")
                .valueStream()
                .map(n -> n.asString("").toLowerCase(Locale.ROOT))
                .toList();
        return add(names, wholes, structs, named);
      }
      default -> {}
    }
    for (JsonNode child : node) {
      if (!collect(child, wholes, structs, named)) {
        return false;
      }
    }
    return true;
  }

  /// A name that could be understood in two ways counts as both.
  private static boolean add(
      List<String> names, Set<String> wholes, Set<String> structs, Map<String, Set<String>> named) {
    if (wholes.contains(names.getLast())) {
      return false;
    }
    for (int i = 0; i < names.size(); i++) {
      if (structs.contains(names.get(i))) {
        if (i == names.size() - 1) {
          return false;
        }
        named.computeIfAbsent(names.get(i), _ -> new HashSet<>()).add(names.get(i + 1));
      }
    }
    return true;
  }

  /// A column of which only such fields are left; one at least.
  SqlColumn of(SqlColumn column) {
    if (named == null || !(column instanceof SqlColumn.Struct struct)) {
      return column;
    }
    Set<String> wanted = named.getOrDefault(struct.name().toLowerCase(Locale.ROOT), Set.of());
    List<SqlColumn> fields =
        struct.fields().stream()
            .filter(f -> wanted.contains(f.name().toLowerCase(Locale.ROOT)))
            .toList();
    return new SqlColumn.Struct(
        struct.name(), fields.isEmpty() ? struct.fields().subList(0, 1) : fields);
  }
}
