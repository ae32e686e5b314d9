package io.tidemark.rollup;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Counts of values in buckets whose widths grow with the value, so that any percentile is known to
/// within 1 % of its value. Source: Masson, Rim, Lee, "DDSketch", 2019, without collapsing: the
/// whole range of doubles has fewer than 71 000 buckets of each sign, and real data touches few of
/// them.
///
/// An infinity counts as the greatest finite number of its sign. What is not a number has no place
/// among numbers and is not counted.
///
/// ```
/// stored = (bucket{4} count{8})*    big endian, ascending by bucket
/// bucket = 0                        zero, and everything closer to it than 1e-300
///        | +i | -i                  gamma^(i-2) < |x| * 1e300 <= gamma^(i-1), i from 1
/// ```
final class PercentileSketch implements Sketch {
  private static final double ACCURACY = 0.01;
  private static final double GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
  private static final double LOG_GAMMA = Math.log(GAMMA);
  private static final double SMALLEST = 1e-300;
  private static final double LOG_SMALLEST = Math.log(SMALLEST);

  /// From a bucket's upper end to its middle.
  private static final double LOG_MIDDLE = Math.log(2 / (1 + GAMMA));

  private final double share;
  private final TreeMap<Integer, Long> counts = new TreeMap<>();
  private long total;

  PercentileSketch(double share) {
    this.share = share;
  }

  @Override
  public void add(long hash, double number) {
    if (!Double.isNaN(number)) {
      count(bucket(number), 1);
    }
  }

  private void count(int bucket, long times) {
    counts.merge(bucket, times, Long::sum);
    total += times;
  }

  private static int bucket(double number) {
    double size = Math.min(Math.abs(number), Double.MAX_VALUE);
    if (size < SMALLEST) {
      return 0;
    }
    int index = (int) Math.ceil((Math.log(size) - LOG_SMALLEST) / LOG_GAMMA) + 1;
    return number < 0 ? -index : index;
  }

  private static double value(int bucket) {
    if (bucket == 0) {
      return 0;
    }
    double upper = (Math.abs(bucket) - 1) * LOG_GAMMA + LOG_SMALLEST;
    double middle = Math.min(Math.exp(upper + LOG_MIDDLE), Double.MAX_VALUE);
    return bucket < 0 ? -middle : middle;
  }

  @Override
  public void merge(byte[] stored) {
    ByteBuffer buffer = ByteBuffer.wrap(stored);
    while (buffer.hasRemaining()) {
      count(buffer.getInt(), buffer.getLong());
    }
  }

  @Override
  public byte[] store() {
    ByteBuffer buffer = ByteBuffer.allocate(counts.size() * 12);
    counts.forEach((bucket, count) -> buffer.putInt(bucket).putLong(count));
    return buffer.array();
  }

  @Override
  public long bytes() {
    return 64 + 72L * counts.size();
  }

  @Override
  public @Nullable Number result() {
    if (total == 0) {
      return null;
    }
    // The rank of the nearest-rank percentile, from 1. In decimals: 0.07 * 100 is not more than 7.
    long rank =
        BigDecimal.valueOf(share)
            .multiply(BigDecimal.valueOf(total))
            .setScale(0, RoundingMode.CEILING)
            .longValueExact();
    long seen = 0;
    for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
      seen += entry.getValue();
      if (seen >= Math.max(1, rank)) {
        return value(entry.getKey());
      }
    }
    throw new IllegalStateException("counts do not add up to " + total);
  }
}
