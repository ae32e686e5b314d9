package io.tidemark.server.yaml;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// How long a stream's events are kept: `24h`, or `{hot: 30d, archive: 365d}`.
///
/// @param all empty: for ever
/// @param hot how long they stay on the nodes' own disks, where older ones are in the archive only;
///   empty: there is none
record Retention(Optional<Duration> all, Optional<Duration> hot) {
  static final Retention FOR_EVER = new Retention(Optional.empty(), Optional.empty());

  /// What is said of events that stay in the archive for ever.
  private static final String NO_END = "forever";

  static Retention read(Section.Entry entry, Values values) {
    if (!(entry.value() instanceof MappingNode)) {
      return new Retention(
          values.duration("retain", entry.value(), StreamDeclaration.MIN_RETAIN), Optional.empty());
    }
    return Section.read("retain", entry.key(), entry.value(), values.problems())
        .map(section -> tiers(section.only(List.of("hot", "archive")), values))
        .orElse(FOR_EVER);
  }

  private static Retention tiers(Section section, Values values) {
    Optional<Duration> hot =
        section
            .require("hot", "30d")
            .flatMap(node -> values.duration("hot", node, StreamDeclaration.MIN_RETAIN));
    boolean noEnd =
        section
            .require("archive", "365d")
            .flatMap(node -> values.scalar("archive", node))
            .map(ScalarNode::getValue)
            .filter(NO_END::equals)
            .isPresent();
    Optional<Duration> archive =
        noEnd
            ? Optional.empty()
            : section
                .get("archive")
                .flatMap(node -> values.duration("archive", node, StreamDeclaration.MIN_RETAIN));
    if (hot.isPresent() && archive.isPresent() && archive.get().compareTo(hot.get()) < 0) {
      values
          .problems()
          .add(
              section.get("archive").orElseThrow(),
              "archive: %s is shorter than hot: %s; events are in the archive from there on"
                  .formatted(Durations.format(archive.get()), Durations.format(hot.get())));
    }
    return new Retention(archive, hot);
  }
}
