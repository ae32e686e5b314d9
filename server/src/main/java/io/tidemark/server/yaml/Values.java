package io.tidemark.server.yaml;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads single values and short lists; what is not such a value is reported, and empty.
final class Values {
  /// Spans of time longer than a century are taken for slips.
  static final Duration MAX_DURATION = Duration.ofDays(36_500);

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]+");
  private static final int MAX_NAME = 100;

  private final Problems problems;

  Values(Problems problems) {
    this.problems = problems;
  }

  Problems problems() {
    return problems;
  }

  static boolean isEmpty(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /// What a node is, in words.
  static String kind(Node node) {
    return switch (node) {
      case MappingNode _ -> "a map";
      case SequenceNode _ -> "a list";
      default -> isEmpty(node) ? "nothing" : Words.quoted(((ScalarNode) node).getValue());
    };
  }

  Optional<ScalarNode> scalar(String what, Node node) {
    if (node instanceof ScalarNode scalar && !isEmpty(node)) {
      return Optional.of(scalar);
    }
    problems.add(node, what + ": a single value is wanted here, not " + kind(node));
    return Optional.empty();
  }

  /// One scalar, or a list of them.
  ///
  /// @param max how many there may be; what comes after is not read
  List<ScalarNode> scalars(String what, Node node, int max) {
    if (!(node instanceof SequenceNode list)) {
      return scalar(what, node).map(List::of).orElse(List.of());
    }
    List<ScalarNode> scalars = new ArrayList<>();
    for (Node element : limit(what, list, max)) {
      scalar(what, element).ifPresent(scalars::add);
    }
    return scalars;
  }

  /// The first elements of a list; that there are more is reported.
  List<Node> limit(String what, SequenceNode list, int max) {
    int size = list.getValue().size();
    if (size > max) {
      problems.add(list, "%s: %d in the list; at most %d".formatted(what, size, max));
    }
    return list.getValue().subList(0, Math.min(size, max));
  }

  Optional<Integer> number(String what, Node node, int min, int max) {
    Optional<String> text = scalar(what, node).map(ScalarNode::getValue);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!WHOLE_NUMBER.matcher(text.get()).matches()) {
      problems.add(node, what + ": " + Words.quoted(text.get()) + " is not a whole number");
      return Optional.empty();
    }
    // Ten digits hold every int; what is longer is out of any range.
    long number = text.get().length() > 11 ? Long.MAX_VALUE : Long.parseLong(text.get());
    if (number < min || number > max) {
      problems.add(
          node,
          "%s: %s is out of range; from %d to %d"
              .formatted(what, Words.shown(text.get()), min, max));
      return Optional.empty();
    }
    return Optional.of((int) number);
  }

  Optional<Duration> duration(String what, Node node, Duration min) {
    return duration(what, node, min, MAX_DURATION);
  }

  Optional<Duration> duration(String what, Node node, Duration min, Duration max) {
    return quantity(
        what,
        node,
        new Quantity<>(
            "duration; write a number and a unit of ms, s, m, h, d or w, as in 1m",
            Durations::parse,
            Durations::mend,
            Durations::format),
        min,
        max);
  }

  Optional<Long> size(String what, Node node, long min, long max) {
    return quantity(
        what,
        node,
        new Quantity<>(
            "size; write a number and a unit of B, KiB, MiB, GiB or TiB, as in 4GiB",
            Sizes::parse,
            Sizes::mend,
            Sizes::format),
        min,
        max);
  }

  /// A number with a unit.
  ///
  /// @param advice what it is called and how it is written
  /// @param mend what a text that cannot be parsed was meant to be
  private record Quantity<T>(
      String advice,
      Function<String, Optional<T>> parse,
      Function<String, Optional<String>> mend,
      Function<T, String> format) {}

  private <T extends Comparable<T>> Optional<T> quantity(
      String what, Node node, Quantity<T> quantity, T min, T max) {
    Optional<String> text = scalar(what, node).map(ScalarNode::getValue);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> value = quantity.parse.apply(text.get());
    if (value.isEmpty()) {
      String mended = quantity.mend.apply(text.get()).map(Words::didYouMean).orElse("");
      problems.add(
          node, what + ": " + Words.quoted(text.get()) + " is not a " + quantity.advice + mended);
    } else if (value.get().compareTo(min) < 0 || value.get().compareTo(max) > 0) {
      problems.add(
          node,
          "%s: %s is out of range; from %s to %s"
              .formatted(
                  what,
                  Words.shown(text.get()),
                  quantity.format.apply(min),
                  quantity.format.apply(max)));
      return Optional.empty();
    }
    return value;
  }

  /// Checks a name the user chose.
  ///
  /// @param what what is named
  /// @param hyphen whether - is allowed
  boolean name(String what, ScalarNode node, boolean hyphen) {
    String name = node.getValue();
    if (name.matches(hyphen ? "[a-z][a-z0-9_-]*" : "[a-z][a-z0-9_]*")
        && name.length() <= MAX_NAME) {
      return true;
    }
    String mended =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT)
            .replaceAll(hyphen ? "[^a-z0-9_-]+" : "[^a-z0-9_]+", "_")
            .replaceAll("^[^a-z]+", "");
    problems.add(
        node,
        "%s: %s is not a name; write %s, beginning with a letter, at most %d characters%s"
            .formatted(
                what,
                Words.quoted(name),
                hyphen ? "a-z, 0-9, _ and -" : "a-z, 0-9 and _",
                MAX_NAME,
                mended.isEmpty() || mended.length() > MAX_NAME
                    ? ""
                    : ", as in " + Words.shown(mended)));
    return false;
  }
}
