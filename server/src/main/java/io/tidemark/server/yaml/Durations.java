package io.tidemark.server.yaml;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Spans of time as people write them: `90s`, `1h30m`.
final class Durations {
  private enum Unit {
    W(7 * 24 * 3_600_000L),
    D(24 * 3_600_000L),
    H(3_600_000L),
    M(60_000L),
    S(1000L),
    MS(1L);

    private final long millis;

    Unit(long millis) {
      this.millis = millis;
    }

    String sign() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Pattern PART = Pattern.compile("\\G([0-9]+)(ms|[smhdw])");

  /// What people write instead of the units.
  private static final Map<String, String> OTHER_UNITS =
      Map.ofEntries(
          Map.entry("millis", "ms"),
          Map.entry("sec", "s"),
          Map.entry("secs", "s"),
          Map.entry("second", "s"),
          Map.entry("seconds", "s"),
          Map.entry("min", "m"),
          Map.entry("mins", "m"),
          Map.entry("minute", "m"),
          Map.entry("minutes", "m"),
          Map.entry("hr", "h"),
          Map.entry("hrs", "h"),
          Map.entry("hour", "h"),
          Map.entry("hours", "h"),
          Map.entry("day", "d"),
          Map.entry("days", "d"),
          Map.entry("week", "w"),
          Map.entry("weeks", "w"));

  private static final Pattern LETTERS = Pattern.compile("[a-z]+");

  private Durations() {}

  /// Reads a duration: numbers with units, the larger unit first. What is too large for a long of
  /// milliseconds is as large as that can be.
  static Optional<Duration> parse(String text) {
    Matcher part = PART.matcher(text);
    long millis = 0;
    int end = 0;
    long smallest = Long.MAX_VALUE;
    while (part.find()) {
      Unit unit = Unit.valueOf(part.group(2).toUpperCase(Locale.ROOT));
      if (unit.millis >= smallest) {
        return Optional.empty();
      }
      smallest = unit.millis;
      end = part.end();
      millis = addSaturated(millis, part.group(1), unit.millis);
    }
    return end > 0 && end == text.length()
        ? Optional.of(Duration.ofMillis(millis))
        : Optional.empty();
  }

  private static long addSaturated(long sum, String digits, long unit) {
    try {
      return Math.addExact(sum, Math.multiplyExact(Long.parseLong(digits), unit));
    } catch (NumberFormatException | ArithmeticException _) {
      return Long.MAX_VALUE;
    }
  }

  /// What somebody meant by a text that is almost a duration: `2 hours` is `2h`.
  static Optional<String> mend(String text) {
    String compact = text.toLowerCase(Locale.ROOT).replaceAll("[\\s_]", "");
    String mended =
        LETTERS.matcher(compact).replaceAll(m -> OTHER_UNITS.getOrDefault(m.group(), m.group()));
    return parse(mended).isPresent() ? Optional.of(mended) : Optional.empty();
  }

  static String format(Duration duration) {
    long left = duration.toMillis();
    var text = new StringBuilder();
    for (Unit unit : Unit.values()) {
      // Weeks are for reading only: 36500d is a round number, 5214w2d is not.
      if (unit != Unit.W && left >= unit.millis) {
        text.append(left / unit.millis).append(unit.sign());
        left %= unit.millis;
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}
