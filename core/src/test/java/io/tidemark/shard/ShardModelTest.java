package io.tidemark.shard;

import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.Seeds;
import io.tidemark.shard.sim.SimDisk;
import io.tidemark.shard.sim.SimLog;
import io.tidemark.shard.sim.ViewsEqualTheModelAtTheirMark;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random declarations and events on storage that works: after each step the shard's answers, to
/// questions of all kinds, are those of the model at the answer's mark.
final class ShardModelTest {
  private static final ShardSpec.Limits LIMITS = new ShardSpec.Limits(1 << 20, 1L << 40, 1000, 50);

  @Test
  void aShardAnswersAsTheModelDoes() {
    Seeds.each(ShardModelTest.class, "runs", 100, ShardModelTest::run);
  }

  private static void run(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    RandomDeclarations declarations = new RandomDeclarations(random.split());
    StreamSpec stream =
        declarations.stream(new RandomDeclarations.Wanted(random.nextBoolean(), 1, 1000));
    List<ViewSpec> views = declarations.views(stream);
    ModelShard model = new ModelShard(stream, 0);
    SimLog log =
        new SimLog(random.split(), stream, new RandomEvents(random.split(), stream, 15), model);
    ViewsEqualTheModelAtTheirMark invariant =
        new ViewsEqualTheModelAtTheirMark(stream, model, random.split());
    SimDisk disk = new SimDisk();
    ShardSpec spec = new ShardSpec(stream, views, 0, LIMITS);
    Shard shard = Shard.open(spec, disk.open());
    for (int step = 0; step < 40; step++) {
      log.append(random.nextInt(60));
      for (long offset = shard.next(); offset < log.next(); offset++) {
        shard.apply(offset, log.appendMs(offset), log.value(offset));
        if (random.nextInt(100) == 0) {
          shard.publish();
        }
      }
      invariant.check(shard, _ -> 0, log.nowMicros(), 2);
      shard.publish();
      if (random.nextInt(3) == 0) {
        Checkpoint checkpoint = shard.beginCheckpoint();
        log.append(5);
        invariant.check(shard, _ -> 0, log.nowMicros(), 4);
        checkpoint.run();
      }
      invariant.check(shard, _ -> 0, log.nowMicros(), 8);
      countsAreRight(shard, model);
      if (random.nextInt(6) == 0) {
        shard.close();
        shard = Shard.open(spec, disk.open());
      } else if (random.nextInt(10) == 0) {
        disk.crash(random);
        shard = Shard.open(spec, disk.open());
      }
    }
    shard.close();
  }

  private static void countsAreRight(Shard shard, ModelShard model) {
    Counts counts = shard.counts();
    long next = shard.visibleNext();
    long accepted = model.events(0, next).size();
    long malformed = model.malformed(next);
    Counts expected =
        new Counts(
            accepted, next - accepted - malformed, model.late(next), malformed, 0, counts.bytes());
    if (!counts.equals(expected)) {
      throw new AssertionError("expected " + expected + " but was " + counts);
    }
  }
}
