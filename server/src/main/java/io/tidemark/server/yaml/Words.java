package io.tidemark.server.yaml;

import io.tidemark.event.FieldType;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/// Phrases of messages.
final class Words {
  private static final int MAX_QUOTED = 60;
  private static final int MAX_LISTED = 10;

  private Words() {}

  /// What the user wrote, in quotes, on one line and not too long.
  static String quoted(String text) {
    return '"' + shown(text) + '"';
  }

  /// What the user wrote, on one line and not too long.
  static String shown(String text) {
    return shown(text, MAX_QUOTED);
  }

  /// A text on one line, at most so many characters of it, all of them visible.
  static String shown(String text, int max) {
    String beginning =
        text.codePoints()
            .limit(max)
            .mapToObj(c -> isPlain(c) ? Character.toString(c) : "\\u%04x".formatted(c))
            .collect(Collectors.joining());
    return text.codePointCount(0, text.length()) > max ? beginning + "…" : beginning;
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /// The end of a message about a name that does not exist: the nearest one, or all there are.
  static String nearestOf(String wrong, Collection<String> right) {
    return near(Nearest.to(wrong, right), right);
  }

  /// The end of a message about a name that does not exist.
  static String near(Optional<String> nearest, Collection<String> right) {
    return nearest.map(Words::didYouMean).orElseGet(() -> known(right));
  }

  static String didYouMean(String right) {
    return "; did you mean " + quoted(right) + "?";
  }

  static String known(Collection<String> names) {
    if (names.isEmpty()) {
      return " (there is none)";
    }
    String listed = names.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
    int more = names.size() - MAX_LISTED;
    return " (known: " + listed + (more > 0 ? " and " + more + " more)" : ")");
  }

  static String type(FieldType type) {
    return switch (type) {
      case BOOLEAN -> "a boolean";
      case LONG -> "an integer";
      case DOUBLE -> "a number with a fraction";
      case STRING -> "a string";
      case TIMESTAMP -> "a time";
      case JSON -> "a JSON value of no single scalar type";
    };
  }
}
