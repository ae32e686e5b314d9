package io.tidemark.server.registry;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventType;
import io.tidemark.event.Evolution;
import io.tidemark.event.Shapes;
import io.tidemark.server.json.AvroSchemaText;
import io.tidemark.server.json.JsonSchemaReader;
import io.tidemark.server.json.SchemaChanges;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The schemas of declared streams, as versions of two subjects: what lies in the topic, in Avro
/// (`TOPIC-value`, where Kafka's tools look), and what events are, in JSON Schema (`TOPIC-json`).
public final class StreamSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSchemas.class);

  private final SchemaRegistry registry;

  public StreamSchemas(SchemaRegistry registry) {
    this.registry = registry;
  }

  /// The subject of what lies in a stream's topic.
  static String records(StreamSpec stream) {
    return records(stream.dataName());
  }

  private static String records(String dataName) {
    return dataName + "-value";
  }

  /// The subject of what events are.
  static String events(StreamSpec stream) {
    return stream.dataName() + "-json";
  }

  /// Compares the declared schemas with those in force.
  ///
  /// @return for each that cannot follow, a few lines that say why and what to do
  public List<String> refusals(Collection<StreamSpec> streams) throws IOException {
    registry.refresh();
    List<String> refusals = new ArrayList<>();
    for (StreamSpec stream : streams) {
      List<String> obstacles = obstacles(stream);
      if (!obstacles.isEmpty()) {
        refusals.add(refusal(stream, obstacles));
      }
    }
    return refusals;
  }

  private String refusal(StreamSpec stream, List<String> obstacles) {
    return "stream %s: its schema cannot follow the one in force (%s, version %d):\n  - %s\n"
            .formatted(
                stream.name(),
                events(stream),
                newestOfStream(events(stream)).map(SchemaVersion::version).orElse(0),
                String.join("\n  - ", obstacles))
        + "  Change the schema so that it can; or, if it comes from an older app than other nodes"
        + " run, start this node with theirs; or declare `version: %d` for the stream, which then"
            .formatted(stream.version() + 1)
        + " begins anew beside the old data";
  }

  /// Why a declared schema cannot follow the one in force. What somebody has registered under its
  /// subjects' names before it was declared is of no matter.
  private List<String> obstacles(StreamSpec stream) throws IOException {
    Set<String> obstacles = new LinkedHashSet<>();
    newestOfStream(records(stream))
        .flatMap(SchemaVersion::shape)
        .ifPresent(before -> obstacles.addAll(Evolution.obstacles(before, stream.type())));
    Optional<SchemaVersion> before = newestOfStream(events(stream));
    if (before.isPresent()) {
      // Of another node, perhaps, whose records have no version yet.
      String text = before.get().text();
      EventType type = new JsonSchemaReader().readText(stream.name(), text, "schema").type();
      obstacles.addAll(Evolution.obstacles(type, stream.type()));
      obstacles.addAll(SchemaChanges.obstacles(text, stream.schema()));
    }
    int id = EventCodec.schemaId(stream.type());
    Optional<SchemaVersion> sameId = registry.byId(id);
    if (sameId.isPresent() && !sameId.get().shape().equals(Optional.of(stream.type()))) {
      obstacles.add(
          "its id, %d, is that of another schema, of %s; that is a chance of one in a billion: rename"
                  .formatted(id, sameId.get().subject())
              + " any field");
    }
    return List.copyOf(obstacles);
  }

  private Optional<SchemaVersion> newestOfStream(String subject) {
    return registry.versions(subject).stream()
        .filter(v -> v.stream().isPresent())
        .reduce((_, later) -> later);
  }

  /// Compares as [#refusals] does, and registers nothing.
  ///
  /// @throws IOException where one cannot follow the version before it, or the log of schemas
  ///   cannot be reached; the message says what to do
  public void check(Collection<StreamSpec> streams) throws IOException {
    List<String> refusals = refusals(streams);
    if (!refusals.isEmpty()) {
      throw new IOException(String.join("\n", refusals));
    }
  }

  /// Makes the declared schemas those in force.
  ///
  /// @throws IOException where one cannot follow the version before it, and the log of schemas
  ///   cannot be reached; the message says what to do
  public void declare(Collection<StreamSpec> streams) throws IOException {
    check(streams);
    for (StreamSpec stream : streams) {
      for (int attempt = 0; !isDeclared(stream); attempt++) {
        if (attempt == SchemaRegistry.ATTEMPTS) {
          throw new IOException(
              "the schema of stream %s cannot be registered: others are always faster"
                  .formatted(stream.name()));
        }
      }
    }
  }

  /// Appends what is missing; whether nothing is.
  private boolean isDeclared(StreamSpec stream) throws IOException {
    List<String> obstacles = obstacles(stream);
    if (!obstacles.isEmpty()) {
      // Another node has made a version meanwhile.
      throw new IOException(refusal(stream, obstacles));
    }
    String text = SchemaChanges.normal(stream.schema());
    boolean hasEvents =
        registry.versions(events(stream)).stream()
            .anyMatch(v -> v.stream().isPresent() && v.hasText(Kind.JSON, text));
    if (!hasEvents) {
      return say(registry.next(events(stream), Kind.JSON, text, Optional.of(stream.dataName())));
    }
    boolean hasRecords =
        registry.versions(records(stream)).stream()
            .anyMatch(v -> v.shape().equals(Optional.of(stream.type())));
    if (!hasRecords) {
      String avro = AvroSchemaText.of(stream.type());
      return say(registry.next(records(stream), stream.dataName(), stream.type(), avro));
    }
    return true;
  }

  /// @return that something was missing
  private boolean say(SchemaVersion version) throws IOException {
    if (registry.append(version)) {
      LOG.info(
          "schema {} has version {} now, with id {}",
          version.subject(),
          version.version(),
          version.id());
    }
    return false;
  }

  /// The shapes of a stream's records.
  public Shapes shapes(StreamSpec stream) {
    String subject = records(stream);
    return id -> {
      Optional<EventType> known = shape(subject, id);
      if (known.isPresent() || id < EventCodec.LEAST_SCHEMA_ID) {
        return known;
      }
      try {
        registry.refresh();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return shape(subject, id);
    };
  }

  /// The versions that a stream's records have had, as far as this node has heard.
  ///
  /// @param dataName the name that the stream's data has
  public List<EventType> versions(String dataName) {
    return registry.versions(records(dataName)).stream().flatMap(v -> v.shape().stream()).toList();
  }

  private Optional<EventType> shape(String subject, int id) {
    return registry.versions(subject).stream()
        .filter(v -> v.id() == id)
        .flatMap(v -> v.shape().stream())
        .findFirst();
  }
}
