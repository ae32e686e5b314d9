package io.tidemark.app;

import io.tidemark.event.EventType;
import io.tidemark.event.Hashing;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A view as it was before its declaration changed. It answers until the changed one is filled.
///
/// Nobody declares it any more: it is known by its [ViewSpec#definition], which shards remember,
/// and named by that, as in `clicks_by_minute.1f0c8a5be2d97342`. So whoever has a view of such a
/// name has the same one.
public final class EarlierView {
  private static final char SEPARATOR = '.';

  private static final Pattern TIMELINE =
      Pattern.compile("timeline stream=(\\S+) by=(\\S+) split=(\\S+) keep=(\\d+) retain=(\\S+)");

  private static final Pattern ROLLUP =
      Pattern.compile(
          "rollup stream=(\\S+) every=(\\S+) by=(\\S*) sets=\\[(.*)] measures=(\\S+) retain=(\\S+)");

  private static final Pattern MEASURE = Pattern.compile("([^=]+)=([A-Z]+)\\((.+);(.+)\\)");

  private static final Pattern RETAIN = Pattern.compile("Optional\\[(.+)]");

  private EarlierView() {}

  /// What the view with a definition is called once another one is declared in its place.
  public static String name(String declared, String definition) {
    long hash = Hashing.hash64(definition.getBytes(StandardCharsets.UTF_8));
    return "%s%c%016x".formatted(declared, SEPARATOR, hash);
  }

  /// Whether it is the name of such a view.
  public static boolean isNameOfOne(String name) {
    return name.indexOf(SEPARATOR) >= 0;
  }

  /// The name that the view is, or was, declared by.
  public static String declaredName(String name) {
    int end = name.indexOf(SEPARATOR);
    return end < 0 ? name : name.substring(0, end);
  }

  /// The view that a definition is of, with the name that it has once another one is declared in
  /// its place.
  ///
  /// @param type the shape of the stream's events, a later version of what it was
  /// @return nothing where that shape has not all of the view's fields as they were
  public static Optional<ViewSpec> read(String declared, String definition, EventType type) {
    String name = name(declared, definition);
    try {
      ViewSpec view =
          definition.startsWith("rollup ")
              ? rollup(name, definition, type)
              : timeline(name, definition, type);
      return Optional.of(view).filter(v -> v.definition(type).equals(definition));
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException _) {
      return Optional.empty();
    }
  }

  private static TimelineSpec timeline(String name, String definition, EventType type) {
    Matcher parts = parts(TIMELINE, definition);
    String split = parts.group(3);
    return new TimelineSpec(
        name,
        parts.group(1),
        field(parts.group(2), type),
        split.equals("none") ? TimelineSpec.NO_SPLIT : field(split, type),
        Integer.parseInt(parts.group(4)),
        retain(parts.group(5)));
  }

  private static RollupSpec rollup(String name, String definition, EventType type) {
    Matcher parts = parts(ROLLUP, definition);
    return new RollupSpec(
        name,
        parts.group(1),
        Duration.parse(parts.group(2)),
        items(parts.group(3), ",").map(f -> field(f, type)).toList(),
        items(parts.group(4), ", ").map(Integer::valueOf).toList(),
        items(parts.group(5), ",").map(m -> measure(m, type)).toList(),
        retain(parts.group(6)));
  }

  private static Measure measure(String text, EventType type) {
    Matcher parts = parts(MEASURE, text);
    String of = parts.group(3);
    return new Measure(
        parts.group(1),
        Measure.Kind.valueOf(parts.group(2)),
        of.equals("*") ? Measure.ALL : field(of, type),
        Double.parseDouble(parts.group(4)));
  }

  private static int field(String typedPath, EventType type) {
    int field = type.indexOf(typedPath.replaceFirst(":.*", ""));
    if (field < 0) {
      throw new IllegalArgumentException("no field " + typedPath);
    }
    return field;
  }

  private static Optional<Duration> retain(String text) {
    Matcher found = RETAIN.matcher(text);
    return found.matches() ? Optional.of(Duration.parse(found.group(1))) : Optional.empty();
  }

  private static Stream<String> items(String list, String separator) {
    return list.isEmpty() ? Stream.empty() : Stream.of(list.split(separator, -1));
  }

  private static Matcher parts(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    if (!found.matches()) {
      throw new IllegalArgumentException(text);
    }
    return found;
  }
}
