package io.tidemark.table;

/// Orders row numbers by a key, without boxing. Stable: equal keys keep the order of their rows.
public final class RowOrder {
  private RowOrder() {}

  /// The rows `from` to `to - 1` by ascending key. Bottom-up merge sort that leaves runs which are
  /// in order already as they are, so nearly sorted rows cost little.
  public static int[] ascending(long[] keys, int from, int to) {
    int count = to - from;
    int[] source = new int[count];
    for (int i = 0; i < count; i++) {
      source[i] = from + i;
    }
    int[] target = new int[count];
    for (int width = 1; width < count; width *= 2) {
      for (int left = 0; left < count; left += 2 * width) {
        int middle = Math.min(left + width, count);
        int right = Math.min(left + 2 * width, count);
        merge(keys, source, target, left, middle, right);
      }
      int[] swap = source;
      source = target;
      target = swap;
    }
    return source;
  }

  private static void merge(
      long[] keys, int[] source, int[] target, int left, int middle, int right) {
    if (middle >= right || keys[source[middle - 1]] <= keys[source[middle]]) {
      System.arraycopy(source, left, target, left, right - left);
      return;
    }
    int a = left;
    int b = middle;
    for (int at = left; at < right; at++) {
      if (a < middle && (b >= right || keys[source[a]] <= keys[source[b]])) {
        target[at] = source[a++];
      } else {
        target[at] = source[b++];
      }
    }
  }
}
