package io.tidemark.server.yaml;

import java.util.HashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// The names that apps which run together must not share. Within one app repetitions are reported
/// elsewhere, where more is known about them.
final class Names {
  /// Where a name was declared first.
  private record Place(String what, Mark mark) {}

  private final Map<String, Place> apps = new HashMap<>();

  /// Streams and views: both name what can be queried.
  private final Map<String, Place> relations = new HashMap<>();

  private final Map<String, Place> contracts = new HashMap<>();
  private final Problems problems;

  Names(Problems problems) {
    this.problems = problems;
  }

  void app(ScalarNode name) {
    declare(apps, "app", name);
  }

  void stream(ScalarNode name) {
    declare(relations, "stream", name);
  }

  void view(ScalarNode name) {
    declare(relations, "view", name);
  }

  /// A contract owns paths of the HTTP API, so one app has it.
  void contract(ScalarNode name) {
    declare(contracts, "contract", name);
  }

  private void declare(Map<String, Place> places, String what, ScalarNode name) {
    Mark here = Problems.mark(name);
    Place first = places.putIfAbsent(name.getValue(), new Place(what, here));
    if (first != null && !first.mark.getName().equals(here.getName())) {
      problems.add(
          here,
          "%s %s is also the name of the %s in %s:%d; apps that run together need different names"
              .formatted(
                  what,
                  Words.quoted(name.getValue()),
                  first.what,
                  first.mark.getName(),
                  first.mark.getLine() + 1));
    }
  }
}
