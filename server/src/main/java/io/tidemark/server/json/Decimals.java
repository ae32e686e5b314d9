package io.tidemark.server.json;

/// Doubles as JSON numbers: the fewest digits that give the same double back, written plainly or
/// with an exponent, whichever a person would. Source: ECMAScript 2025, 6.1.6.1.20,
/// Number::toString, for when to use an exponent; the digits are those of
/// [Double#toString(double)].
final class Decimals {
  private static final int EXPONENT_MIN = -7;
  private static final int EXPONENT_MAX = 21;

  private Decimals() {}

  /// Appends a finite double.
  static void write(double value, JsonBytes out) {
    long whole = (long) value;
    if (whole == value && Math.abs(whole) < 1L << 53 && (whole != 0 || 1 / value > 0)) {
      out.number(whole);
      return;
    }
    String text = Double.toString(Math.abs(value));
    int e = text.indexOf('E');
    int exponent = e < 0 ? 0 : Integer.parseInt(text.substring(e + 1));
    String mantissa = e < 0 ? text : text.substring(0, e);
    int point = mantissa.indexOf('.');
    String digits = mantissa.substring(0, point) + mantissa.substring(point + 1);
    int first = 0;
    while (first < digits.length() - 1 && digits.charAt(first) == '0') {
      first++;
    }
    int last = digits.length();
    while (last > first + 1 && digits.charAt(last - 1) == '0') {
      last--;
    }
    // The value is 0.DIGITS times ten to this power.
    int power = exponent + point - first;
    if (value < 0 || 1 / value < 0) {
      out.append('-');
    }
    write(digits.substring(first, last), power, out);
  }

  private static void write(String digits, int power, JsonBytes out) {
    int count = digits.length();
    if (digits.equals("0")) {
      out.append('0');
    } else if (power > 0 && power <= EXPONENT_MAX) {
      out.append(digits.substring(0, Math.min(count, power)));
      for (int i = count; i < power; i++) {
        out.append('0');
      }
      if (count > power) {
        out.append('.').append(digits.substring(power));
      }
    } else if (power <= 0 && power > EXPONENT_MIN + 1) {
      out.append('0').append('.');
      for (int i = power; i < 0; i++) {
        out.append('0');
      }
      out.append(digits);
    } else {
      out.append(digits.substring(0, 1));
      if (count > 1) {
        out.append('.').append(digits.substring(1));
      }
      out.append('e').number(power - 1L);
    }
  }
}
