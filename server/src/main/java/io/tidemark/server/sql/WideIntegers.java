package io.tidemark.server.sql;

import java.util.regex.Pattern;

/// Integers of 128 bits, among them each sum of integers: of these DuckDB would make doubles in a
/// file of Parquet, which has decimals of 38 digits.
final class WideIntegers {
  private static final Pattern TYPE = Pattern.compile("\\bU?HUGEINT\\b");

  private WideIntegers() {}

  /// The type with which a column keeps its digits.
  static String exact(String type) {
    return ColumnCasts.unquoted(type, text -> TYPE.matcher(text).replaceAll("DECIMAL(38,0)"));
  }
}
