package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.SimLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Where a shard goes on whose declaration has changed, whose checkpoint failed, or which was away,
/// and what it counts there.
final class RecoveryTest {
  private final StreamSpec stream =
      new RandomDeclarations(new SplittableRandom(1))
          .stream(new RandomDeclarations.Wanted(true, 1, 0));
  private final StreamSpec without = RandomDeclarations.withId(stream, Optional.empty());
  private final ViewSpec view =
      new RandomDeclarations(new SplittableRandom(3)).rollup(stream, "view");
  private final RandomEvents events = new RandomEvents(new SplittableRandom(2), stream, 0);
  private final SimLog log = new SimLog(stream, events, new ModelShard(stream, 0));
  private final DamagedFolder folder = new DamagedFolder();

  /// Opens the shard and applies what the log has.
  private Shard open(StreamSpec declared, ViewSpec... views) throws IOException {
    Shard shard = openOnly(declared, views);
    apply(shard, log.next());
    return shard;
  }

  private Shard openOnly(StreamSpec declared, ViewSpec... views) throws IOException {
    ShardSpec spec = new ShardSpec(declared, List.of(views), 0, ShardSpec.Limits.DEFAULT);
    return Shard.open(spec, folder.open(), log.shardLog(), false);
  }

  private void apply(Shard shard, long to) {
    for (long at = Math.max(shard.next(), log.start()); at < to; at++) {
      shard.apply(at, log.appendMs(at), log.value(at));
    }
    shard.publish();
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      log.append(events.next());
    }
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
  void idsThatAreDeclaredWhileAViewIsFilledBeginWhereTheOtherViewsAre() throws IOException {
    RandomEvents.Draft event = events.next();
    for (int times = 0; times < 3; times++) {
      log.append(event);
    }
    checkpoint(open(without));
    Shard filling = openOnly(without, view);
    apply(filling, 1);
    checkpoint(filling);
    Shard withIds = open(stream, view);
    assertThat(withIds.counts().events()).isEqualTo(3);
    log.append(event);
    log.append(event);
    apply(withIds, log.next());
    assertThat(withIds.counts().events()).isEqualTo(4);
    assertThat(withIds.counts().duplicates()).isEqualTo(1);
  }

  @Test
  void idsThatAreMadeAgainBeginWhereTheyWereDeclared() throws IOException {
    RandomEvents.Draft event = events.next();
    log.append(event);
    log.append(event);
    checkpoint(open(without));
    DamagedFolder.State older = folder.state();
    log.append(event);
    log.append(event);
    Shard withIds = open(stream);
    assertThat(withIds.counts().events()).isEqualTo(3);
    checkpoint(withIds);
    folder.restore(older, false, true);
    Shard again = open(stream);
    assertThat(again.counts().events()).isEqualTo(3);
    assertThat(again.counts().duplicates()).isEqualTo(1);
  }

  @Test
  void aCopyThatWasAwayForTooLongSaysSo() throws IOException {
    append(10);
    checkpoint(open(stream));
    append(10);
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

  @Test
  void whileAViewIsMendedADamagedManifestCostsOneCheckpoint() throws IOException {
    append(30);
    Shard first = openOnly(stream, view);
    for (int to = 10; to <= 30; to += 10) {
      apply(first, to);
      checkpoint(first);
    }
    folder.segments.remove(
        folder.segments.keySet().stream().filter(n -> n.startsWith("view-")).findFirst().get());
    Shard mending = openOnly(stream, view);
    for (int to = 5; to <= 10; to += 5) {
      apply(mending, to);
      checkpoint(mending);
    }
    apply(mending, 15);
    log.trim(mending.logMayStartAt());
    assertThat(log.start()).isEqualTo(4);
    DamagedFolder.State before = folder.state();
    boolean done = false;
    for (int operations = 0; !done; operations++) {
      folder.restore(before, true, true);
      Shard shard = openOnly(stream, view);
      apply(shard, 15);
      folder.crashAfter(operations);
      try {
        checkpoint(shard);
        done = true;
      } catch (DamagedFolder.Crash _) {
        // Not yet.
      }
      folder.crashNoMore();
      long newest = folder.manifests.lastKey();
      folder.flipManifest(new SplittableRandom(operations));
      Shard again = openOnly(stream, view);
      assertThat(again.next()).as("after %d operations", operations).isEqualTo(5 * (newest - 5));
      apply(again, 30);
      assertThat(again.counts().events()).isEqualTo(30);
    }
  }
}
