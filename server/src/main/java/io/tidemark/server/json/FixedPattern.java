package io.tidemark.server.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A regular expression of fixed length, checked on bytes without decoding them: `^` or `$` or
/// both, around ASCII letters and digits, escaped punctuation, `\d`, `\w`, simple classes like
/// `[A-Za-z0-9_]`, each perhaps with `{n}`. Most patterns of codes and timestamps are like that.
final class FixedPattern {
  /// A longer pattern is left to the general engine.
  private static final int LENGTH_MAX = 256;

  private static final String PUNCTUATION = "^$\\.*+?()[]{}|/";

  private final boolean fromStart;
  private final boolean toEnd;

  /// For each place, which ASCII characters may stand there.
  private final boolean[][] places;

  private FixedPattern(boolean fromStart, boolean toEnd, List<boolean[]> places) {
    this.fromStart = fromStart;
    this.toEnd = toEnd;
    this.places = places.toArray(boolean[][]::new);
  }

  /// The compiled pattern, or null where the expression is not of this simple kind.
  static @Nullable FixedPattern compile(String regex) {
    boolean fromStart = regex.startsWith("^");
    boolean toEnd = regex.endsWith("$") && !regex.endsWith("\\$");
    String middle = regex.substring(fromStart ? 1 : 0, regex.length() - (toEnd ? 1 : 0));
    if ((!fromStart && !toEnd) || !StandardCharsets.US_ASCII.newEncoder().canEncode(regex)) {
      return null;
    }
    List<boolean[]> places = new ArrayList<>();
    int at = 0;
    while (at < middle.length()) {
      int end = elementEnd(middle, at);
      boolean[] set = end < 0 ? null : characters(middle.substring(at, end));
      if (set == null) {
        return null;
      }
      int count = 1;
      at = end;
      if (at < middle.length() && middle.charAt(at) == '{') {
        int close = middle.indexOf('}', at);
        String number = close < 0 ? "" : middle.substring(at + 1, close);
        if (!number.matches("[0-9]{1,3}")) {
          return null;
        }
        count = Integer.parseInt(number);
        at = close + 1;
      }
      for (int i = 0; i < count; i++) {
        places.add(set);
      }
      if (places.size() > LENGTH_MAX) {
        return null;
      }
    }
    return new FixedPattern(fromStart, toEnd, places);
  }

  /// Whether the pattern is found in the UTF-8 text.
  boolean matches(byte[] in, int from, int to) {
    int length = places.length;
    if (to - from < length || (fromStart && toEnd && to - from != length)) {
      return false;
    }
    int start = fromStart ? from : to - length;
    for (int i = 0; i < length; i++) {
      byte b = in[start + i];
      if (b < 0 || !places[i][b]) {
        return false;
      }
    }
    return true;
  }

  private static int elementEnd(String regex, int at) {
    return switch (regex.charAt(at)) {
      case '\\' -> at + 2 <= regex.length() ? at + 2 : -1;
      case '[' -> regex.indexOf(']', at) + 1 > 0 ? regex.indexOf(']', at) + 1 : -1;
      default -> at + 1;
    };
  }

  private static boolean @Nullable [] characters(String element) {
    boolean[] set = new boolean[128];
    char first = element.charAt(0);
    if (first == '\\') {
      char escaped = element.charAt(1);
      if (escaped == 'd' || escaped == 'w') {
        range(set, '0', '9');
        if (escaped == 'w') {
          range(set, 'a', 'z');
          range(set, 'A', 'Z');
          set['_'] = true;
        }
        return set;
      }
      set[escaped] = true;
      return PUNCTUATION.indexOf(escaped) >= 0 || escaped == '-' ? set : null;
    }
    if (first != '[') {
      set[first] = true;
      return PUNCTUATION.indexOf(first) < 0 ? set : null;
    }
    String inside = element.substring(1, element.length() - 1);
    if (!inside.matches("([A-Za-z0-9_](-[A-Za-z0-9])?)+")) {
      return null;
    }
    for (int i = 0; i < inside.length(); i++) {
      boolean isRange = i + 2 < inside.length() && inside.charAt(i + 1) == '-';
      char last = inside.charAt(isRange ? i + 2 : i);
      if (last < inside.charAt(i)) {
        return null;
      }
      range(set, inside.charAt(i), last);
      i += isRange ? 2 : 0;
    }
    return set;
  }

  private static void range(boolean[] set, char first, char last) {
    for (int c = first; c <= last; c++) {
      set[c] = true;
    }
  }
}
