package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.ingest.EventLog.Entry;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.shard.ListLog;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardClosedException;
import io.tidemark.shard.ShardSpec;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final Shard shard;
  private final Progress progress;

  ProgressTest() throws IOException {
    StreamSpec stream = Readings.stream(1, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    StreamPartition id = new StreamPartition(Readings.STREAM, 0);
    this.shard =
        Shard.open(
            new ShardSpec(stream, List.of(Readings.rollup()), 0, TestNode.LIMITS),
            new MemoryDisk().storage(id),
            new ListLog(),
            false);
    this.progress = new Progress(shard);
  }

  private void apply(int count) {
    for (Entry entry : Readings.entries(shard.next(), count, 1)) {
      shard.apply(shard.next(), 0, Objects.requireNonNull(entry.value()));
    }
    shard.publish();
    progress.advance();
  }

  private void look(long end) {
    assertThat(progress.look(end, progress.before(shard.next()), 0)).isEmpty();
  }

  private static long soon() {
    return System.nanoTime() + 1_000_000;
  }

  @Test
  void answersOnlyWhatItHas() throws Exception {
    assertThatThrownBy(() -> progress.awaitAnswerable(0, soon()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("is restoring, at offset 0 of ?");
    look(3);
    assertThatThrownBy(() -> progress.awaitAnswerable(0, soon()))
        .hasMessageContaining("is restoring, at offset 0 of 3");
    apply(3);
    progress.awaitAnswerable(3, soon());
    assertThatThrownBy(() -> progress.awaitAnswerable(4, soon()))
        .isInstanceOf(NotVisibleException.class)
        .hasMessageContaining("is at offset 3, not yet at 4");
  }

  @Test
  void aLookThatBeganBeforeANewRoleDoesNotCountForIt() {
    apply(3);
    Progress.Before before = progress.before(shard.next());
    progress.rearm();
    assertThat(progress.look(3, before, 0)).isEmpty();
    assertThat(progress.hasCaughtUp()).isFalse();
    look(3);
    assertThat(progress.hasCaughtUp()).isTrue();
  }

  @Test
  void aLogThatHasLostWhatTheShardKnowsIsReported() throws IOException {
    apply(3);
    assertThat(progress.look(2, progress.before(shard.next()), 0))
        .hasValueSatisfying(
            why -> assertThat(why).contains("knows 3 records, but the log ends at 2"));
    assertThat(progress.hasCaughtUp()).isFalse();
  }

  @Test
  void whoWaitsIsSentAwayWhenTheShardCloses() throws Exception {
    look(0);
    Thread closing =
        Thread.startVirtualThread(
            () -> {
              while (progress.waiting() == 0) {
                Thread.onSpinWait();
              }
              progress.close();
            });
    long deadline = System.nanoTime() + 20_000_000_000L;
    assertThatThrownBy(() -> progress.awaitAnswerable(9, deadline))
        .isInstanceOf(ShardClosedException.class);
    assertThat(System.nanoTime()).as("before the deadline").isLessThan(deadline);
    closing.join();
  }
}
