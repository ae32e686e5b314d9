package io.tidemark.server.yaml;

import io.tidemark.app.RollupSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads which grouping sets of a rollup are kept: `all`, or a list of lists of the fields of `by`.
/// Where nothing is said, all of up to [#ALL_UP_TO] fields, and only the full one of more.
final class GroupingSets {
  /// Sixteen sets at most; a field more would double what an event costs.
  static final int ALL_UP_TO = 4;

  /// No list of sets without repetition is longer.
  private static final int MAX_SETS = 1 << RollupSpec.MAX_DIMENSIONS;

  private static final String EXAMPLE = "[[country], [country, device]]";

  private final List<String> by;
  private final boolean allKnown;

  /// @param by the fields that make the groups
  /// @param allKnown whether that is all of them: else a field that is not among them may be one
  GroupingSets(List<String> by, boolean allKnown) {
    this.by = by;
    this.allKnown = allKnown;
  }

  /// The sets as bit masks over the fields.
  List<Integer> read(Optional<Node> node, Values values) {
    if (node.isEmpty()) {
      return by.size() <= ALL_UP_TO ? all() : List.of();
    }
    if (node.get() instanceof SequenceNode list) {
      return list(list, values);
    }
    if (!(node.get() instanceof ScalarNode scalar && scalar.getValue().equals("all"))) {
      values
          .problems()
          .add(
              node.get(),
              "sets: write all, or a list of lists of the fields of by, as in %s, not %s"
                  .formatted(EXAMPLE, Values.kind(node.get())));
    }
    return all();
  }

  private List<Integer> all() {
    return IntStream.range(0, 1 << by.size()).boxed().toList();
  }

  private List<Integer> list(SequenceNode list, Values values) {
    Set<Integer> masks = new LinkedHashSet<>();
    Problems problems = values.problems();
    for (Node element : values.limit("sets", list, MAX_SETS)) {
      if (!(element instanceof SequenceNode set)) {
        problems.add(
            element,
            "sets: a list of fields is wanted here, as in %s, not %s"
                .formatted(EXAMPLE, Values.kind(element)));
        continue;
      }
      int before = problems.reported();
      boolean isNew = masks.add(mask(set, values));
      if (!isNew && allKnown && problems.reported() == before) {
        problems.add(set, "sets: this set is there twice");
      }
    }
    return new ArrayList<>(masks);
  }

  private int mask(SequenceNode set, Values values) {
    int mask = 0;
    for (ScalarNode scalar : values.scalars("sets", set, RollupSpec.MAX_DIMENSIONS)) {
      String name = scalar.getValue();
      int bit = by.indexOf(name);
      if (bit < 0 && allKnown) {
        String nearest = Words.near(Nearest.toPath(name, by), by);
        values
            .problems()
            .add(
                scalar,
                "sets: " + Words.quoted(name) + " is not one of the fields of by" + nearest);
      } else if (bit >= 0 && (mask & 1 << bit) != 0) {
        values.problems().add(scalar, "sets: " + name + " is there twice in one set");
      } else if (bit >= 0) {
        mask |= 1 << bit;
      }
    }
    return mask;
  }
}
