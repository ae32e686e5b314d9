package io.tidemark.server.json;

import java.nio.charset.StandardCharsets;

/// JSON text as bytes: strings with and without escapes, and values without white space. Source:
/// RFC 8259, section 7. Everything here takes text that a parser has found well-formed.
final class JsonText {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /// How a control character is escaped: its letter, or 0 for the form with four hex digits.
  private static final byte[] LETTERS = new byte[32];

  static {
    LETTERS['\b'] = 'b';
    LETTERS['\f'] = 'f';
    LETTERS['\n'] = 'n';
    LETTERS['\r'] = 'r';
    LETTERS['\t'] = 't';
  }

  private JsonText() {}

  /// Appends the value of a string token as UTF-8.
  ///
  /// @param from the offset after the opening quote
  /// @return the offset of the closing quote, or -1 where a surrogate stands alone
  static int unescape(byte[] in, int from, JsonBytes out) {
    int at = from;
    while (true) {
      int plain = at;
      while (in[at] != '"' && in[at] != '\\') {
        at++;
      }
      out.append(in, plain, at);
      if (in[at] == '"') {
        return at;
      }
      at += 2;
      switch (in[at - 1]) {
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'u' -> {
          int unit = hex(in, at);
          at += 4;
          if (!Character.isSurrogate((char) unit)) {
            codePoint(unit, out);
          } else if (Character.isHighSurrogate((char) unit)
              && in[at] == '\\'
              && in[at + 1] == 'u'
              && Character.isLowSurrogate((char) hex(in, at + 2))) {
            codePoint(Character.toCodePoint((char) unit, (char) hex(in, at + 2)), out);
            at += 6;
          } else {
            return -1;
          }
        }
        default -> out.append(in[at - 1]);
      }
    }
  }

  /// Appends UTF-8 text as a JSON string with the fewest escapes.
  static void quote(byte[] in, int from, int to, JsonBytes out) {
    out.append('"');
    int plain = from;
    for (int i = from; i < to; i++) {
      byte b = in[i];
      if (b == '"' || b == '\\') {
        out.append(in, plain, i).append('\\').append(b);
        plain = i + 1;
      } else if ((b & 0xe0) == 0) {
        out.append(in, plain, i).append('\\');
        if (LETTERS[b] != 0) {
          out.append(LETTERS[b]);
        } else {
          out.append('u').append('0').append('0').append(HEX[b >> 4]).append(HEX[b & 15]);
        }
        plain = i + 1;
      }
    }
    out.append(in, plain, to).append('"');
  }

  /// Appends a JSON value without white space and with the fewest escapes in its strings.
  ///
  /// @return false where a surrogate stands alone
  static boolean compact(byte[] in, int from, int to, JsonBytes out) {
    int at = from;
    int plain = from;
    JsonBytes text = null;
    while (at < to) {
      byte b = in[at];
      if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
        out.append(in, plain, at);
        plain = ++at;
      } else if (b == '"') {
        int end = closingQuote(in, at + 1);
        if (end < 0) {
          text = text == null ? new JsonBytes(64) : text;
          text.clear();
          end = unescape(in, at + 1, text);
          if (end < 0) {
            return false;
          }
          out.append(in, plain, at);
          quote(text.array(), 0, text.length(), out);
          plain = end + 1;
        }
        at = end + 1;
      } else {
        at++;
      }
    }
    out.append(in, plain, to);
    return true;
  }

  /// The offset of a string's closing quote, or -1 where an escape comes first.
  private static int closingQuote(byte[] in, int from) {
    int at = from;
    while (in[at] != '"') {
      if (in[at] == '\\') {
        return -1;
      }
      at++;
    }
    return at;
  }

  private static int hex(byte[] in, int at) {
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      value = value << 4 | Character.digit(in[i], 16);
    }
    return value;
  }

  private static void codePoint(int c, JsonBytes out) {
    if (c < 0x80) {
      out.append(c);
    } else if (c < 0x800) {
      out.append(0xc0 | (c >> 6)).append(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      out.append(0xe0 | (c >> 12)).append(0x80 | ((c >> 6) & 0x3f)).append(0x80 | (c & 0x3f));
    } else {
      out.append(0xf0 | (c >> 18))
          .append(0x80 | ((c >> 12) & 0x3f))
          .append(0x80 | ((c >> 6) & 0x3f))
          .append(0x80 | (c & 0x3f));
    }
  }
}
