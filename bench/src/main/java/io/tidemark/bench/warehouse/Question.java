package io.tidemark.bench.warehouse;

/// What is asked about a day of tags. Times are minutes since 1970.
public sealed interface Question {
  /// Count and sum of prices of each minute.
  ///
  /// @param minute the first
  /// @param column one of `origin`, `brand_id` and `category_id`, or empty: without a filter
  record Minutes(long minute, int minutes, String action, String column, String value)
      implements Question {}

  /// All tags that have a value, whenever they happened.
  ///
  /// @param column `tag_id` or `cookie`
  record LookUp(String column, String value) implements Question {}

  /// Median and p99 of prices for each quarter of an hour.
  ///
  /// @param minute the first
  /// @param device empty: of all
  record Quantiles(long minute, int minutes, String action, String device) implements Question {
    public static final int EVERY = 15;
  }
}
