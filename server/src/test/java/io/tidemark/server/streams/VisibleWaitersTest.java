package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class VisibleWaitersTest {
  private final VisibleWaiters waiters = new VisibleWaiters();

  private static long in(int seconds) {
    return System.nanoTime() + seconds * 1_000_000_000L;
  }

  @Test
  void nobodyMissesTheirPosition() throws Exception {
    int positions = 20_000;
    AtomicLong visible = new AtomicLong();
    AtomicInteger seen = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int first = t;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int p = first; p <= positions; p += 97) {
                        long deadline = in(5);
                        waiters.await(p, visible::get, deadline);
                        if (System.nanoTime() >= deadline) {
                          return;
                        }
                        seen.incrementAndGet();
                      }
                    } catch (InterruptedException _) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    for (int p = 1; p <= positions; p++) {
      visible.set(p);
      waiters.release(p);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    int wanted = 0;
    for (int t = 0; t < 8; t++) {
      wanted += (positions - t) / 97 + 1;
    }
    assertThat(seen).hasValue(wanted);
  }

  @Test
  void whoGivesUpIsForgotten() throws Exception {
    waiters.await(Long.MAX_VALUE - 1, () -> 0, System.nanoTime() + 1_000_000);
    assertThat(waiters.size()).isZero();
  }
}
