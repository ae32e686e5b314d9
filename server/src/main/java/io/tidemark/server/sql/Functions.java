package io.tidemark.server.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The functions that a question may use.
final class Functions {
  /// Those whose third argument is put in the place of something.
  static final Set<String> REPLACING = Set.of("replace", "regexp_replace");

  /// Those that make tables.
  static final Set<String> OF_TABLES = Set.of("range", "generate_series", "unnest");

  /// Those whose value is another one at another time.
  private static final Set<String> CLOCKS =
      Set.of(
          "ago",
          "age",
          "now",
          "today",
          "transaction_timestamp",
          "current_date",
          "current_time",
          "current_timestamp",
          "current_localtime",
          "current_localtimestamp",
          "localtime",
          "localtimestamp",
          "get_current_time",
          "get_current_timestamp");

  private static final Set<String> ALLOWED = read();

  private Functions() {}

  private static Set<String> read() {
    try (InputStream in =
        Objects.requireNonNull(Functions.class.getResourceAsStream("functions.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Stream.of(line.split(" ")))
          .map(name -> name.toLowerCase(Locale.ROOT))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All that are allowed, in lower case.
  static Set<String> allowed() {
    return ALLOWED;
  }

  static boolean isAllowed(String name) {
    return ALLOWED.contains(name.toLowerCase(Locale.ROOT));
  }

  /// Whether a name, of a function or of what looks like a column, stands for the time.
  static boolean isClock(String name) {
    return CLOCKS.contains(name.toLowerCase(Locale.ROOT));
  }
}
