package io.tidemark.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class PercentileSketchTest {
  private static final double[] SHARES = {0, 0.01, 0.07, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};

  @Test
  void isWithinOnePercentOfTheNearestRank() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 300; run++) {
      double[] values = new double[1 + random.nextInt(400)];
      double scale = Math.pow(10, random.nextInt(-280, 300));
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(20) == 0 ? 0 : random.nextDouble(-1, 3) * scale;
      }
      assertClose(values);
    }
  }

  @Test
  void holdsAtTheEndsOfTheDoubles() {
    assertClose(new double[] {Double.MAX_VALUE, -Double.MAX_VALUE, 1e308, 1e-299, -1e-299});
    assertThat(of(0.5, Double.MIN_VALUE).result()).isEqualTo(0.0);
  }

  @Test
  void infinitiesCountAsTheGreatestNumbers() {
    double[] values = {Double.NEGATIVE_INFINITY, 1, Double.POSITIVE_INFINITY};
    assertThat(number(of(0, values))).isCloseTo(-Double.MAX_VALUE, Percentage.withPercentage(1));
    assertThat(number(of(0.5, values))).isCloseTo(1, Percentage.withPercentage(1));
    assertThat(number(of(1, values))).isCloseTo(Double.MAX_VALUE, Percentage.withPercentage(1));
  }

  @Test
  void whatIsNotANumberIsNotCounted() {
    assertThat(of(0.5, Double.NaN).result()).isNull();
    assertThat(number(of(1, Double.NaN, 3, Double.NaN))).isCloseTo(3, Percentage.withPercentage(1));
  }

  @Test
  void isTheSameInWhateverOrderPartsAreMerged() {
    double[] values = new SplittableRandom(2).doubles(1000, -5, 5).toArray();
    PercentileSketch whole = of(0.9, values);
    PercentileSketch merged = new PercentileSketch(0.9);
    merged.merge(of(0.9, Arrays.copyOfRange(values, 500, 1000)).store());
    merged.merge(of(0.9, Arrays.copyOfRange(values, 0, 500)).store());
    assertThat(merged.store()).isEqualTo(whole.store());
  }

  private static void assertClose(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    for (double share : SHARES) {
      // In thousandths, so that the test's rank is exact.
      long thousandths = Math.round(share * 1000);
      long rank = Math.max(1, Math.ceilDiv(thousandths * sorted.length, 1000L));
      double exact = sorted[(int) rank - 1];
      assertThat(number(of(share, values))).isCloseTo(exact, Percentage.withPercentage(1.000001));
    }
  }

  private static double number(PercentileSketch sketch) {
    Number result = sketch.result();
    assertThat(result).isNotNull();
    return result == null ? Double.NaN : result.doubleValue();
  }

  private static PercentileSketch of(double share, double... values) {
    PercentileSketch sketch = new PercentileSketch(share);
    for (double value : values) {
      sketch.add(0, value);
    }
    return sketch;
  }
}
