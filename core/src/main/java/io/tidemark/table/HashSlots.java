package io.tidemark.table;

/// Open addressing with linear probing over an array of slots, at most half full. A slot has the
/// hash beside the number of what it stands for, so that only equal hashes lead to that.
///
/// ```
/// slot = hash{32} number+1{32}      0: free
/// ```
///
/// A hash begins at its share of the array, `hash * length / 2^32` with the hash unsigned (D.
/// Lemire, "Fast random integer generation in an interval", 2019), so that the length is free (see
/// [Growth]), and a larger array is filled from its start to its end.
public final class HashSlots {
  private HashSlots() {}

  /// No slots taken.
  public static long[] empty() {
    return new long[2 * Growth.FEW];
  }

  /// Where a hash belongs where nothing is in its way.
  public static int first(int hash, int length) {
    return (int) (((hash & 0xFFFF_FFFFL) * length) >>> 32);
  }

  /// Where it belongs otherwise.
  public static int next(int slot, int length) {
    return slot + 1 == length ? 0 : slot + 1;
  }

  public static long taken(int hash, int number) {
    return (long) hash << 32 | (number + 1);
  }

  /// The hash in a slot that is taken.
  public static int hash(long slot) {
    return (int) (slot >>> 32);
  }

  /// The number in a slot that is taken.
  public static int number(long slot) {
    return (int) slot - 1;
  }

  /// The slots, or the same in an array of twice the length where there are now too many.
  ///
  /// @param count how many are taken
  public static long[] withRoom(long[] slots, int count) {
    if (count * 2 <= slots.length) {
      return slots;
    }
    long[] larger = new long[slots.length * 2];
    for (long entry : slots) {
      if (entry != 0) {
        int slot = first(hash(entry), larger.length);
        while (larger[slot] != 0) {
          slot = next(slot, larger.length);
        }
        larger[slot] = entry;
      }
    }
    return larger;
  }
}
