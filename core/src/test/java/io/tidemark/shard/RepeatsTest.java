package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RepeatsTest {
  private final MemorySorted store = new MemorySorted();

  private void seal(long from, long to, long... offsets) throws IOException {
    Repeats repeats = new Repeats();
    LongStream.of(offsets).forEach(repeats::add);
    store.ingest(repeats.seal(store, from, to).iterator());
  }

  private List<Long> known() {
    return LongStream.range(0, 1000).filter(o -> Repeats.isIn(store, o)).boxed().toList();
  }

  @Test
  void theyAreKnownUntilTheLogHasForgottenThem() throws IOException {
    store.ingest(List.of(new SortedStore.Entry(new byte[] {'i', 'd'}, new byte[16])).iterator());
    seal(0, 300, LongStream.rangeClosed(1, 20).map(i -> i * 10).toArray());
    seal(300, 301);
    seal(301, 500, 301, 499);
    assertThat(known()).hasSize(22).contains(10L, 200L, 301L, 499L);
    Repeats.sweep(store, 200);
    assertThat(known()).containsExactly(200L, 301L, 499L);
    assertThat(store.get(new byte[] {'i', 'd'})).isNotNull();
  }

  @Test
  void whatACheckpointThatWasNotFinishedSaidIsTakenBack() throws IOException {
    seal(0, 10, 3, 8);
    // The one that was not finished.
    seal(10, 20, 12, 15, 19);
    // Fewer records than it had, and other decisions.
    seal(10, 18, 13, 15);
    assertThat(known()).containsExactly(3L, 8L, 13L, 15L, 19L);
    seal(18, 20);
    assertThat(known()).containsExactly(3L, 8L, 13L, 15L);
  }
}
