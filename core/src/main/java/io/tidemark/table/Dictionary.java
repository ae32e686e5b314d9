package io.tidemark.table;

import io.tidemark.event.Hashing;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Distinct byte strings, numbered from 0 in the order of their first appearance.
///
/// One writer adds; readers may look up and fetch what was added before the writer's last
/// publication (see [Tail.View]). Open addressing with linear probing, at most half full.
public final class Dictionary {
  /// Chosen anew in each process, so that nobody can prepare values that all hash alike. Codes do
  /// not depend on it.
  private static final long SEED = new SplittableRandom().nextLong();

  /// The code of a value that is not there.
  public static final int NONE = -1;

  private volatile byte[][] values = new byte[16][];
  private volatile int[] hashes = new int[16];
  private volatile int[] table = emptyTable(32);
  private int size;
  private long bytes;

  /// The value's code; it is added where it is new.
  public int add(byte[] source, int start, int length) {
    int hash = hash(source, start, length);
    int[] slots = table;
    int found = probe(slots, hash, source, start, length);
    if (found >= 0) {
      return found;
    }
    int code = size;
    if (code == values.length) {
      values = Arrays.copyOf(values, code * 2);
      hashes = Arrays.copyOf(hashes, code * 2);
    }
    values[code] = Arrays.copyOfRange(source, start, start + length);
    hashes[code] = hash;
    size = code + 1;
    bytes += length + 32L;
    if (size * 2 > slots.length) {
      table = rehashed(slots.length * 2);
    } else {
      slots[~found] = code;
    }
    return code;
  }

  /// The value's code, or [#NONE].
  public int find(byte[] source, int start, int length) {
    return Math.max(NONE, probe(table, hash(source, start, length), source, start, length));
  }

  public int find(byte[] value) {
    return find(value, 0, value.length);
  }

  /// The value with this code; not to be changed.
  public byte[] value(int code) {
    return values[code];
  }

  /// How many values there are; exact only for the writer.
  public int size() {
    return size;
  }

  /// About how much memory it holds.
  public long bytes() {
    return bytes + table.length * 4L + values.length * 8L;
  }

  /// The value's code, or the complement of the free slot where it belongs. Reads each slot once: a
  /// reader's free slot may be taken by the writer at any moment.
  private int probe(int[] slots, int hash, byte[] source, int start, int length) {
    int mask = slots.length - 1;
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      int code = slots[slot];
      if (code == NONE) {
        return ~slot;
      }
      if (is(code, hash, source, start, length)) {
        return code;
      }
    }
  }

  private boolean is(int code, int hash, byte[] source, int start, int length) {
    // A reader may meet a code that is being added just now; to it that value is not there yet.
    int[] allHashes = hashes;
    byte[][] allValues = values;
    if (code >= allHashes.length || code >= allValues.length || allHashes[code] != hash) {
      return false;
    }
    byte[] value = allValues[code];
    return value != null && Arrays.equals(value, 0, value.length, source, start, start + length);
  }

  private int[] rehashed(int length) {
    int[] slots = emptyTable(length);
    int mask = length - 1;
    for (int code = 0; code < size; code++) {
      int slot = hashes[code] & mask;
      while (slots[slot] != NONE) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = code;
    }
    return slots;
  }

  private static int hash(byte[] source, int start, int length) {
    long hash = Hashing.hash64(source, start, length, SEED);
    return (int) (hash ^ hash >>> 32);
  }

  private static int[] emptyTable(int length) {
    int[] slots = new int[length];
    Arrays.fill(slots, NONE);
    return slots;
  }
}
