package io.tidemark.server.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Strict checks of UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. Source: The
/// Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long LINE_FEEDS = LOW_BITS * '\n';

  private Utf8() {}

  /// The offset of the first byte that is not part of a well-formed sequence, or -1.
  static int firstInvalid(byte[] in, int from, int to) {
    int at = from;
    while (at < to) {
      if (to - at >= 8 && ((long) LONGS.get(in, at) & HIGH_BITS) == 0) {
        at += 8;
      } else {
        int length = sequence(in, at, to);
        if (length == 0) {
          return at;
        }
        at += length;
      }
    }
    return -1;
  }

  /// The offset of the next line feed, or `to`. Source: Sean Eron Anderson, "Bit Twiddling Hacks",
  /// "Determine if a word has a zero byte".
  static int lineEnd(byte[] in, int from, int to) {
    int at = from;
    for (; to - at >= 8; at += 8) {
      long other = (long) LONGS.get(in, at) ^ LINE_FEEDS;
      long found = (other - LOW_BITS) & ~other & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    while (at < to && in[at] != '\n') {
      at++;
    }
    return at;
  }

  /// How many code points a well-formed range holds.
  static int codePoints(byte[] in, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      if ((in[i] & 0xc0) != 0x80) {
        count++;
      }
    }
    return count;
  }

  /// The length of the well-formed sequence at this offset, or 0.
  private static int sequence(byte[] in, int at, int to) {
    int lead = in[at];
    if (lead >= 0) {
      return 1;
    }
    int left = to - at;
    int second = left > 1 ? in[at + 1] & 0xff : 0;
    if (lead >= (byte) 0xc2 && lead <= (byte) 0xdf) {
      return second >= 0x80 && second <= 0xbf ? 2 : 0;
    }
    if (lead >= (byte) 0xe0 && lead <= (byte) 0xef) {
      int low = lead == (byte) 0xe0 ? 0xa0 : 0x80;
      int high = lead == (byte) 0xed ? 0x9f : 0xbf;
      return second >= low && second <= high && continues(in, at + 2, to) ? 3 : 0;
    }
    if (lead >= (byte) 0xf0 && lead <= (byte) 0xf4) {
      int low = lead == (byte) 0xf0 ? 0x90 : 0x80;
      int high = lead == (byte) 0xf4 ? 0x8f : 0xbf;
      return second >= low
              && second <= high
              && continues(in, at + 2, to)
              && continues(in, at + 3, to)
          ? 4
          : 0;
    }
    return 0;
  }

  private static boolean continues(byte[] in, int at, int to) {
    return at < to && (in[at] & 0xc0) == 0x80;
  }
}
