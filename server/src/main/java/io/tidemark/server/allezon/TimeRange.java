package io.tidemark.server.allezon;

import io.tidemark.server.http.Params;
import io.tidemark.server.http.Problem;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/// The contract's `time_range`: `A_B` in UTC, closed at A, open at B.
///
/// @param from microseconds since 1970
/// @param to microseconds since 1970
record TimeRange(long from, long to) {
  private static final String NAME = "time_range";
  private static final Pattern MILLIS =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{3})?");
  private static final Pattern SECONDS =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}");
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss[.SSS]")
          .withResolverStyle(ResolverStyle.STRICT);

  /// Of a profile: milliseconds, or seconds alone.
  static TimeRange ofProfile(Params params) {
    return parse(params.required(NAME), MILLIS, "2022-03-22T12:15:00.000_2022-03-22T12:30:00.000");
  }

  /// Of aggregates: whole minutes, at most so many.
  static TimeRange ofMinutes(Params params, int maxMinutes) {
    TimeRange range =
        parse(params.required(NAME), SECONDS, "2022-03-22T12:25:00_2022-03-22T12:28:00");
    long minute = 60_000_000L;
    if (range.from % minute != 0 || range.to % minute != 0) {
      throw Problem.parameter(NAME, "must begin and end at whole minutes");
    }
    if (range.to - range.from > maxMinutes * minute) {
      throw Problem.parameter(NAME, "is longer than " + maxMinutes + " minutes");
    }
    return range;
  }

  private static TimeRange parse(String text, Pattern shape, String example) {
    String[] parts = text.split("_", -1);
    if (parts.length != 2
        || !shape.matcher(parts[0]).matches()
        || !shape.matcher(parts[1]).matches()) {
      throw Problem.parameter(NAME, "\"%s\" must be written as %s".formatted(text, example));
    }
    TimeRange range = new TimeRange(micros(parts[0]), micros(parts[1]));
    if (range.from > range.to) {
      throw Problem.parameter(NAME, "ends before it begins");
    }
    return range;
  }

  private static long micros(String text) {
    try {
      LocalDateTime time = LocalDateTime.parse(text, FORMAT);
      return ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException _) {
      throw Problem.parameter(NAME, "there is no time " + text);
    }
  }
}
