package io.tidemark.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.ingest.EventLog.Appended;
import java.time.Duration;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class PendingAppendTest {
  @Test
  void whatHasNoOutcomeInTimeHasFailedAndStaysSo() {
    PendingAppend pending = new PendingAppend(2);
    pending.acknowledged(0, 7);
    Appended appended = pending.await(Duration.ofMillis(1));
    pending.acknowledged(1, 8);
    assertThat(appended.offsets()).containsExactly(7, Appended.FAILED);
    assertThat(appended.failure()).contains("may or may not be in the log");
  }

  @Test
  void aFailureSaysWhatIsWrong() {
    PendingAppend pending = new PendingAppend(1);
    pending.failed(1, new TimeoutException("no leader"));
    assertThat(pending.await(Duration.ofSeconds(10)).failure())
        .contains("is the broker away?")
        .contains("no leader");
  }

  @Test
  void aWaiterThatIsInterruptedStaysInterrupted() {
    PendingAppend pending = new PendingAppend(1);
    Thread.currentThread().interrupt();
    Appended appended = pending.await(Duration.ofSeconds(10));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(appended.offsets()).containsExactly(Appended.FAILED);
    assertThat(appended.failure()).contains("interrupted");
  }
}
