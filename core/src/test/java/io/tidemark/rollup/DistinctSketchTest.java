package io.tidemark.rollup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DistinctSketchTest {
  @Test
  void isExactUpToAThousand() {
    DistinctSketch sketch = new DistinctSketch();
    SplittableRandom random = new SplittableRandom(1);
    long[] hashes = random.longs(DistinctSketch.EXACT - 1).toArray();
    sketch.add(0, 0);
    assertThat(sketch.result()).isEqualTo(1L);
    for (int i = 0; i < hashes.length; i++) {
      sketch.add(hashes[i], 0);
      sketch.add(hashes[random.nextInt(i + 1)], 0);
      sketch.add(0, 0);
      assertThat(sketch.result()).isEqualTo(i + 2L);
    }
  }

  @Test
  void hasAStandardErrorOfTwoPercentBeyondAndNoBias() {
    SplittableRandom random = new SplittableRandom(2);
    for (int values : new int[] {1500, 5000, 10_000, 12_000, 50_000}) {
      double sum = 0;
      double squares = 0;
      int runs = 50;
      for (int run = 0; run < runs; run++) {
        DistinctSketch sketch = new DistinctSketch();
        random.longs(values).forEach(h -> sketch.add(h, 0));
        double error = (sketch.result().doubleValue() - values) / values;
        assertThat(Math.abs(error)).isLessThan(0.07);
        sum += error;
        squares += error * error;
      }
      assertThat(Math.sqrt(squares / runs)).isLessThan(0.02);
      assertThat(Math.abs(sum / runs)).isLessThan(0.01);
    }
  }

  @Test
  void isTheSameInWhateverOrderPartsAreMerged() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 200; run++) {
      int domain = 1 + random.nextInt(2500);
      List<byte[]> parts = new ArrayList<>();
      DistinctSketch whole = new DistinctSketch();
      for (int p = 0; p < 5; p++) {
        DistinctSketch part = new DistinctSketch();
        int adds = random.nextInt(1500);
        for (int i = 0; i < adds; i++) {
          // Zero is among them.
          long hash = random.nextInt(domain) * 0x9E3779B97F4A7C15L;
          part.add(hash, 0);
          whole.add(hash, 0);
        }
        parts.add(part.store());
      }
      Collections.shuffle(parts, new Random(run));
      DistinctSketch merged = new DistinctSketch();
      parts.forEach(merged::merge);
      assertThat(merged.store()).isEqualTo(whole.store());
      assertThat(merged.result()).isEqualTo(whole.result());
    }
  }
}
