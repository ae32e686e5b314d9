package io.tidemark.server.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which columns of tables a question may need: those that it names. A plan would know better, but
/// does not tell: where only fields of structs are read of a scan, it says nothing of any column.
///
/// @param names all that it names, be they columns or not, in lower case; null where it may ask for
///   columns in other ways
record NamedColumns(@Nullable Set<String> names) {
  private static final NamedColumns ALL = new NamedColumns(null);

  /// Looks through a syntax tree.
  ///
  /// @param tables the names of all tables, in lower case: a table can be asked for as a struct
  static NamedColumns of(JsonNode tree, Set<String> tables) {
    Set<String> wholes = wholes(tree, tables);
    Set<String> names = new HashSet<>();
    return collect(tree, wholes, names) ? new NamedColumns(names) : ALL;
  }

  /// The names that stand for whole rows: those of tables, and what a query calls what it reads
  /// from. An expression with a name stands for what it is made of, and that is looked at itself.
  static Set<String> wholes(JsonNode tree, Set<String> tables) {
    Set<String> wholes = new HashSet<>(tables);
    collectTables(tree, wholes);
    return wholes;
  }

  /// What tables are called; expressions have a class, tables have none.
  private static void collectTables(JsonNode node, Set<String> wholes) {
    String alias = node.path("alias").asString("");
    if (!alias.isEmpty() && !node.has("class")) {
      wholes.add(lower(alias));
    }
    for (JsonNode child : node) {
      collectTables(child, wholes);
    }
  }

  /// @return false where columns may be asked for that are not named
  private static boolean collect(JsonNode node, Set<String> wholes, Set<String> names) {
    if (node.path("ref_type").asString("").equals("NATURAL")
        || !node.path("column_name_alias").isEmpty()) {
      return false;
    }
    node.path("using_columns").valueStream().forEach(c -> names.add(lower(c.asString(""))));
    switch (node.path("class").asString("")) {
      case "STAR", "POSITIONAL_REFERENCE" -> {
        return false;
      }
      case "COLUMN_REF" -> {
        List<String> parts =
            node.path("column_names").valueStream().map(n -> lower(n.asString(""))).toList();
        names.addAll(parts);
        if (parts.isEmpty() || wholes.contains(parts.getLast())) {
          return false;
        }
      }
      default -> {}
    }
    for (JsonNode child : node) {
      if (!collect(child, wholes, names)) {
        return false;
      }
    }
    return true;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /// The places of those that a table has.
  List<Integer> of(SqlTable table) {
    return IntStream.range(0, table.columns().size())
        .filter(c -> names == null || names.contains(lower(table.columns().get(c).name())))
        .boxed()
        .toList();
  }
}
