package io.tidemark.server.yaml;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers of bytes as people write them: `4GiB` is 4 · 2^30, `4GB` is 4 · 10^9.
public final class Sizes {
  private enum Unit {
    TiB(1L << 40),
    TB(1_000_000_000_000L),
    GiB(1L << 30),
    GB(1_000_000_000L),
    MiB(1L << 20),
    MB(1_000_000L),
    KiB(1L << 10),
    kB(1000L),
    B(1L);

    private final long bytes;

    Unit(long bytes) {
      this.bytes = bytes;
    }
  }

  private static final Pattern SIZE = Pattern.compile("([0-9]+)([A-Za-z]+)");

  private Sizes() {}

  /// Reads a size. What is too large for a long is as large as that can be.
  public static Optional<Long> parse(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(matcher.group(2))) {
        try {
          return Optional.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit.bytes));
        } catch (NumberFormatException | ArithmeticException _) {
          return Optional.of(Long.MAX_VALUE);
        }
      }
    }
    return Optional.empty();
  }

  /// What somebody meant by a text that is almost a size: `4 gib` and `4G` are `4GiB`.
  static Optional<String> mend(String text) {
    Matcher matcher = SIZE.matcher(text.replaceAll("[\\s_]", ""));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String letters = matcher.group(2).toLowerCase(Locale.ROOT);
    for (Unit unit : Unit.values()) {
      String name = unit.name().toLowerCase(Locale.ROOT);
      if (name.equals(letters) || name.equals(letters + "ib") || name.equals(letters + "b")) {
        return Optional.of(matcher.group(1) + unit.name());
      }
    }
    return Optional.empty();
  }

  static String format(long bytes) {
    for (Unit unit : Unit.values()) {
      if (unit.name().length() != 2 && bytes >= unit.bytes && bytes % unit.bytes == 0) {
        return bytes / unit.bytes + unit.name();
      }
    }
    return bytes + "B";
  }
}
