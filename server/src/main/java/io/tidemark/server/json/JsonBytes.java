package io.tidemark.server.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing array of bytes to write JSON into; made once and reused.
public final class JsonBytes {
  /// The decimal digits of 0 to 99, in pairs.
  private static final byte[] PAIRS = new byte[200];

  static {
    for (int i = 0; i < 100; i++) {
      PAIRS[2 * i] = (byte) ('0' + i / 10);
      PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
    }
  }

  private byte[] bytes;
  private int length;

  public JsonBytes() {
    this(1024);
  }

  public JsonBytes(int capacity) {
    bytes = new byte[capacity];
  }

  /// The array that holds the bytes; valid until the next change.
  public byte[] array() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /// Appends one byte of JSON text.
  public JsonBytes append(int b) {
    if (length == bytes.length) {
      grow(1);
    }
    bytes[length++] = (byte) b;
    return this;
  }

  public JsonBytes append(byte[] source) {
    return append(source, 0, source.length);
  }

  /// Appends the bytes from `from` up to `to`.
  public JsonBytes append(byte[] source, int from, int to) {
    int count = to - from;
    if (bytes.length - length < count) {
      grow(count);
    }
    System.arraycopy(source, from, bytes, length, count);
    length += count;
    return this;
  }

  public JsonBytes append(String text) {
    return append(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Appends a whole number in decimal.
  public JsonBytes number(long value) {
    if (value == Long.MIN_VALUE) {
      return append("-9223372036854775808");
    }
    long rest = value;
    if (rest < 0) {
      append('-');
      rest = -rest;
    }
    return digits(rest, digitCount(rest));
  }

  /// Appends a number that is not negative, with leading zeros up to `count` digits.
  JsonBytes digits(long value, int count) {
    if (bytes.length - length < count) {
      grow(count);
    }
    int at = length + count;
    long rest = value;
    while (at - length >= 2) {
      long quotient = rest / 100;
      int pair = (int) (rest - quotient * 100) * 2;
      bytes[--at] = PAIRS[pair + 1];
      bytes[--at] = PAIRS[pair];
      rest = quotient;
    }
    if (at > length) {
      bytes[--at] = (byte) ('0' + rest % 10);
    }
    length += count;
    return this;
  }

  /// Forgets everything from `newLength` on.
  void truncate(int newLength) {
    length = newLength;
  }

  private static int digitCount(long value) {
    int count = 1;
    long bound = 10;
    while (count < 19 && value >= bound) {
      count++;
      bound *= 10;
    }
    return count;
  }

  private void grow(int count) {
    bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
  }
}
