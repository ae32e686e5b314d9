package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.SimLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Where a shard goes on whose declaration has changed, or which was away.
final class RecoveryTest {
  private final StreamSpec stream =
      new RandomDeclarations(new SplittableRandom(1))
          .stream(new RandomDeclarations.Wanted(true, 1, 0));
  private final StreamSpec without = RandomDeclarations.withId(stream, Optional.empty());
  private final RandomEvents events = new RandomEvents(new SplittableRandom(2), stream, 0);
  private final SimLog log = new SimLog(stream, events, new ModelShard(stream, 0));
  private final DamagedFolder folder = new DamagedFolder();

  /// Opens the shard and applies what the log has.
  private Shard open(StreamSpec declared) throws IOException {
    ShardSpec spec = new ShardSpec(declared, List.of(), 0, ShardSpec.Limits.DEFAULT);
    Shard shard = Shard.open(spec, folder.open(), log.shardLog(), false);
    for (long at = Math.max(shard.next(), log.start()); at < log.next(); at++) {
      shard.apply(at, log.appendMs(at), log.value(at));
    }
    shard.publish();
    return shard;
  }

  private static void checkpoint(Shard shard) throws IOException {
    Checkpoint.Report _ = shard.beginCheckpoint().run();
  }

  @Test
  void idsAreKeptUntilTheNextCheckpointWhereTheyAreNotDeclaredAnyMore() throws IOException {
    RandomEvents.Draft event = events.next();
    log.append(event);
    checkpoint(open(stream));
    log.append(event);
    assertThat(open(without).counts().events()).isEqualTo(2);
    assertThat(open(stream).counts().events()).isEqualTo(1);
  }

  @Test
  void idsThatAreDeclaredAgainBeginAnew() throws IOException {
    RandomEvents.Draft event = events.next();
    log.append(event);
    checkpoint(open(stream));
    log.append(event);
    checkpoint(open(without));
    // The manifest with ids is still there, should the newest one be damaged.
    assertThat(folder.manifests.keySet()).containsExactly(1L, 2L);
    assertThat(open(without).counts().events()).isEqualTo(2);
    log.append(event);
    log.append(event);
    Shard again = open(stream);
    assertThat(again.counts().events()).isEqualTo(3);
    assertThat(again.counts().duplicates()).isEqualTo(1);
    assertThat(folder.manifests.keySet()).containsExactly(2L);
  }

  @Test
  void aCopyThatWasAwayForTooLongSaysSo() throws IOException {
    for (int i = 0; i < 10; i++) {
      log.append(events.next());
    }
    checkpoint(open(stream));
    for (int i = 0; i < 10; i++) {
      log.append(events.next());
    }
    // The last record of the copy is the first one of the log.
    log.trim(9);
    assertThat(open(stream).counts().gap()).isZero();
    log.trim(15);
    assertThatThrownBy(() -> open(stream))
        .isInstanceOf(UnrecoverableException.class)
        .hasMessageContaining("ends at offset 10, but the log begins at offset 15")
        .hasMessageContaining("away for too long")
        .hasMessageContaining("remove it")
        .hasMessageNotContaining("damaged");
  }
}
