package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final Retry.Limits LIMITS =
      new Retry.Limits(6, Duration.ofMillis(100), Duration.ofMillis(1000), Duration.ofSeconds(30));

  private final VirtualPauses time = new VirtualPauses();

  private Retry retry(Retry.Limits limits) {
    return new Retry(limits, time, new SplittableRandom(1));
  }

  /// Fails a number of times.
  private static final class Failing implements Retry.Call<String> {
    private int left;
    private int calls;

    Failing(int times) {
      left = times;
    }

    @Override
    public String call() throws IOException {
      calls++;
      if (left-- > 0) {
        throw new ArchiveUnavailableException("failure " + calls, null);
      }
      return "done";
    }
  }

  @Test
  void triesAgainWithPausesThatDouble() throws IOException {
    assertThat(retry(LIMITS).call(new Failing(5))).isEqualTo("done");
    assertThat(time.pauses).hasSize(5);
    long[] longest = {100, 200, 400, 800, 1000};
    for (int i = 0; i < 5; i++) {
      assertThat(time.pauses.get(i).toMillis()).isBetween(longest[i] / 2 - 1, longest[i]);
    }
  }

  @Test
  void pausesDiffer() throws IOException {
    List<Duration> first = new ArrayList<>();
    Retry retry = retry(LIMITS);
    for (int i = 0; i < 20; i++) {
      time.pauses.clear();
      retry.call(new Failing(1));
      first.add(time.pauses.getFirst());
    }
    assertThat(first).doesNotHaveDuplicates();
  }

  @Test
  void givesUpAfterItsTriesAndSaysSo() {
    Failing failing = new Failing(100);
    assertThatThrownBy(() -> retry(LIMITS).call(failing))
        .isInstanceOf(ArchiveUnavailableException.class)
        .hasMessageStartingWith("failure 6 (tried 6 times in ");
    assertThat(failing.calls).isEqualTo(6);
  }

  @Test
  void givesUpWhenItsPatienceEnds() {
    var limits =
        new Retry.Limits(1000, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(5));
    Failing failing = new Failing(1000);
    assertThatThrownBy(() -> retry(limits).call(failing))
        .isInstanceOf(ArchiveUnavailableException.class);
    assertThat(failing.calls).isBetween(5, 11);
    assertThat(time.nanoTime()).isLessThanOrEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void whatIsNotWorthRepeatingIsNot() {
    for (IOException failure :
        List.of(
            new ArchiveRefusedException("denied", null),
            new ObjectMissingException("missing", null),
            new ObjectDiffersException("differs", null),
            new IOException("local"))) {
      assertThatThrownBy(
              () ->
                  retry(LIMITS)
                      .call(
                          () -> {
                            throw failure;
                          }))
          .isSameAs(failure);
    }
    assertThat(time.pauses).isEmpty();
  }

  @Test
  void anInterruptedPauseEndsIt() {
    Retry retry =
        new Retry(
            LIMITS,
            new Pauses() {
              @Override
              public long nanoTime() {
                return 0;
              }

              @Override
              public void pause(Duration duration) throws InterruptedException {
                throw new InterruptedException();
              }
            },
            new SplittableRandom(1));
    assertThatThrownBy(() -> retry.call(new Failing(1))).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
