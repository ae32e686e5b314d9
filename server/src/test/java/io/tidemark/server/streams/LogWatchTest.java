package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogWatchTest {
  private final LogWatch watch = new LogWatch();

  @Test
  void hasCaughtUpWithWhatTheLogHadAtTheFirstLook() {
    watch.advance(1000);
    assertThat(watch.hasCaughtUp()).as("before the log was looked at").isFalse();
    watch.look(1100, 1, 1050);
    assertThat(watch.hasCaughtUp()).isFalse();
    watch.look(2000, 2, 1060);
    watch.advance(1100);
    assertThat(watch.hasCaughtUp()).as("has what the first look saw").isTrue();
  }

  @Test
  void mustCatchUpAgainWhenRearmed() {
    watch.look(10, 1, 10);
    assertThat(watch.hasCaughtUp()).isTrue();
    watch.rearm();
    watch.advance(10);
    assertThat(watch.hasCaughtUp()).isFalse();
    watch.look(10, 2, 10);
    assertThat(watch.hasCaughtUp()).isTrue();
  }

  @Test
  void theAgeIsThatOfTheOldestRecordNotVisible() {
    watch.look(100, 1000, 100);
    assertThat(watch.oldestAgeMs(5000)).isZero();
    watch.look(200, 2000, 100);
    watch.look(300, 3000, 100);
    assertThat(watch.oldestAgeMs(5000)).isEqualTo(3000);
    watch.advance(199);
    assertThat(watch.oldestAgeMs(5000)).isEqualTo(3000);
    watch.advance(200);
    assertThat(watch.oldestAgeMs(5000)).isEqualTo(2000);
    watch.advance(300);
    assertThat(watch.oldestAgeMs(5000)).isZero();
  }

  @Test
  void aLogThatGrowsForHoursKeepsTheAgeOfItsOldestRecord() {
    for (int i = 1; i <= 10_000; i++) {
      watch.look(i, i * 1000L, 0);
    }
    assertThat(watch.oldestAgeMs(10_000_000)).isEqualTo(10_000_000 - 1000);
    assertThat(watch.end()).isEqualTo(10_000);
  }
}
