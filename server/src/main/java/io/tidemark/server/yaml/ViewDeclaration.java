package io.tidemark.server.yaml;

import io.tidemark.app.ViewSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads one view: finds out which kind it is, and has it read.
final class ViewDeclaration {
  static final String TIMELINE = "timeline";
  static final String ROLLUP = "rollup";

  private final Map<String, DeclaredStream> streams;
  private final Values values;
  private final Problems problems;

  ViewDeclaration(Map<String, DeclaredStream> streams, Values values) {
    this.streams = streams;
    this.values = values;
    this.problems = values.problems();
  }

  /// The view, unless it has mistakes.
  Optional<ViewSpec> read(Section.Entry entry) {
    int before = problems.reported();
    String what = "view " + Words.quoted(entry.name());
    if (values.name("view", entry.key(), false) && streams.containsKey(entry.name())) {
      problems.add(
          entry.key(), what + " is named like a stream; every stream has a table of that name");
    }
    Optional<? extends ViewSpec> view =
        Section.read(what, entry.key(), entry.value(), problems)
            .flatMap(section -> read(entry, section, what));
    return problems.reported() > before ? Optional.empty() : view.map(v -> v);
  }

  private Optional<? extends ViewSpec> read(Section.Entry entry, Section section, String what) {
    Set<String> kinds = kinds(section);
    if (kinds.size() != 1) {
      problems.add(
          entry.key(),
          what
              + (kinds.isEmpty()
                  ? " needs timeline or rollup with the name of a stream, as in rollup: "
                      + Words.shown(streams.keySet().stream().findFirst().orElse("clicks"))
                  : " is a timeline and a rollup; declare two views"));
      return Optional.empty();
    }
    if (kinds.contains(TIMELINE)) {
      section.only(TimelineDeclaration.KEYS);
      Optional<DeclaredStream> stream = stream(section, TIMELINE);
      return new TimelineDeclaration(entry.name(), what, section, values).read(stream);
    }
    section.only(RollupDeclaration.KEYS);
    Optional<DeclaredStream> stream = stream(section, ROLLUP);
    return new RollupDeclaration(entry.name(), what, section, values).read(stream);
  }

  /// The kinds that a view may be of: by the key that says so, by one that looks like it, or by
  /// keys that only one kind has.
  private static Set<String> kinds(Section section) {
    Set<String> said = new LinkedHashSet<>(List.of(TIMELINE, ROLLUP));
    said.removeIf(kind -> !section.has(kind));
    if (!said.isEmpty()) {
      return said;
    }
    Set<String> meant = new LinkedHashSet<>();
    for (Section.Entry entry : section.entries()) {
      Nearest.to(entry.name(), List.of(TIMELINE, ROLLUP)).ifPresent(meant::add);
      if (Set.of("split", "keep").contains(entry.name())) {
        meant.add(TIMELINE);
      } else if (Set.of("every", "sets", "measures").contains(entry.name())) {
        meant.add(ROLLUP);
      }
    }
    return meant.size() == 1 ? meant : Set.of();
  }

  /// The stream a view folds; of one that is misspelt, the nearest.
  private Optional<DeclaredStream> stream(Section section, String kind) {
    Optional<Node> node =
        section.require(kind, streams.keySet().stream().findFirst().orElse("clicks"));
    return node.flatMap(n -> values.scalar(kind, n))
        .flatMap(
            scalar -> {
              String name = scalar.getValue();
              if (streams.containsKey(name)) {
                return Optional.of(name);
              }
              problems.add(
                  scalar,
                  "stream %s is not declared%s"
                      .formatted(Words.quoted(name), Words.nearestOf(name, streams.keySet())));
              return Nearest.to(name, streams.keySet());
            })
        .map(streams::get);
  }
}
