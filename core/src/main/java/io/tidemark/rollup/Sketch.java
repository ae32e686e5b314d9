package io.tidemark.rollup;

import org.jspecify.annotations.Nullable;

/// A mergeable summary of many values.
interface Sketch {
  /// Adds a value by its 64-bit hash (for a distinct count) or as a number.
  void add(long hash, double number);

  void merge(byte[] stored);

  byte[] store();

  /// About how much memory it holds.
  long bytes();

  @Nullable Number result();
}
