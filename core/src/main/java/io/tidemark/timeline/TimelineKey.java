package io.tidemark.timeline;

import io.tidemark.event.Hashing;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The key of a timeline's entry on disk, 36 bytes, big endian, so that entries of one key and
/// split lie together, newest first:
///
/// ```
/// key hash{16} split hash{4} ~time{8} ~offset{8}
/// ```
///
/// Times are flipped to sort as unsigned. Two keys with one 128-bit hash are told apart on reading.
record TimelineKey(long hash1, long hash2, int split, long time, long offset) {
  static final int LENGTH = 36;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /// The split of a timeline that has none, and of events whose split field is null.
  static final int NO_SPLIT = 0;

  static long hash1(byte[] key) {
    return Hashing.hash64(key, 0, key.length, 0x7469646531L);
  }

  static long hash2(byte[] key) {
    return Hashing.hash64(key, 0, key.length, 0x7469646532L);
  }

  /// The hash of a split value's text, never [#NO_SPLIT].
  static int split(byte[] text) {
    long hash = Hashing.hash64(text);
    int folded = (int) (hash ^ hash >>> 32);
    return folded == NO_SPLIT ? 1 : folded;
  }

  byte[] encode() {
    byte[] key = new byte[LENGTH];
    LONGS.set(key, 0, hash1);
    LONGS.set(key, 8, hash2);
    INTS.set(key, 16, split);
    LONGS.set(key, 20, ~(time ^ Long.MIN_VALUE));
    LONGS.set(key, 28, ~offset);
    return key;
  }

  static TimelineKey decode(byte[] key) {
    ByteBuffer buffer = ByteBuffer.wrap(key);
    return new TimelineKey(
        buffer.getLong(),
        buffer.getLong(),
        buffer.getInt(),
        ~buffer.getLong() ^ Long.MIN_VALUE,
        ~buffer.getLong());
  }

  /// Greater than any key.
  static byte[] end() {
    byte[] end = new byte[LENGTH + 1];
    java.util.Arrays.fill(end, (byte) 0xff);
    return end;
  }

  /// Where the entries of a key and split begin.
  static byte[] start(long hash1, long hash2, int split) {
    return ByteBuffer.allocate(20).putLong(hash1).putLong(hash2).putInt(split).array();
  }

  /// Where the entries of a key and split end, exclusive.
  static byte[] end(long hash1, long hash2, int split) {
    return after(start(hash1, hash2, split));
  }

  /// Where the entries of a key end, exclusive.
  static byte[] end(long hash1, long hash2) {
    return after(ByteBuffer.allocate(16).putLong(hash1).putLong(hash2).array());
  }

  /// The least byte string that is greater than all that start with this prefix.
  private static byte[] after(byte[] prefix) {
    byte[] next = prefix.clone();
    for (int i = next.length - 1; i >= 0; i--) {
      if (++next[i] != 0) {
        return next;
      }
    }
    // All bytes were 0xff.
    return end();
  }
}
