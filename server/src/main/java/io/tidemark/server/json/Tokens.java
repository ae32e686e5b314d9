package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The token at which a parser stands, as bytes of the input: strings and numbers without a detour
/// over characters.
final class Tokens {
  /// A longer number is refused.
  private static final int NUMBER_LENGTH_MAX = 1_000;

  /// A number with an exponent beyond this is refused: exact arithmetic would not end.
  private static final int EXPONENT_MAX = 400;

  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private final JsonParser parser;
  private final byte[] in;

  /// Where in the array the parser's input starts and ends.
  private final int base;

  private final int limit;

  private final JsonBytes unescaped;

  /// The value of the last string, as UTF-8.
  byte[] text;

  int textFrom;
  int textTo;

  /// The range of the last string or number in the input.
  int from;

  int to;

  /// The last number, where [#isLong].
  long longValue;

  boolean isLong;

  Tokens(JsonParser parser, byte[] in, int base, int limit, JsonBytes unescaped) {
    this.parser = parser;
    this.in = in;
    this.base = base;
    this.limit = limit;
    this.unescaped = unescaped;
    this.text = in;
  }

  byte[] input() {
    return in;
  }

  /// Where the present token starts.
  int start() {
    return base + (int) parser.currentTokenLocation().getByteOffset();
  }

  /// Where the parser stands: after an END_OBJECT or END_ARRAY, behind its bracket.
  int position() {
    return base + (int) parser.currentLocation().getByteOffset();
  }

  /// Reads the string at which the parser stands.
  void readString() {
    from = start();
    int at = from + 1;
    while (at < limit) {
      byte b = in[at];
      if (b == '"') {
        text = in;
        textFrom = from + 1;
        textTo = at;
        to = at + 1;
        return;
      }
      if (b == '\\') {
        break;
      }
      at++;
    }
    parser.finishToken(); // throws where the string or an escape is broken
    unescaped.clear();
    int end = JsonText.unescape(in, from + 1, unescaped);
    if (end < 0) {
      throw ExtraWriter.loneSurrogate();
    }
    text = unescaped.array();
    textFrom = 0;
    textTo = unescaped.length();
    to = end + 1;
  }

  /// Reads the number at which the parser stands.
  void readNumber(JsonToken token) {
    from = start();
    int length = parser.getStringLength();
    to = from + length;
    isLong = false;
    if (length > NUMBER_LENGTH_MAX) {
      throw new Refused(
          Reason.TOO_LARGE,
          "expected a number of at most " + NUMBER_LENGTH_MAX + " characters, found " + length);
    }
    if (token == JsonToken.VALUE_NUMBER_INT) {
      readInteger();
    } else {
      checkExponent();
    }
  }

  /// The last number, exactly.
  BigDecimal decimal() {
    return isLong ? BigDecimal.valueOf(longValue) : new BigDecimal(literal());
  }

  /// The last number as a double, perhaps infinite.
  double doubleValue() {
    if (isLong && Math.abs(longValue) < 1L << 53) {
      return longValue == 0 && in[from] == '-' ? -0.0 : longValue;
    }
    return isLong ? Double.parseDouble(literal()) : parseDouble();
  }

  /// Whether the double gives back the value of the literal, in its shortest decimal form.
  boolean isExact(double value) {
    int digits = 0;
    for (int i = from; i < to; i++) {
      byte b = in[i];
      if ((b | 0x20) == 'e') {
        digits = 99;
      } else if (b >= '0' && b <= '9') {
        digits++;
      }
    }
    // Up to 15 digits survive a double and back. Source: DBL_DIG of IEEE 754 binary64. Without an
    // exponent they are far from the range in which doubles lose digits.
    return digits <= 15 || decimal().compareTo(new BigDecimal(Double.toString(value))) == 0;
  }

  private String literal() {
    return new String(in, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private void readInteger() {
    boolean negative = in[from] == '-';
    int at = negative ? from + 1 : from;
    if (to - at <= 18) {
      long value = 0;
      for (; at < to; at++) {
        value = value * 10 + in[at] - '0';
      }
      longValue = negative ? -value : value;
      isLong = true;
    } else if (to - at == 19) {
      BigDecimal value = new BigDecimal(literal());
      longValue = value.longValue();
      isLong = value.compareTo(BigDecimal.valueOf(longValue)) == 0;
    }
  }

  private void checkExponent() {
    for (int i = from; i < to; i++) {
      if ((in[i] | 0x20) == 'e') {
        int at = in[i + 1] == '-' || in[i + 1] == '+' ? i + 2 : i + 1;
        int exponent = 0;
        for (; at < to && exponent <= EXPONENT_MAX; at++) {
          exponent = exponent * 10 + in[at] - '0';
        }
        if (exponent > EXPONENT_MAX) {
          throw new Refused(
              Reason.OUT_OF_RANGE,
              "expected an exponent of at most " + EXPONENT_MAX + ", found a larger one");
        }
        return;
      }
    }
  }

  /// A mantissa below 2^53 divided by a power of ten that is exact gives the nearest double.
  /// Source: William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990.
  private double parseDouble() {
    long mantissa = 0;
    int fraction = -1;
    for (int i = from; i < to; i++) {
      byte b = in[i];
      if (b >= '0' && b <= '9') {
        mantissa = mantissa * 10 + b - '0';
        fraction += fraction >= 0 ? 1 : 0;
        if (mantissa >= 1L << 53) {
          return Double.parseDouble(literal());
        }
      } else if (b == '.') {
        fraction = 0;
      } else if (b != '-') {
        return Double.parseDouble(literal());
      }
    }
    if (fraction > 22) {
      return Double.parseDouble(literal());
    }
    double value = mantissa / POWERS[Math.max(fraction, 0)];
    return in[from] == '-' ? -value : value;
  }
}
