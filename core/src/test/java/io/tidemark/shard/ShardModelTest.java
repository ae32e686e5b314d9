package io.tidemark.shard;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.log.Mark;
import io.tidemark.query.Queries;
import io.tidemark.shard.sim.LocalNode;
import io.tidemark.shard.sim.Missed;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.Seeds;
import io.tidemark.shard.sim.SimLog;
import io.tidemark.shard.sim.SimTopic;
import io.tidemark.shard.sim.ViewsEqualTheModelAtTheirMark;
import io.tidemark.shard.sim.disk.Faults;
import io.tidemark.shard.sim.disk.SimDisk;
import io.tidemark.shard.sim.disk.SimFileSystem;
import io.tidemark.shard.sim.disk.SimStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random declarations and events on storage that works: after each step the shard's answers, to
/// questions of all kinds, are those of the model at the answer's mark.
final class ShardModelTest {

  @Test
  void aShardAnswersAsTheModelDoes() {
    Seeds.each(ShardModelTest.class, "runs", 100, ShardModelTest::run);
  }

  private static void run(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    RandomDeclarations declarations = new RandomDeclarations(random.split());
    StreamSpec stream =
        declarations.stream(new RandomDeclarations.Wanted(random.nextBoolean(), 1, 1000));
    List<ViewSpec> views = declarations.views(stream);
    SimTopic topic =
        new SimTopic(random.split(), stream, new RandomEvents(random.split(), stream, 15));
    SimLog log = topic.log(0);
    App app = new App("a", Path.of("a"), List.of(stream), views, List.of());
    Catalog catalog = new Catalog(List.of(app));
    ViewsEqualTheModelAtTheirMark invariant =
        new ViewsEqualTheModelAtTheirMark(stream, topic, random.split());
    SimDisk disk = new SimDisk();
    ShardSpec.Limits limits =
        new ShardSpec.Limits(1 << 20, 1L << 40, 1000, 50, RandomDeclarations.compaction(random));
    ShardSpec spec = new ShardSpec(stream, views, 0, limits);
    Shard shard = open(spec, disk, log);
    for (int step = 0; step < 40; step++) {
      ViewsEqualTheModelAtTheirMark.Asked asked =
          new ViewsEqualTheModelAtTheirMark.Asked(
              new Queries(catalog, new LocalNode(List.of(shard))),
              views,
              ViewsEqualTheModelAtTheirMark.Known.EVERYTHING,
              new Queries.After(Mark.NONE, 0));
      Mark _ = topic.append(random.nextInt(60));
      for (long offset = shard.next(); offset < log.next(); offset++) {
        shard.apply(offset, log.appendMs(offset), log.value(offset));
        if (random.nextInt(100) == 0) {
          shard.publish();
        }
      }
      invariant.check(asked, 2);
      shard.publish();
      if (random.nextInt(3) == 0) {
        Checkpoint checkpoint = shard.beginCheckpoint();
        Mark _ = topic.append(5);
        invariant.check(asked, 4);
        checkpoint.run();
        Optional<Compaction> compaction = shard.compactions().begin();
        if (compaction.isPresent()) {
          Compaction.Report _ = compaction.get().run();
        }
      }
      invariant.check(asked, 8);
      if (random.nextInt(8) == 0) {
        verify(shard);
      }
      countsAreRight(shard, topic.model(0));
      if (random.nextInt(6) == 0) {
        shard.close();
        shard = open(spec, disk, log);
      } else if (random.nextInt(10) == 0) {
        disk.losePower(random);
        shard = open(spec, disk, log);
      }
    }
    shard.close();
  }

  /// Each view is what the table's events come to.
  private static void verify(Shard shard) throws IOException {
    List<String> views = new ArrayList<>(List.of(Verification.TABLE));
    shard.spec().views().forEach(v -> views.add(v.name()));
    for (String view : views) {
      Verification.Report report = VerificationTest.verify(shard, view);
      if (report.different() > 0) {
        throw new AssertionError(report.toString());
      }
    }
  }

  private static Shard open(ShardSpec spec, SimDisk disk, SimLog log) throws IOException {
    SimFileSystem files = disk.start(Faults.NONE);
    return Shard.open(
        spec,
        FolderStorage.open(files.getPath("/0"), new PlainFiles(), SimStores::open),
        log.shardLog(),
        log.next() % 2 == 0);
  }

  private static void countsAreRight(Shard shard, ModelShard model) {
    Counts counts = shard.counts();
    long next = shard.visibleNext();
    long accepted = model.events(Missed.NONE, next).size();
    long malformed = model.malformed(next);
    Counts expected =
        new Counts(
            accepted, next - accepted - malformed, model.late(next), malformed, 0, counts.bytes());
    if (!counts.equals(expected)) {
      throw new AssertionError("expected " + expected + " but was " + counts);
    }
  }
}
