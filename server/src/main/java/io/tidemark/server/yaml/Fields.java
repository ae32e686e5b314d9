package io.tidemark.server.yaml;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Finds the fields that a declaration names. Where the shape of the events is not known, since the
/// schema has mistakes of its own, none is found and none is reported.
final class Fields {
  private final @Nullable EventType type;
  private final Problems problems;

  Fields(@Nullable EventType type, Problems problems) {
    this.type = type;
    this.problems = problems;
  }

  /// A field, and where it was named.
  ///
  /// @param offset where in the scalar its name starts
  record Named(int index, Field field, ScalarNode node, int offset) {}

  /// The field that a scalar names.
  ///
  /// @param where which declaration names it, for messages
  Optional<Named> find(ScalarNode node, String where) {
    return find(node, 0, node.getValue(), where);
  }

  /// The field that a part of a scalar names.
  Optional<Named> find(ScalarNode node, int offset, String path, String where) {
    if (type == null) {
      return Optional.empty();
    }
    int index = type.indexOf(path);
    if (index < 0) {
      problems.add(
          node, offset, "unknown field " + Words.quoted(path) + " in " + where + advice(path));
      return Optional.empty();
    }
    return Optional.of(new Named(index, type.field(index), node, offset));
  }

  /// The end of a message about a path that does not exist.
  private String advice(String path) {
    List<String> paths = fields().stream().map(Field::path).toList();
    List<String> below = paths.stream().filter(p -> p.startsWith(path + ".")).toList();
    if (!below.isEmpty()) {
      return "; it is an object, name one of its fields" + Words.known(below);
    }
    Optional<Field> above =
        fields().stream().filter(f -> path.startsWith(f.path() + ".")).findFirst();
    if (above.isPresent()) {
      String name = above.get().path();
      return "; %s is %s, which has no fields".formatted(name, Words.type(above.get().type()));
    }
    return Words.near(Nearest.toPath(path, paths), paths);
  }

  private List<Field> fields() {
    return type == null ? List.of() : type.fields();
  }

  /// Whether a field has one of the types; reported where not.
  ///
  /// @param what what uses the field, as in `sum(country)`
  /// @param need what it needs, as in `sum needs a number`
  boolean isOneOf(Named named, Set<FieldType> types, String what, String need) {
    if (types.contains(named.field.type())) {
      return true;
    }
    problems.add(
        named.node,
        named.offset,
        "%s: %s is %s; %s"
            .formatted(what, named.field.path(), Words.type(named.field.type()), need));
    return false;
  }

  /// Whether a field is required by the schema; reported where not.
  boolean isRequired(Named named, String what) {
    if (!named.field.required()) {
      problems.add(
          named.node,
          named.offset,
          "%s: %s may be absent or null; make it required in the schema"
              .formatted(what, named.field.path()));
    }
    return named.field.required();
  }
}
