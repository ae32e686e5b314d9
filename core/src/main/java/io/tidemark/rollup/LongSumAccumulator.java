package io.tidemark.rollup;

import io.tidemark.table.Column;
import io.tidemark.table.Growth;
import io.tidemark.table.TableShape.ColumnSpec;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The exact sum of integers in 128 bits, and how many there were: for a sum or a mean.
///
/// Stored as `NAME` (the low 64 bits), `NAME_high` (the high 64 bits, the carry; 0 or -1 where the
/// sum fits 64 bits) and `NAME_values`.
final class LongSumAccumulator extends Accumulator {
  private final String name;
  private final boolean mean;
  private long[] low = new long[Growth.FEW];
  private long[] high = new long[Growth.FEW];
  private long[] values = new long[Growth.FEW];

  LongSumAccumulator(String name, boolean mean) {
    this.name = name;
    this.mean = mean;
  }

  @Override
  List<ColumnSpec> columns() {
    return List.of(longs(name), longs(name + "_high"), longs(name + "_values"));
  }

  @Override
  void ensure(int groups) {
    if (groups > low.length) {
      int length = Math.max(groups, low.length * 2);
      low = Arrays.copyOf(low, length);
      high = Arrays.copyOf(high, length);
      values = Arrays.copyOf(values, length);
    }
  }

  @Override
  void add(int[] groups, @Nullable Column column, int[] rows, int count) {
    if (column instanceof Column.Words words) {
      for (int i = 0; i < count; i++) {
        if (!words.isNull(rows[i])) {
          long word = words.word(rows[i]);
          add(groups[i], word, word >> 63, 1);
        }
      }
    }
  }

  @Override
  void merge(int group, Partial partial) {
    add(group, partial.word(0), partial.word(1), partial.word(2));
  }

  private void add(int group, long addLow, long addHigh, long addValues) {
    long sum = low[group] + addLow;
    int carry = Long.compareUnsigned(sum, addLow) < 0 ? 1 : 0;
    low[group] = sum;
    high[group] += addHigh + carry;
    values[group] += addValues;
  }

  @Override
  long word(int group, int column) {
    return switch (column) {
      case 0 -> low[group];
      case 1 -> high[group];
      default -> values[group];
    };
  }

  @Override
  @Nullable Number result(int group) {
    if (mean) {
      return values[group] == 0 ? null : (Number) (sum(group).doubleValue() / values[group]);
    }
    return high[group] == low[group] >> 63 ? (Number) low[group] : sum(group);
  }

  private BigInteger sum(int group) {
    BigInteger unsignedLow =
        BigInteger.valueOf(low[group] >>> 1).shiftLeft(1).add(BigInteger.valueOf(low[group] & 1));
    return BigInteger.valueOf(high[group]).shiftLeft(64).add(unsignedLow);
  }
}
