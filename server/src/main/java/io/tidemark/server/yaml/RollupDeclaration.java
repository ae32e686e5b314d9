package io.tidemark.server.yaml;

import static io.tidemark.event.FieldType.BOOLEAN;
import static io.tidemark.event.FieldType.JSON;
import static io.tidemark.event.FieldType.LONG;
import static io.tidemark.event.FieldType.STRING;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.FieldType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads a rollup.
final class RollupDeclaration {
  static final List<String> KEYS =
      List.of(ViewDeclaration.ROLLUP, "every", "by", "sets", "measures", "retain");

  private static final Duration MAX_EVERY = Duration.ofDays(1);

  private final String name;
  private final String what;
  private final Section section;
  private final Values values;
  private final Problems problems;

  RollupDeclaration(String name, String what, Section section, Values values) {
    this.name = name;
    this.what = what;
    this.section = section;
    this.values = values;
    this.problems = values.problems();
  }

  /// The rollup; meaningless where a problem was reported.
  Optional<RollupSpec> read(Optional<DeclaredStream> stream) {
    Fields fields = stream.map(DeclaredStream::fields).orElseGet(() -> new Fields(null, problems));
    Optional<Duration> every = section.require("every", "1m").flatMap(this::every);

    int before = problems.reported();
    List<Fields.Named> by = section.get("by").map(node -> by(node, fields)).orElse(List.of());
    boolean allKnown = problems.reported() == before;
    var sets = new GroupingSets(by.stream().map(named -> named.field().path()).toList(), allKnown);
    List<Integer> masks = sets.read(section.get("sets"), values);

    List<Measure> measures =
        section
            .entry("measures")
            .map(entry -> new Measures(what, fields, values).read(entry, by))
            .orElse(List.of());
    if (!section.has("measures")) {
      // Asked for only to have the lack reported.
      section.require("measures", "{ count: count() }");
    }
    Optional<Duration> retain = retain(every, stream.flatMap(DeclaredStream::retain));

    boolean complete = problems.reported() == before && !measures.isEmpty();
    return stream
        .filter(_ -> complete)
        .flatMap(
            s ->
                every.map(
                    width ->
                        new RollupSpec(
                            name,
                            s.name(),
                            width,
                            by.stream().map(Fields.Named::index).toList(),
                            masks,
                            measures,
                            retain)));
  }

  private Optional<Duration> every(Node node) {
    return values
        .duration("every", node, RollupSpec.MIN_EVERY, MAX_EVERY)
        .filter(
            every -> {
              boolean fits = every.equals(divisor(every));
              if (!fits) {
                problems.add(
                    node,
                    "every: %s is not a number of seconds that divides a day; the nearest is %s"
                        .formatted(Durations.format(every), Durations.format(divisor(every))));
              }
              return fits;
            });
  }

  /// The number of whole seconds that divides a day and is nearest to a duration.
  private static Duration divisor(Duration every) {
    long best = 1;
    for (long seconds = 1; seconds <= 86_400; seconds++) {
      long distance = Math.abs(every.toMillis() - seconds * 1000);
      if (86_400 % seconds == 0 && distance < Math.abs(every.toMillis() - best * 1000)) {
        best = seconds;
      }
    }
    return Duration.ofSeconds(best);
  }

  private List<Fields.Named> by(Node node, Fields fields) {
    List<Fields.Named> by = new ArrayList<>();
    for (ScalarNode scalar : values.scalars("by", node, RollupSpec.MAX_DIMENSIONS)) {
      Optional<Fields.Named> named = fields.find(scalar, what);
      if (named.isPresent()
          && fields.isOneOf(
              named.get(),
              Set.of(STRING, LONG, BOOLEAN, JSON),
              "by",
              reason(named.get().field().type()))) {
        String path = named.get().field().path();
        if (by.stream().anyMatch(other -> other.field().path().equals(path))) {
          problems.add(scalar, "by: " + path + " is there twice");
        }
        by.add(named.get());
      }
    }
    return by;
  }

  /// Why a field of a type cannot make groups.
  private static String reason(FieldType type) {
    return type == FieldType.TIMESTAMP
        ? "nearly every event would be a group of its own; every is what groups by time"
        : "nearly every value would be a group of its own; measure it, as in avg or percentile";
  }

  /// How long buckets are kept: as the rollup says, or as its stream does.
  private Optional<Duration> retain(Optional<Duration> every, Optional<Duration> ofStream) {
    Optional<Duration> own =
        section
            .get("retain")
            .flatMap(node -> values.duration("retain", node, StreamDeclaration.MIN_RETAIN));
    Optional<Duration> retain = section.has("retain") ? own : ofStream;
    if (retain.isPresent() && every.isPresent() && retain.get().compareTo(every.get()) < 0) {
      Node at = section.get("retain").or(() -> section.get("every")).orElseThrow();
      problems.add(
          at,
          "retain: %s%s is shorter than one bucket; write at least %s"
              .formatted(
                  own.isPresent() ? "" : "the stream's ",
                  Durations.format(retain.get()),
                  Durations.format(every.get())));
    }
    return retain;
  }
}
