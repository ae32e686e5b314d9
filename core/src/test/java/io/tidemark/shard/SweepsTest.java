package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SweepsTest {
  private final MemoryStorage storage = new MemoryStorage();

  /// As after a restart.
  private Sweeps opened() {
    return new Sweeps(storage, 100);
  }

  @Test
  void oneIsDueWhenAStoreHasDoubledWhateverWasRestartedMeanwhile() throws IOException {
    assertThat(opened().isDue("views", 99)).isFalse();
    assertThat(opened().isDue("views", 100)).isTrue();
    opened().swept("views", 90);
    assertThat(opened().isDue("views", 179)).isFalse();
    assertThat(opened().isDue("views", 180)).isTrue();
    assertThat(opened().isDue("buys", 100)).isTrue();
  }

  @Test
  void whatAStoreHasRemovedLaterCounts() throws IOException {
    opened().swept("views", 1000);
    assertThat(opened().isDue("views", 600)).isFalse();
    opened().notDue("views", 600);
    opened().notDue("views", 700);
    assertThat(opened().isDue("views", 1199)).isFalse();
    assertThat(opened().isDue("views", 1200)).isTrue();
  }

  @Test
  void theyAreApartFromTheMark() throws IOException {
    SortedMark mark = SortedMark.NONE.sealing(new LogPrefix(7, 8)).sealed(3);
    mark.write(storage);
    opened().swept("", 1000);
    assertThat(SortedMark.read(storage)).isEqualTo(mark);
  }
}
