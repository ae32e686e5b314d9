package io.tidemark.server.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Changes to a text that knows JSON's grammar: what has surprised parsers, put where it may
/// matter, and bytes changed blindly.
final class Mutations {
  private static final List<byte[]> TOKENS =
      List.of(
          utf8("{"),
          utf8("}"),
          utf8("["),
          utf8("]"),
          utf8(","),
          utf8(":"),
          utf8("\""),
          utf8("\\"),
          utf8("\n"),
          utf8("\r"),
          utf8("\r\n"),
          utf8("\t"),
          utf8("\0"),
          utf8("\ufeff"),
          utf8("\u2028"),
          utf8("\u00a0"),
          utf8("// c\n"),
          utf8("/**/"),
          utf8("null"),
          utf8("tru"),
          utf8("NaN"),
          utf8("-"),
          utf8("+1"),
          utf8("01"),
          utf8(".5"),
          utf8("1."),
          utf8("1e"),
          utf8("-0.0"),
          utf8("1e309"),
          utf8("1e-99999"),
          utf8("1E+00000001"),
          utf8("123456789012345678901234567890"),
          utf8("0.1000000000000000055511151231257827"),
          utf8("9".repeat(2000)),
          utf8("\"\\u0000\""),
          utf8("\"\\ud83d\\ude00\""),
          utf8("\"\\ud800\""),
          utf8("\"\\udc00\\ud800\""),
          utf8("\"\\u12\""),
          utf8("\"\\x\""),
          utf8("'a'"),
          utf8("{\"a\":1,\"a\":2}"),
          utf8("{\"a\":1,\"\\u0061\":2}"),
          utf8("\"a\":{},"),
          utf8("\"\":0,"),
          utf8("[".repeat(70)),
          utf8("]".repeat(70)),
          utf8("{\"a\":".repeat(70)),
          utf8("[[[[[[[[[[1]]]]]]]]]]"),
          utf8("\"" + "k".repeat(5000) + "\":1,"),
          utf8("\"" + "é".repeat(3000) + "\""),
          bytes(0xff),
          bytes(0xc0, 0x80),
          bytes(0xed, 0xa0, 0x80),
          bytes(0xf4, 0x90, 0x80, 0x80),
          bytes(0xf0, 0x9f, 0x98),
          bytes(0xe2, 0x82));

  private final Random random;

  Mutations(Random random) {
    this.random = random;
  }

  /// The text with a few changes; none in one of four cases.
  byte[] some(byte[] text) {
    byte[] changed = text;
    for (int i = random.nextInt(4); i > 0; i--) {
      changed = one(changed);
    }
    return changed;
  }

  /// Bytes without any sense.
  byte[] noise(int most) {
    byte[] noise = new byte[random.nextInt(most + 1)];
    random.nextBytes(noise);
    if (random.nextBoolean()) {
      // Of JSON's own characters.
      String alphabet = "{}[]\",:\\ \n0123456789eE+-.tfn\u00e9";
      byte[] letters = utf8(alphabet);
      for (int i = 0; i < noise.length; i++) {
        noise[i] = letters[(noise[i] & 0xff) % letters.length];
      }
    }
    return noise;
  }

  private byte[] one(byte[] text) {
    int at = random.nextInt(text.length + 1);
    int end = Math.min(text.length, at + random.nextInt(12));
    return switch (random.nextInt(9)) {
      case 0 -> replaced(text, at, end, new byte[0]);
      case 1 -> replaced(text, at, at, Arrays.copyOfRange(text, at, end));
      case 2 -> Arrays.copyOf(text, at);
      case 3 -> flipped(text, at);
      case 4 -> replaced(text, at, end, noise(6));
      case 5 -> replaced(text, at, end, token());
      default -> replaced(text, boundary(text, at), boundary(text, at), token());
    };
  }

  private byte[] token() {
    return TOKENS.get(random.nextInt(TOKENS.size()));
  }

  /// The next place at which a token of JSON begins or ends.
  private static int boundary(byte[] text, int from) {
    int at = from;
    while (at < text.length && "{}[]:,\" \n".indexOf(text[at]) < 0) {
      at++;
    }
    return at;
  }

  private byte[] flipped(byte[] text, int at) {
    byte[] changed = text.clone();
    if (at < changed.length) {
      changed[at] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  private static byte[] replaced(byte[] text, int from, int to, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + by.length);
    out.write(text, 0, from);
    out.writeBytes(by);
    out.write(text, to, text.length - to);
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
