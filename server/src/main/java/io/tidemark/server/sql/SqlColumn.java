package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Sql;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A column of a table as SQL sees it, or a field of one.
sealed interface SqlColumn {
  String name();

  /// Its type in SQL.
  String type();

  /// Its value, made of columns that are named as in files.
  String expression();

  /// The names of the columns that it is made of.
  Stream<String> sources();

  /// A value that is stored in a column of its own.
  ///
  /// @param source the column's name
  /// @param cast whether it is stored as another type
  record Leaf(String name, String type, String source, boolean cast) implements SqlColumn {
    @Override
    public String expression() {
      String column = Sql.identifier(source);
      return cast ? "CAST(" + column + " AS " + type + ")" : column;
    }

    @Override
    public Stream<String> sources() {
      return Stream.of(source);
    }
  }

  /// An object of the schema.
  record Struct(String name, List<SqlColumn> fields) implements SqlColumn {
    public Struct {
      fields = List.copyOf(fields);
    }

    @Override
    public String type() {
      return fields.stream()
          .map(f -> Sql.identifier(f.name()) + " " + f.type())
          .collect(Collectors.joining(", ", "STRUCT(", ")"));
    }

    @Override
    public String expression() {
      return fields.stream()
          .map(f -> Sql.literal(f.name()) + ": " + f.expression())
          .collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    public Stream<String> sources() {
      return fields.stream().flatMap(SqlColumn::sources);
    }
  }

  /// Makes columns of leaves whose names are paths with dots. Names that SQL does not tell apart
  /// get `_2`, `_3`, … at their end.
  static List<SqlColumn> nested(List<Leaf> leaves) {
    Map<String, List<Leaf>> byRoot = new LinkedHashMap<>();
    for (Leaf leaf : leaves) {
      int dot = leaf.name().indexOf('.');
      String root = dot < 0 ? leaf.name() : leaf.name().substring(0, dot + 1);
      byRoot.computeIfAbsent(root, _ -> new ArrayList<>()).add(leaf);
    }
    Set<String> taken = new HashSet<>();
    List<SqlColumn> columns = new ArrayList<>();
    byRoot.forEach(
        (root, group) -> {
          if (root.endsWith(".")) {
            List<Leaf> inner =
                group.stream()
                    .map(
                        l ->
                            new Leaf(
                                l.name().substring(root.length()), l.type(), l.source(), l.cast()))
                    .toList();
            String name = unique(root.substring(0, root.length() - 1), taken);
            columns.add(new Struct(name, nested(inner)));
          } else {
            group.forEach(
                l ->
                    columns.add(new Leaf(unique(l.name(), taken), l.type(), l.source(), l.cast())));
          }
        });
    return columns;
  }

  private static String unique(String wanted, Set<String> taken) {
    String name = wanted;
    for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }
}
