package io.tidemark.server.registry;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventType;
import io.tidemark.event.Evolution;
import io.tidemark.event.Shapes;
import io.tidemark.server.json.AvroSchemaText;
import io.tidemark.server.json.SchemaChanges;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The schemas of declared streams, as versions of two subjects: what lies in the topic, in Avro
/// (`TOPIC-value`, where Kafka's tools look), and what events are, in JSON Schema (`TOPIC-json`).
public final class StreamSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSchemas.class);

  /// How often somebody else may be faster.
  private static final int ATTEMPTS = 100;

  /// Ids that were found to be nobody's. A node's schema is in the log before its first record.
  private static final int MAX_STRANGE = 10_000;

  private final SchemaRegistry registry;

  public StreamSchemas(SchemaRegistry registry) {
    this.registry = registry;
  }

  /// The subject of what lies in a stream's topic.
  static String records(StreamSpec stream) {
    return stream.dataName() + "-value";
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
                registry.newest(events(stream)).map(SchemaVersion::version).orElse(0),
                String.join("\n  - ", obstacles))
        + "  Change the schema so that it can; or, if it comes from an older app than other nodes"
        + " run, start this node with theirs; or declare `version: %d` for the stream, which then"
            .formatted(stream.version() + 1)
        + " begins anew beside the old data";
  }

  /// Why a declared schema cannot follow the one in force.
  private List<String> obstacles(StreamSpec stream) throws IOException {
    List<String> obstacles = new ArrayList<>();
    Optional<SchemaVersion> shaped = newestShape(stream);
    shaped
        .flatMap(SchemaVersion::shape)
        .ifPresent(before -> obstacles.addAll(Evolution.obstacles(before, stream.type())));
    registry
        .newest(events(stream))
        .filter(v -> v.kind() == Kind.JSON)
        .ifPresent(
            before -> obstacles.addAll(SchemaChanges.obstacles(before.text(), stream.schema())));
    int id = EventCodec.schemaId(stream.type());
    Optional<SchemaVersion> sameId = registry.byId(id);
    if (sameId.isPresent() && !sameId.get().shape().equals(Optional.of(stream.type()))) {
      obstacles.add(
          "its id, %d, is that of another schema, of %s; that is a chance of one in a billion: rename"
                  .formatted(id, sameId.get().subject())
              + " any field");
    }
    return obstacles;
  }

  private Optional<SchemaVersion> newestShape(StreamSpec stream) {
    return registry.versions(records(stream)).stream()
        .filter(v -> v.shape().isPresent())
        .reduce((_, later) -> later);
  }

  /// Makes the declared schemas those in force.
  ///
  /// @throws IOException where one cannot follow the version before it, and the log of schemas
  ///   cannot be reached; the message says what to do
  public void declare(Collection<StreamSpec> streams) throws IOException {
    List<String> refusals = refusals(streams);
    if (!refusals.isEmpty()) {
      throw new IOException(String.join("\n", refusals));
    }
    for (StreamSpec stream : streams) {
      for (int attempt = 0; !isDeclared(stream); attempt++) {
        if (attempt == ATTEMPTS) {
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
        registry.versions(events(stream)).stream().anyMatch(v -> v.hasText(Kind.JSON, text));
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
    Set<Integer> strange =
        Collections.newSetFromMap(
            new LinkedHashMap<>() {
              private static final long serialVersionUID = 1L;

              @Override
              protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > MAX_STRANGE;
              }
            });
    return id -> {
      Optional<EventType> known = shape(subject, id);
      if (known.isPresent()) {
        return known;
      }
      synchronized (strange) {
        if (strange.contains(id)) {
          return Optional.empty();
        }
      }
      try {
        registry.refresh();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Optional<EventType> now = shape(subject, id);
      if (now.isEmpty()) {
        synchronized (strange) {
          strange.add(id);
        }
      }
      return now;
    };
  }

  private Optional<EventType> shape(String subject, int id) {
    return registry.versions(subject).stream()
        .filter(v -> v.id() == id)
        .flatMap(v -> v.shape().stream())
        .findFirst();
  }
}
