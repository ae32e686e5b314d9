package io.tidemark.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.Measure;
import io.tidemark.event.FieldType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Sums and means, fed as a merge feeds them.
final class SumsTest {
  @Test
  void integersAddUpBeyondTheRangeOfLongs() {
    Accumulator sum = accumulator(Measure.Kind.SUM, FieldType.LONG);
    long[] words = {Long.MAX_VALUE, 1, Long.MAX_VALUE, Long.MIN_VALUE, -5, Long.MIN_VALUE, -7};
    BigInteger exact = BigInteger.ZERO;
    for (long word : words) {
      addLong(sum, word);
      exact = exact.add(BigInteger.valueOf(word));
      Number result = sum.result(0);
      assertThat(new BigInteger(String.valueOf(result))).isEqualTo(exact);
      assertThat(result instanceof Long).isEqualTo(exact.bitLength() < 64);
    }
  }

  @Test
  void randomIntegersAddUpAsBigIntegersDo() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 300; run++) {
      Accumulator sum = accumulator(Measure.Kind.SUM, FieldType.LONG);
      Accumulator mean = accumulator(Measure.Kind.AVG, FieldType.LONG);
      BigInteger exact = BigInteger.ZERO;
      int count = 1 + random.nextInt(50);
      for (int i = 0; i < count; i++) {
        long word = random.nextLong() >> random.nextInt(64);
        addLong(sum, word);
        addLong(mean, word);
        exact = exact.add(BigInteger.valueOf(word));
      }
      assertThat(String.valueOf(sum.result(0))).isEqualTo(exact.toString());
      assertThat(mean.result(0)).isEqualTo(exact.doubleValue() / count);
    }
  }

  @Test
  void partialsOfHugeSumsMergeAgain() {
    Accumulator part = accumulator(Measure.Kind.SUM, FieldType.LONG);
    for (int i = 0; i < 5; i++) {
      addLong(part, Long.MAX_VALUE);
    }
    Accumulator whole = accumulator(Measure.Kind.SUM, FieldType.LONG);
    for (int i = 0; i < 3; i++) {
      whole.merge(0, words(part.word(0, 0), part.word(0, 1), part.word(0, 2)));
    }
    assertThat(whole.result(0))
        .isEqualTo(BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.valueOf(15)));
  }

  @Test
  void doublesAddUpToTheSameInAnyOrderAndToTheNearestDouble() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 100; run++) {
      List<Double> prices = new ArrayList<>();
      BigDecimal exact = BigDecimal.ZERO;
      for (int i = 0; i < 500; i++) {
        double price = random.nextInt(-1_000_000, 10_000_000) / 100.0;
        prices.add(price);
        exact = exact.add(new BigDecimal(price));
      }
      for (int order = 0; order < 5; order++) {
        Collections.shuffle(prices, new Random(order));
        Accumulator sum = accumulator(Measure.Kind.SUM, FieldType.DOUBLE);
        prices.forEach(p -> addDouble(sum, p));
        assertThat(sum.result(0)).isEqualTo(exact.doubleValue());
      }
    }
  }

  @Test
  void whatCancelsOutLeavesTheRest() {
    Accumulator sum = accumulator(Measure.Kind.SUM, FieldType.DOUBLE);
    for (double value : new double[] {1e16, 0.5, 1e-3, -1e16}) {
      addDouble(sum, value);
    }
    assertThat(Objects.requireNonNull(sum.result(0)).doubleValue()).isEqualTo(0.501);
  }

  @Test
  void aSumBeyondAllDoublesIsInfinite() {
    for (double huge : new double[] {1.7e308, Double.POSITIVE_INFINITY}) {
      Accumulator sum = accumulator(Measure.Kind.SUM, FieldType.DOUBLE);
      addDouble(sum, 1);
      addDouble(sum, huge);
      addDouble(sum, huge);
      addDouble(sum, -5);
      assertThat(sum.result(0)).isEqualTo(Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void aMeanOfNothingIsNullAndASumOfNothingIsZero() {
    assertThat(accumulator(Measure.Kind.AVG, FieldType.LONG).result(0)).isNull();
    assertThat(accumulator(Measure.Kind.AVG, FieldType.DOUBLE).result(0)).isNull();
    assertThat(accumulator(Measure.Kind.SUM, FieldType.LONG).result(0)).isEqualTo(0L);
    assertThat(accumulator(Measure.Kind.SUM, FieldType.DOUBLE).result(0)).isEqualTo(0.0);
  }

  private static Accumulator accumulator(Measure.Kind kind, FieldType type) {
    Accumulator accumulator = Accumulator.of(new Measure("m", kind, 0, 0), type);
    accumulator.ensure(1);
    return accumulator;
  }

  private static void addLong(Accumulator accumulator, long word) {
    accumulator.merge(0, words(word, word >> 63, 1));
  }

  private static void addDouble(Accumulator accumulator, double value) {
    accumulator.merge(0, words(Double.doubleToRawLongBits(value), 0, 1));
  }

  private static Accumulator.Partial words(long... words) {
    return new Accumulator.Partial() {
      @Override
      public boolean isNull(int column) {
        return false;
      }

      @Override
      public long word(int column) {
        return words[column];
      }

      @Override
      public byte[] bytes(int column) {
        throw new IllegalStateException("words only");
      }
    };
  }
}
