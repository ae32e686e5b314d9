package io.tidemark.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RowOrderTest {
  @Test
  void rowsComeByAscendingKeyAndEqualKeysByRow() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 2000; run++) {
      boolean nearlySorted = run % 3 == 0;
      int size = random.nextInt(70);
      int spread = 1 + random.nextInt(20);
      long[] keys =
          IntStream.range(0, size)
              .mapToLong(
                  i -> nearlySorted ? i + random.nextInt(3) : random.nextLong(-spread, spread))
              .toArray();
      int from = size == 0 ? 0 : random.nextInt(size);
      int to = from + (size == from ? 0 : random.nextInt(size - from + 1));
      int[] expected =
          IntStream.range(from, to)
              .boxed()
              .sorted(Comparator.<Integer>comparingLong(r -> keys[r]).thenComparing(r -> r))
              .mapToInt(r -> r)
              .toArray();
      assertThat(RowOrder.ascending(keys, from, to)).isEqualTo(expected);
    }
  }

  @Test
  void extremeKeysAreInOrder() {
    long[] keys = {0, Long.MAX_VALUE, Long.MIN_VALUE, -1};
    assertThat(RowOrder.ascending(keys, 0, 4)).containsExactly(2, 3, 0, 1);
  }
}
