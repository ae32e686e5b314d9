package io.tidemark.server.json;

import com.networknt.schema.format.Format;
import com.networknt.schema.regex.RegularExpression;
import io.tidemark.ingest.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a schema demands of a string.
///
/// @param format null: none, or one that nobody knows
/// @param dateTime whether the format is `date-time`, which has its own check
record StringRules(
    int lengthMin,
    int lengthMax,
    @Nullable String pattern,
    @Nullable FixedPattern fixed,
    @Nullable RegularExpression regex,
    @Nullable Format format,
    boolean dateTime) {

  /// Checks UTF-8 text.
  ///
  /// @throws Refused where a rule is broken
  void check(byte[] in, int from, int to) {
    if (lengthMin > 0 || lengthMax < Integer.MAX_VALUE) {
      checkLength(in, from, to);
    }
    if (dateTime && DateTimes.parse(in, from, to) == DateTimes.INVALID) {
      throw noDateTime(in, from, to);
    }
    if (fixed != null) {
      if (!fixed.matches(in, from, to)) {
        throw noMatch(in, from, to);
      }
    } else if (regex != null && !regex.matches(string(in, from, to))) {
      throw noMatch(in, from, to);
    }
    if (format != null && !matches(format, string(in, from, to))) {
      throw new Refused(
          Reason.FORMAT,
          "expected the format " + format.getName() + ", found " + show(in, from, to));
    }
  }

  private static boolean matches(Format format, String text) {
    try {
      return format.matches(null, text);
    } catch (StackOverflowError _) {
      // The validator's regular expressions are as deep as the text is long; nothing that has a
      // format is so long.
      return false;
    }
  }

  static Refused noDateTime(byte[] in, int from, int to) {
    return new Refused(
        Reason.FORMAT,
        "expected a date-time like 2022-03-22T12:15:00.000Z, found " + show(in, from, to));
  }

  /// Text as it is shown in a detail: quoted, cut after 40 characters.
  static String show(byte[] in, int from, int to) {
    String text = string(in, from, Math.min(to, from + 160));
    return text.length() > 40 ? '"' + text.substring(0, 40) + "…\"" : '"' + text + '"';
  }

  private void checkLength(byte[] in, int from, int to) {
    int length = Utf8.codePoints(in, from, to);
    if (length < lengthMin) {
      throw new Refused(
          Reason.OUT_OF_RANGE, "expected at least " + lengthMin + " characters, found " + length);
    }
    if (length > lengthMax) {
      throw new Refused(
          Reason.OUT_OF_RANGE, "expected at most " + lengthMax + " characters, found " + length);
    }
  }

  private Refused noMatch(byte[] in, int from, int to) {
    return new Refused(
        Reason.PATTERN, "expected a match of " + pattern + ", found " + show(in, from, to));
  }

  private static String string(byte[] in, int from, int to) {
    return new String(in, from, to - from, StandardCharsets.UTF_8);
  }
}
