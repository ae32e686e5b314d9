package io.tidemark.server.yaml;

import static io.tidemark.event.FieldType.BOOLEAN;
import static io.tidemark.event.FieldType.LONG;
import static io.tidemark.event.FieldType.STRING;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.FieldType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads a timeline.
final class TimelineDeclaration {
  static final List<String> KEYS =
      List.of(ViewDeclaration.TIMELINE, "by", "split", "keep", "retain");

  private final String name;
  private final String what;
  private final Section section;
  private final Values values;

  TimelineDeclaration(String name, String what, Section section, Values values) {
    this.name = name;
    this.what = what;
    this.section = section;
    this.values = values;
  }

  /// The timeline; meaningless where a problem was reported.
  Optional<TimelineSpec> read(Optional<DeclaredStream> stream) {
    Fields fields =
        stream.map(DeclaredStream::fields).orElseGet(() -> new Fields(null, values.problems()));
    Optional<Integer> by =
        section
            .require("by", "user_id")
            .flatMap(
                node ->
                    field(
                        "by",
                        node,
                        fields,
                        Set.of(STRING, LONG),
                        "a timeline's key is a string or an integer"));
    int split =
        section
            .get("split")
            .flatMap(
                node ->
                    field(
                        "split",
                        node,
                        fields,
                        Set.of(STRING, LONG, BOOLEAN),
                        "split needs a field of few values: a string, an integer or a boolean"))
            .orElse(TimelineSpec.NO_SPLIT);
    int keep =
        section
            .get("keep")
            .flatMap(node -> values.number("keep", node, 1, TimelineSpec.MAX_KEEP))
            .orElse(TimelineSpec.DEFAULT_KEEP);
    Optional<Duration> retain =
        section
            .get("retain")
            .flatMap(node -> values.duration("retain", node, StreamDeclaration.MIN_RETAIN));
    return stream.flatMap(
        s -> by.map(field -> new TimelineSpec(name, s.name(), field, split, keep, retain)));
  }

  private Optional<Integer> field(
      String key, Node node, Fields fields, Set<FieldType> types, String need) {
    return values
        .scalar(key, node)
        .flatMap(scalar -> fields.find(scalar, what))
        .filter(named -> fields.isOneOf(named, types, key, need))
        .map(Fields.Named::index);
  }
}
