package io.tidemark.server.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Instants and durations as parameters and answers have them. Microseconds since 1970.
public final class Instants {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(s|m|h|d)");

  /// A century, as in declarations.
  private static final Duration MAX_DURATION = Duration.ofDays(36_500);

  private static final Pattern MILLIS = Pattern.compile("-?\\d{1,15}");
  private static final DateTimeFormatter MILLIS_UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");
  private static final DateTimeFormatter MICROS_UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

  private Instants() {}

  /// Reads `2022-03-22T12:15:00.000Z`, with another offset, without one (UTC), a date alone, or
  /// milliseconds since 1970.
  public static long parse(String name, String text) {
    try {
      if (MILLIS.matcher(text).matches()) {
        return Long.parseLong(text) * 1000;
      }
      if (text.length() == 10) {
        return micros(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      boolean zoned =
          text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
      return micros(
          zoned
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException | ArithmeticException _) {
      throw Problem.parameter(
          name, "\"%s\" is not a time; write it as 2022-03-22T12:15:00Z".formatted(text));
    }
  }

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1000);
  }

  /// Writes an instant in UTC with milliseconds, or microseconds where it has them.
  public static String format(long micros) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L),
            (int) Math.floorMod(micros, 1_000_000L) * 1000,
            ZoneOffset.UTC);
    return (micros % 1000 == 0 ? MILLIS_UTC : MICROS_UTC).format(time);
  }

  /// Reads a duration such as `15m`.
  static Duration duration(String name, String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw Problem.parameter(
          name, "\"%s\" is not a duration; write it as 30s, 15m, 3h or 1d".formatted(text));
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    if (duration.compareTo(MAX_DURATION) > 0) {
      throw Problem.parameter(name, "is longer than " + MAX_DURATION.toDays() + "d");
    }
    return duration;
  }
}
