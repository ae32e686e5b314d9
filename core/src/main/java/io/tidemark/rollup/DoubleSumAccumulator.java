package io.tidemark.rollup;

import io.tidemark.table.Column;
import io.tidemark.table.Growth;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sum of doubles and how many there were: for a sum or a mean.
///
/// A sum is kept as an unevaluated pair of doubles (about 106 bits), so that in whatever order
/// partials are merged the result rounds to the same double in all but contrived cases. Source:
/// Knuth's TwoSum; Dekker, "A floating-point technique for extending the available precision",
/// 1971. Stored as `NAME`, `NAME_low` and `NAME_values`.
final class DoubleSumAccumulator extends Accumulator {
  private final String name;
  private final boolean mean;
  private double[] high = new double[Growth.FEW];
  private double[] low = new double[Growth.FEW];
  private long[] values = new long[Growth.FEW];

  DoubleSumAccumulator(String name, boolean mean) {
    this.name = name;
    this.mean = mean;
  }

  @Override
  List<ColumnSpec> columns() {
    return List.of(
        new ColumnSpec(name, Type.DOUBLE),
        new ColumnSpec(name + "_low", Type.DOUBLE),
        longs(name + "_values"));
  }

  @Override
  void ensure(int groups) {
    if (groups > high.length) {
      int length = Math.max(groups, high.length * 2);
      high = Arrays.copyOf(high, length);
      low = Arrays.copyOf(low, length);
      values = Arrays.copyOf(values, length);
    }
  }

  @Override
  void add(int[] groups, @Nullable Column column, int[] rows, int count) {
    if (column instanceof Column.Words words) {
      for (int i = 0; i < count; i++) {
        if (!words.isNull(rows[i])) {
          add(groups[i], Double.longBitsToDouble(words.word(rows[i])), 0, 1);
        }
      }
    }
  }

  @Override
  void merge(int group, Partial partial) {
    add(
        group,
        Double.longBitsToDouble(partial.word(0)),
        Double.longBitsToDouble(partial.word(1)),
        partial.word(2));
  }

  private void add(int group, double addHigh, double addLow, long addValues) {
    double a = high[group];
    double sum = a + addHigh;
    values[group] += addValues;
    if (!Double.isFinite(sum)) {
      // Beyond all doubles there is nothing below the sum, and its error is not a number.
      high[group] = sum;
      low[group] = 0;
      return;
    }
    double part = sum - a;
    double error = (a - (sum - part)) + (addHigh - part) + low[group] + addLow;
    double rounded = sum + error;
    high[group] = rounded;
    low[group] = Double.isFinite(rounded) ? error - (rounded - sum) : 0;
  }

  @Override
  long word(int group, int column) {
    return switch (column) {
      case 0 -> Double.doubleToRawLongBits(high[group]);
      case 1 -> Double.doubleToRawLongBits(low[group]);
      default -> values[group];
    };
  }

  @Override
  @Nullable Number result(int group) {
    if (!mean) {
      return high[group];
    }
    return values[group] == 0 ? null : (Number) (high[group] / values[group]);
  }
}
