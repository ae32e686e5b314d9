package io.tidemark.server.json;

/// Date-times of RFC 3339 as microseconds since 1970-01-01T00:00:00Z, and back.
///
/// The canonical form has three digits of seconds (six where the microseconds are not whole
/// milliseconds) and `Z`. There are no leap seconds here: an instant that has no number of its own
/// could not be given back in order.
final class DateTimes {
  /// What [#parse] returns for text that is no date-time.
  static final long INVALID = Long.MIN_VALUE;

  private static final long DAY_MICROS = 86_400_000_000L;
  private static final int[] MONTH_DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private DateTimes() {}

  /// The microseconds of a date-time, digits beyond them cut off; or [#INVALID].
  static long parse(byte[] in, int from, int to) {
    if (to - from < 20
        || in[from + 4] != '-'
        || in[from + 7] != '-'
        || (in[from + 10] | 0x20) != 't'
        || in[from + 13] != ':'
        || in[from + 16] != ':') {
      return INVALID;
    }
    int year = two(in, from) * 100 + two(in, from + 2);
    int month = two(in, from + 5);
    int day = two(in, from + 8);
    int hour = two(in, from + 11);
    int minute = two(in, from + 14);
    int second = two(in, from + 17);
    if ((two(in, from) | two(in, from + 2) | month | day | hour | minute | second) < 0
        || month < 1
        || month > 12
        || day < 1
        || day > monthDays(year, month)
        || hour > 23
        || minute > 59
        || second > 59) {
      return INVALID;
    }
    int at = from + 19;
    int fraction = 0;
    if (in[at] == '.') {
      int digits = at + 1;
      int scale = 100_000;
      for (at++; at < to && in[at] >= '0' && in[at] <= '9'; at++) {
        fraction += (in[at] - '0') * scale;
        scale /= 10;
      }
      if (at == digits) {
        return INVALID;
      }
    }
    int offset = offsetMinutes(in, at, to);
    if (offset == Integer.MIN_VALUE) {
      return INVALID;
    }
    long seconds =
        epochDay(year, month, day) * 86_400
            + (hour * 3_600L + minute * 60L + second)
            - offset * 60L;
    return seconds * 1_000_000 + fraction;
  }

  /// Whether a date-time with these microseconds is written as [#write] would write it.
  static boolean isCanonical(byte[] in, int from, int to, long micros) {
    int length = to - from;
    return (length == 24 || (length == 27 && micros % 1_000 != 0))
        && in[from + 10] == 'T'
        && in[from + 19] == '.'
        && in[to - 1] == 'Z';
  }

  /// Appends the canonical form. Years beyond 9999 get a sign and as many digits as they need, as
  /// in ISO 8601; no event can hold them, but a row may.
  static void write(long micros, JsonBytes out) {
    long day = Math.floorDiv(micros, DAY_MICROS);
    long rest = Math.floorMod(micros, DAY_MICROS);
    // Days to a date in a calendar whose years start in March.
    // Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    long shifted = day + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    int dayOfEra = (int) Math.floorMod(shifted, 146_097L);
    int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int marchMonth = (5 * dayOfYear + 2) / 153;
    int dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    long year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
    if (year < 0 || year > 9_999) {
      long size = Math.abs(year);
      out.append(year < 0 ? '-' : '+').digits(size, size > 99_999 ? 6 : size > 9_999 ? 5 : 4);
    } else {
      out.digits(year, 4);
    }
    out.append('-').digits(month, 2).append('-').digits(dayOfMonth, 2);
    int seconds = (int) (rest / 1_000_000);
    int fraction = (int) (rest % 1_000_000);
    out.append('T').digits(seconds / 3_600, 2);
    out.append(':').digits(seconds / 60 % 60, 2);
    out.append(':').digits(seconds % 60, 2).append('.');
    if (fraction % 1_000 == 0) {
      out.digits(fraction / 1_000, 3);
    } else {
      out.digits(fraction, 6);
    }
    out.append('Z');
  }

  /// Source: Howard Hinnant, days_from_civil.
  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(y, 400);
    int yearOfEra = y - era * 400;
    int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097L + dayOfEra - 719_468;
  }

  private static int monthDays(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : MONTH_DAYS[month - 1];
  }

  private static int offsetMinutes(byte[] in, int at, int to) {
    if (to - at == 1 && (in[at] | 0x20) == 'z') {
      return 0;
    }
    if (to - at != 6 || (in[at] != '+' && in[at] != '-') || in[at + 3] != ':') {
      return Integer.MIN_VALUE;
    }
    int hours = two(in, at + 1);
    int minutes = two(in, at + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    int offset = hours * 60 + minutes;
    return in[at] == '-' ? -offset : offset;
  }

  /// The number of two digits, or something negative.
  private static int two(byte[] in, int at) {
    int tens = in[at] - '0';
    int ones = in[at + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1_000_000 : tens * 10 + ones;
  }
}
