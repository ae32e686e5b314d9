package io.tidemark.server.registry;

import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What tools may ask of the registry, and tell it. Schemas of streams are what apps declare;
/// subjects that are no stream's are anybody's.
final class Subjects {
  private static final String LATEST = "latest";

  /// Who is told so many will not read more.
  private static final int MAX_OBSTACLES = 100;

  private final SchemaRegistry registry;
  private final Set<String> declared;

  /// @param declared the subjects of this node's streams
  Subjects(SchemaRegistry registry, Set<String> declared) {
    this.registry = registry;
    this.declared = Set.copyOf(declared);
  }

  List<String> names(String prefix) throws RegistryError {
    refresh();
    return registry.subjects().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  /// The versions of a subject, at least one.
  List<SchemaVersion> versions(String subject) throws RegistryError {
    refresh();
    List<SchemaVersion> versions = registry.versions(subject);
    if (versions.isEmpty()) {
      throw RegistryError.noSubject(subject);
    }
    return versions;
  }

  /// @param version a number, or `latest`, or -1, which is the same
  SchemaVersion version(String subject, String version) throws RegistryError {
    int number = number(version);
    List<SchemaVersion> versions = versions(subject);
    if (number < 0) {
      return versions.getLast();
    }
    if (number > versions.size()) {
      throw RegistryError.noVersion(version);
    }
    return versions.get(number - 1);
  }

  private static int number(String version) throws RegistryError {
    if (version.equals(LATEST) || version.equals("-1")) {
      return -1;
    }
    try {
      int number = Integer.parseInt(version);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw RegistryError.badVersion(version);
  }

  /// All versions with an id, at least one. What has an id never changes.
  List<SchemaVersion> withId(String id) throws RegistryError {
    int number;
    try {
      number = Integer.parseInt(id);
    } catch (NumberFormatException _) {
      throw RegistryError.noSchema(id);
    }
    if (registry.byId(number).isEmpty()) {
      refresh();
    }
    List<SchemaVersion> found = registry.allWith(number);
    if (found.isEmpty()) {
      throw RegistryError.noSchema(id);
    }
    return found;
  }

  /// The version of a subject that has a schema.
  SchemaVersion find(String subject, AnySchema schema) throws RegistryError {
    return known(versions(subject), schema)
        .orElseThrow(() -> RegistryError.noSchema("in subject '%s'".formatted(subject)));
  }

  private static Optional<SchemaVersion> known(List<SchemaVersion> versions, AnySchema schema) {
    return versions.reversed().stream()
        .filter(v -> v.hasText(schema.kind(), schema.text()))
        .findFirst();
  }

  /// Registers a schema, or finds it where it is registered.
  SchemaVersion register(String subject, AnySchema schema) throws RegistryError {
    refresh();
    for (int attempt = 0; attempt < SchemaRegistry.ATTEMPTS; attempt++) {
      List<SchemaVersion> versions = registry.versions(subject);
      Optional<SchemaVersion> known = known(versions, schema);
      if (known.isPresent()) {
        return known.get();
      }
      requireFree(subject, versions);
      SchemaVersion next = registry.next(subject, schema.kind(), schema.text(), Optional.empty());
      String noRoom = registry.noRoom(next);
      if (!noRoom.isEmpty()) {
        throw RegistryError.badSchema(noRoom);
      }
      List<String> obstacles = obstacles(schema, versions);
      if (!obstacles.isEmpty()) {
        throw RegistryError.incompatible(
            "Schema being registered is incompatible with an earlier schema for subject \"%s\": %s"
                .formatted(subject, String.join("; ", obstacles)));
      }
      try {
        if (registry.append(next)) {
          return next;
        }
      } catch (IOException e) {
        throw RegistryError.backend(String.valueOf(e.getMessage()));
      }
    }
    throw RegistryError.backend("others are always faster; ask again later");
  }

  private void requireFree(String subject, List<SchemaVersion> versions) throws RegistryError {
    Optional<String> stream = versions.stream().flatMap(v -> v.stream().stream()).findFirst();
    if (stream.isPresent() || declared.contains(subject)) {
      throw RegistryError.readOnly(
          "subject %s is that of a stream: its schema is what the app declares. Change the schema in the app's folder, and start the nodes with it"
              .formatted(subject));
    }
  }

  /// Why what was written with any of some versions cannot be read with a schema.
  static List<String> obstacles(AnySchema schema, List<SchemaVersion> versions)
      throws RegistryError {
    List<String> obstacles = new ArrayList<>();
    for (SchemaVersion version : versions) {
      if (obstacles.size() > MAX_OBSTACLES) {
        break;
      }
      for (String obstacle : schema.obstacles(AnySchema.read(version.kind(), version.text()))) {
        obstacles.add("version %d: %s".formatted(version.version(), obstacle));
      }
    }
    return obstacles;
  }

  /// The language of a schema by the name that clients give it.
  static Kind kind(String name) throws RegistryError {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(name)) {
        return kind;
      }
    }
    throw RegistryError.badSchema("schemaType %s is not known; write AVRO or JSON".formatted(name));
  }

  private void refresh() throws RegistryError {
    try {
      registry.refresh();
    } catch (IOException e) {
      throw RegistryError.backend(String.valueOf(e.getMessage()));
    }
  }
}
