package io.tidemark.table;

/// Orders numbers, mostly of rows, without boxing. Stable.
public final class RowOrder {
  private RowOrder() {}

  /// The order wanted.
  @FunctionalInterface
  public interface Order {
    /// Whether `a` need not come after `b`.
    boolean isRight(int a, int b);
  }

  /// The rows `from` to `to - 1` by ascending key.
  public static int[] ascending(long[] keys, int from, int to) {
    return of(from, to, (a, b) -> keys[a] <= keys[b]);
  }

  /// The numbers `from` to `to - 1` in order. Bottom-up merge sort that leaves runs which are in
  /// order already as they are, so nearly sorted rows cost little.
  public static int[] of(int from, int to, Order order) {
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
        merge(order, source, target, left, middle, right);
      }
      int[] swap = source;
      source = target;
      target = swap;
    }
    return source;
  }

  private static void merge(
      Order order, int[] source, int[] target, int left, int middle, int right) {
    if (middle >= right || order.isRight(source[middle - 1], source[middle])) {
      System.arraycopy(source, left, target, left, right - left);
      return;
    }
    int a = left;
    int b = middle;
    for (int at = left; at < right; at++) {
      if (a < middle && (b >= right || order.isRight(source[a], source[b]))) {
        target[at] = source[a++];
      } else {
        target[at] = source[b++];
      }
    }
  }
}
