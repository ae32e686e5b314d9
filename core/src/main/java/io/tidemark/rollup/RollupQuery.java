package io.tidemark.rollup;

import java.util.List;

/// A question to a rollup.
///
/// @param from the start of the range, inclusive, in microseconds; a multiple of the rollup's width
/// @param to the end of the range, exclusive; a multiple of the rollup's width
/// @param every the width of the answer's buckets, in microseconds; a multiple of the rollup's
/// @param by the dimensions to group by, as places in the rollup's own list
/// @param where what groups must satisfy
/// @param measures the measures wanted, as places in the rollup's own list
/// @param limit how many groups the answer may have
public record RollupQuery(
    long from,
    long to,
    long every,
    List<Integer> by,
    List<Filter> where,
    List<Integer> measures,
    int limit) {
  public static final int DEFAULT_LIMIT = 100_000;
  public static final int MAX_LIMIT = 1_000_000;

  /// A dimension has one of these values: texts, or words, as the dimension's type has it.
  public record Filter(int dimension, List<byte[]> texts, List<Long> words) {
    public Filter {
      texts = List.copyOf(texts);
      words = List.copyOf(words);
    }
  }

  public RollupQuery {
    by = List.copyOf(by);
    where = List.copyOf(where);
    measures = List.copyOf(measures);
    if (from > to || every <= 0 || limit < 1) {
      throw new IllegalArgumentException("range " + from + ".." + to + " every " + every);
    }
  }

  /// The dimensions that a grouping set must have to answer this, as a bit mask.
  int needs() {
    int set = 0;
    for (int dimension : by) {
      set |= 1 << dimension;
    }
    for (Filter filter : where) {
      set |= 1 << filter.dimension();
    }
    return set;
  }
}
