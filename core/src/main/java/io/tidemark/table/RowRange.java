package io.tidemark.table;

/// The least and the greatest of some values.
public record RowRange(long min, long max) {
  /// Of the values with index `first` to `last - 1`, of which there is at least one.
  public static RowRange of(long[] values, int first, int last) {
    long min = values[first];
    long max = values[first];
    for (int i = first + 1; i < last; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    return new RowRange(min, max);
  }
}
