package io.tidemark.server.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// One map of a declaration: names chosen by the user, or keys that mean something.
final class Section {
  /// A key with its value.
  record Entry(ScalarNode key, Node value) {
    String name() {
      return key.getValue();
    }

    boolean isEmpty() {
      return Values.isEmpty(value);
    }
  }

  private final String what;
  private final Node at;
  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private Section(String what, Node at, Problems problems) {
    this.what = what;
    this.at = at;
    this.problems = problems;
  }

  /// Takes a map apart; of a key that is there twice, the first counts.
  ///
  /// @param what the map's name in messages
  /// @param at where the lack of a key is reported
  /// @return empty, after a problem was reported, where the node is no map
  static Optional<Section> read(String what, Node at, Node node, Problems problems) {
    if (!(node instanceof MappingNode map)) {
      problems.add(node, what + ": a map of keys is wanted here, not " + Values.kind(node));
      return Optional.empty();
    }
    var section = new Section(what, at, problems);
    for (NodeTuple tuple : map.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key) {
        section.put(new Entry(key, tuple.getValueNode()));
      } else {
        problems.add(tuple.getKeyNode(), "a key is a name, not " + Values.kind(tuple.getKeyNode()));
      }
    }
    return Optional.of(section);
  }

  private void put(Entry entry) {
    Entry first = entries.putIfAbsent(entry.name(), entry);
    if (first != null) {
      problems.add(
          entry.key,
          "key %s is there twice in %s; the first is in line %d"
              .formatted(Words.quoted(entry.name()), what, Problems.mark(first.key).getLine() + 1));
    }
  }

  /// Reports keys that mean nothing, and keys without a value. A key that is near one that is
  /// absent is taken for it from here on, so that its value is checked too.
  Section only(List<String> known) {
    for (Entry entry : List.copyOf(entries.values())) {
      if (!known.contains(entry.name())) {
        Optional<String> nearest = Nearest.to(entry.name(), known);
        problems.add(
            entry.key,
            "unknown key %s in %s%s%s"
                .formatted(
                    Words.quoted(entry.name()),
                    what,
                    nearest.map(Words::didYouMean).orElse(""),
                    Words.known(known)));
        nearest.ifPresent(name -> entries.putIfAbsent(name, entry));
      } else if (entry.isEmpty()) {
        problems.add(entry.key, entry.name() + ": a value is missing");
      }
    }
    return this;
  }

  /// Where the lack of something is reported.
  Node at() {
    return at;
  }

  /// All entries, in order, for maps whose keys are chosen by the user.
  List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  /// The value of a key, if it is there and not empty.
  Optional<Node> get(String key) {
    return entry(key).map(Entry::value);
  }

  /// A key with its value, if it is there and not empty.
  Optional<Entry> entry(String key) {
    return Optional.ofNullable(entries.get(key)).filter(entry -> !entry.isEmpty());
  }

  /// The value of a key that must be there.
  ///
  /// @param example a value, for the message
  Optional<Node> require(String key, String example) {
    if (!has(key)) {
      problems.add(at, "%s needs %s, as in %s: %s".formatted(what, key, key, example));
    }
    return get(key);
  }
}
