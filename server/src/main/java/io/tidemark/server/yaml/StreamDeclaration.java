package io.tidemark.server.yaml;

import static io.tidemark.event.FieldType.BOOLEAN;
import static io.tidemark.event.FieldType.LONG;
import static io.tidemark.event.FieldType.STRING;
import static io.tidemark.event.FieldType.TIMESTAMP;

import io.tidemark.app.SchemaReader;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.StreamSpec.IdSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads one stream.
final class StreamDeclaration {
  static final int MAX_KEY_FIELDS = 8;

  /// A kept span of time below this is a slip.
  static final Duration MIN_RETAIN = Duration.ofSeconds(1);

  static final long MIN_LOG_KEEP = 1L << 20;
  static final long MAX_LOG_KEEP = 1024L << 40;

  static final List<String> KEYS =
      List.of("schema", "version", "time", "key", "id", "retain", "partitions", "log", "max_ahead");

  private final String name;
  private final String what;
  private final Section section;
  private final Values values;
  private final Problems problems;
  private final Optional<SchemaReader.Result> schema;
  private final Fields fields;

  private StreamDeclaration(Section.Entry entry, Section section, Schemas schemas, Values values) {
    this.name = entry.name();
    this.what = what(entry);
    this.section = section.only(KEYS);
    this.values = values;
    this.problems = values.problems();
    this.schema =
        section
            .require("schema", "schemas/" + Words.shown(name) + ".json")
            .flatMap(node -> values.scalar("schema", node))
            .flatMap(node -> schemas.read(name, node));
    this.fields = new Fields(schema.map(SchemaReader.Result::type).orElse(null), problems);
  }

  private static String what(Section.Entry entry) {
    return "stream " + Words.quoted(entry.name());
  }

  static DeclaredStream read(Section.Entry entry, Schemas schemas, Values values) {
    int before = values.problems().reported();
    values.name("stream", entry.key(), false);
    return Section.read(what(entry), entry.key(), entry.value(), values.problems())
        .map(section -> new StreamDeclaration(entry, section, schemas, values).read(before))
        .orElseGet(() -> unknown(entry.name(), values));
  }

  private static DeclaredStream unknown(String name, Values values) {
    return new DeclaredStream(
        name, Optional.empty(), new Fields(null, values.problems()), Optional.empty());
  }

  private DeclaredStream read(int before) {
    int time = section.get("time").flatMap(this::time).orElse(StreamSpec.APPEND_TIME);
    int version =
        section
            .get("version")
            .flatMap(n -> values.number("version", n, 1, StreamSpec.MAX_VERSION))
            .orElse(1);
    List<Integer> key = section.get("key").map(this::key).orElse(List.of());
    Optional<IdSpec> id = section.get("id").flatMap(this::id);
    Retention retention =
        section.entry("retain").map(e -> Retention.read(e, values)).orElse(Retention.FOR_EVER);
    int partitions =
        section
            .get("partitions")
            .flatMap(n -> values.number("partitions", n, 1, StreamSpec.MAX_PARTITIONS))
            .orElse(StreamSpec.DEFAULT_PARTITIONS);
    long logKeep =
        section.entry("log").flatMap(this::logKeep).orElse(StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    Duration maxAhead =
        section
            .get("max_ahead")
            .flatMap(node -> values.duration("max_ahead", node, Duration.ZERO))
            .orElse(StreamSpec.DEFAULT_MAX_AHEAD);
    boolean broken = problems.reported() > before;
    Optional<StreamSpec> spec =
        schema
            .filter(_ -> !broken)
            .map(
                s ->
                    new StreamSpec(
                        name,
                        version,
                        s.type(),
                        s.source(),
                        time,
                        key,
                        id,
                        retention.all(),
                        retention.hot(),
                        partitions,
                        logKeep,
                        maxAhead));
    return new DeclaredStream(name, spec, fields, retention.all());
  }

  private Optional<Integer> time(Node node) {
    return values
        .scalar("time", node)
        .flatMap(scalar -> fields.find(scalar, what))
        .filter(
            field ->
                fields.isOneOf(
                    field,
                    Set.of(TIMESTAMP, LONG),
                    "time",
                    "the time of an event is a string of format date-time, or an integer of"
                        + " milliseconds since 1970"))
        .filter(field -> fields.isRequired(field, "time"))
        .map(Fields.Named::index);
  }

  private List<Integer> key(Node node) {
    List<ScalarNode> scalars = values.scalars("key", node, MAX_KEY_FIELDS);
    List<Integer> key = new ArrayList<>();
    for (ScalarNode scalar : scalars) {
      Optional<Fields.Named> field = fields.find(scalar, what);
      if (field.isPresent()
          && fields.isOneOf(
              field.get(),
              Set.of(STRING, LONG, BOOLEAN, TIMESTAMP),
              "key",
              "a key needs values that are equal exactly where they look equal: strings, integers,"
                  + " booleans or times")
          && fields.isRequired(field.get(), "key")) {
        if (key.contains(field.get().index())) {
          problems.add(scalar, "key: " + field.get().field().path() + " is there twice");
        }
        key.add(field.get().index());
      }
    }
    return key;
  }

  private Optional<IdSpec> id(Node node) {
    if (!(node instanceof MappingNode)) {
      return values
          .scalar("id", node)
          .flatMap(this::idField)
          .map(field -> new IdSpec(field, IdSpec.DEFAULT_WINDOW));
    }
    return Section.read("id", node, node, problems)
        .map(map -> map.only(List.of("field", "window")))
        .flatMap(
            map -> {
              Duration window =
                  map.get("window")
                      .flatMap(w -> values.duration("window", w, Duration.ofSeconds(1)))
                      .orElse(IdSpec.DEFAULT_WINDOW);
              return map.require("field", "event_id")
                  .flatMap(field -> values.scalar("field", field))
                  .flatMap(this::idField)
                  .map(field -> new IdSpec(field, window));
            });
  }

  private Optional<Integer> idField(ScalarNode scalar) {
    return fields
        .find(scalar, what)
        .filter(f -> fields.isOneOf(f, Set.of(STRING, LONG), "id", "an id is a string or integer"))
        .filter(f -> fields.isRequired(f, "id"))
        .map(Fields.Named::index);
  }

  private Optional<Long> logKeep(Section.Entry log) {
    return Section.read("log", log.key(), log.value(), problems)
        .map(map -> map.only(List.of("keep")))
        .flatMap(map -> map.require("keep", "4GiB"))
        .flatMap(node -> values.size("keep", node, MIN_LOG_KEEP, MAX_LOG_KEEP));
  }
}
