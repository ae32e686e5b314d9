package io.tidemark.server.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which names have been seen in the objects that are open: a bit for each name of the schema, a
/// set for the others.
final class SeenNames {
  private static final int KEPT = 64;

  private long[] bits = new long[64];
  private int top;

  /// One set for each depth, made when first needed.
  private final List<Set<String>> others = new ArrayList<>();

  void clear() {
    top = 0;
  }

  /// Makes room for an object's names.
  ///
  /// @return where its bits start
  int open(int words) {
    int mark = top;
    if (bits.length - top < words) {
      bits = Arrays.copyOf(bits, Math.max(bits.length * 2, top + words));
    }
    Arrays.fill(bits, top, top + words, 0);
    top += words;
    return mark;
  }

  void close(int mark) {
    top = mark;
  }

  /// Marks a name of the schema; false where it was marked before.
  boolean add(int mark, int index) {
    int word = mark + (index >> 6);
    long bit = 1L << index;
    boolean isNew = (bits[word] & bit) == 0;
    bits[word] |= bit;
    return isNew;
  }

  long word(int mark, int i) {
    return bits[mark + i];
  }

  /// Forgets the other names of an object at this depth.
  void openOthers(int depth) {
    if (depth < others.size()) {
      Set<String> names = others.get(depth);
      if (names.size() > KEPT) {
        // Clearing would cost what the largest object did, for each small one after it.
        others.set(depth, new HashSet<>());
      } else if (!names.isEmpty()) {
        names.clear();
      }
    }
  }

  /// Marks a name that the schema does not know; false where it was marked before.
  boolean addOther(int depth, String name) {
    while (others.size() <= depth) {
      others.add(new HashSet<>());
    }
    return others.get(depth).add(name);
  }
}
