package io.tidemark.shard.sim;

import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.Queries;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.shard.FillingException;
import io.tidemark.shard.Shard;
import io.tidemark.table.EventQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The end of a run, where nothing goes wrong any more: every node opens the shards that it owns or
/// has a folder of, applies everything, and all is compared once more, before and after a
/// checkpoint, and after being opened again; then the same with other views declared, and while
/// those are filled.
final class Ending {
  private final World world;
  private final List<SimNode> nodes;
  private final SplittableRandom random;

  Ending(World world, List<SimNode> nodes, SplittableRandom random) {
    this.world = world;
    this.nodes = nodes;
    this.random = random;
  }

  void run() throws IOException {
    for (SimNode node : nodes) {
      if (!node.isUp()) {
        node.start();
      }
    }
    for (int round = 0; round < 2; round++) {
      if (round > 0 && !world.erases) {
        redeclare();
      }
      for (SimNode node : nodes) {
        for (int p = 0; p < world.stream.partitions(); p++) {
          if (node.replica(p) == null) {
            node.open(p);
          }
          Replica replica = node.require(p);
          if (round > 0 && world.erases) {
            checkBehind(replica);
          }
          boolean early = random.nextBoolean();
          if (early) {
            fill(replica);
          }
          catchUp(replica);
          fill(replica);
          check(replica);
          erase(replica);
          EachEventIsArchivedOnce.checkFetched(world, p, node.fetched(p));
          check(replica);
          replica.beginIfDue(Long.MAX_VALUE);
          settle(replica);
          check(replica);
          if (replica.compact()) {
            check(replica);
            replica.beginIfDue(0);
            settle(replica);
            check(replica);
          }
          if (archive(replica)) {
            check(replica);
            replica.beginIfDue(0);
            settle(replica);
            check(replica);
          }
          retire(replica);
          node.close(replica);
          node.open(p);
          check(node.require(p));
        }
        questions(node);
      }
      for (int p = 0; p < world.stream.partitions(); p++) {
        int partition = p;
        boolean wentBack =
            nodes.stream().anyMatch(n -> n.folder(partition).positions.hasGoneBack());
        if (world.erases) {
          // Who did not know of an erasure may have put a file once more, and be gone.
          nodes.forEach(n -> n.require(partition).sweepArchive());
        }
        EachEventIsArchivedOnce.check(world, p, wentBack);
        for (SimNode node : nodes) {
          EachEventIsArchivedOnce.checkFetched(world, p, node.fetched(p));
        }
      }
      // Now the archive has something to be erased.
      world.topic.eraseSome();
      world.topic.append(1 + random.nextInt(6));
    }
  }

  /// Another node may have erased in the archive what this one still has to come to: then it
  /// answers all that its mark says, or nothing.
  private void checkBehind(Replica replica) throws IOException {
    Shard shard = replica.shard();
    List<StoredEvent> all;
    try {
      all = all(shard);
    } catch (ObjectMissingException _) {
      Trace.covered("behind what was erased");
      return;
    }
    EventQuery query = new EventQuery(-(1L << 60), 1L << 60, List.of(), Integer.MAX_VALUE, null);
    Missed missed = replica.missed(ViewsEqualTheModelAtTheirMark.TABLE);
    ModelShard model = world.topic.model(shard.id().partition());
    List<Long> expected = offsets(model.table(query, missed, shard.visibleNext()));
    if (!offsets(all).equals(expected)) {
      throw new Broken(
          ViewsEqualTheModelAtTheirMark.class,
          "offsets %s instead of %s".formatted(offsets(all), expected));
    }
  }

  private static List<Long> offsets(List<StoredEvent> events) {
    return events.stream().map(StoredEvent::offset).sorted().toList();
  }

  /// Fills views that are new, with a checkpoint now and then.
  private void fill(Replica replica) {
    settle(replica);
    for (int steps = 0; !replica.shard().backfilling().progress().isEmpty(); steps++) {
      // One that has something in the archive first learns all that is there.
      if ((!replica.backfill() && !archive(replica)) || random.nextInt(8) == 0) {
        // What it has learnt of the archive waits for the next checkpoint, whenever that is.
        replica.beginIfDue(steps > 100 ? Long.MAX_VALUE : 0);
        settle(replica);
      }
      if (steps == 100_000) {
        throw new AssertionError("never filled: " + replica.shard().backfilling().progress());
      }
    }
  }

  /// Removes what is to be gone. From then on nobody knows the keys any more, and what were still
  /// there would be answered.
  private void erase(Replica replica) {
    for (int steps = 0; replica.shard().erasing().pending() > 0; steps++) {
      // What erases waits in the archive for what is put there.
      boolean any = replica.erase() || replica.eraseInArchive() || replica.archive();
      if (!any) {
        replica.beginIfDue(0);
        settle(replica);
      }
      if (steps == 1000) {
        throw new AssertionError("never erased: " + replica.shard().erasing().known());
      }
    }
  }

  /// What is filled needs nothing beside it.
  private void retire(Replica replica) throws IOException {
    replica.retire();
    replica.beginIfDue(0);
    settle(replica);
    check(replica);
    if (!replica.shard().backfilling().earlier().names().isEmpty()) {
      throw new AssertionError("left: " + replica.shard().backfilling().earlier().names());
    }
  }

  /// @return whether anything has happened
  private boolean archive(Replica replica) {
    boolean any = false;
    while (replica.archive()) {
      any = true;
    }
    return any;
  }

  private void redeclare() throws IOException {
    for (SimNode node : nodes) {
      for (Replica replica : node.replicas()) {
        node.close(replica);
      }
    }
    world.declareOthers();
  }

  private void settle(Replica replica) {
    while (!replica.checkpoint()) {
      // Nothing fails any more: the next time it is done.
      replica.check();
    }
  }

  private void catchUp(Replica replica) {
    settle(replica);
    boolean again = true;
    while (replica.shard().next() < replica.log().next()) {
      replica.poll(random.nextInt(25), again);
      again = false;
      if (random.nextInt(4) == 0) {
        replica.beginIfDue(random.nextInt(4000));
      }
      settle(replica);
      if (replica.isBehind()) {
        questions(
            LocalNode.alone(replica.shard()),
            (view, _) -> replica.missed(view),
            1,
            replica.askable(),
            true);
      }
    }
    replica.publish();
  }

  private void check(Replica replica) throws IOException {
    replica.check();
    Shard shard = replica.shard();
    ModelShard model = world.topic.model(shard.id().partition());
    List<StoredEvent> all = all(shard);
    Missed missed = replica.missed(ViewsEqualTheModelAtTheirMark.TABLE);
    if (shard.visibleNext() == replica.log().next()) {
      NothingAcknowledgedIsLost.check(world.stream, model, missed, all, world.everyIdIsOneEvent());
    }
    NothingCountsTwice.check(model, all, world.everyIdIsOneEvent());
    long timelines = replica.views().stream().filter(TimelineSpec.class::isInstance).count();
    long ids = world.stream.id().isPresent() ? 1 : 0;
    if (replica.folder().sortedNames().size() < timelines + ids) {
      throw new AssertionError("sorted stores " + replica.folder().sortedNames());
    }
  }

  private void questions(SimNode node) throws IOException {
    List<Shard> shards = new ArrayList<>();
    for (int p = 0; p < world.stream.partitions(); p++) {
      shards.add(node.require(p).shard());
    }
    questions(
        new LocalNode(shards),
        (view, p) -> node.require(p).missed(view),
        8,
        world.declared(),
        false);
  }

  /// @param mayBeFilling whether views may still be empty
  private void questions(
      Shards shards,
      ViewsEqualTheModelAtTheirMark.Known known,
      int times,
      List<ViewSpec> asked,
      boolean mayBeFilling) {
    ViewsEqualTheModelAtTheirMark views =
        new ViewsEqualTheModelAtTheirMark(world.stream, world.topic, random.split());
    try {
      views.check(
          new ViewsEqualTheModelAtTheirMark.Asked(
              world.queries(shards), asked, known, new Queries.After(Mark.NONE, 0)),
          times);
    } catch (Shards.NotVisibleException | Shards.UnavailableException e) {
      boolean hasGone = e.getCause() instanceof ObjectMissingException;
      if (mayBeFilling && (e.getCause() instanceof FillingException || hasGone)) {
        // One that is behind cannot answer any more what was erased since.
        return;
      }
      throw new AssertionError("everything is there", e);
    }
  }

  /// All events of the table, page by page.
  private List<StoredEvent> all(Shard shard) throws IOException {
    List<StoredEvent> all = new ArrayList<>();
    EventQuery.@Nullable Cursor after = null;
    // Each page reads all segments again.
    int limit = 100 + random.nextInt(1000);
    while (true) {
      EventQuery query = new EventQuery(-(1L << 60), 1L << 60, List.of(), limit, after);
      Partial.OfEvents page =
          (Partial.OfEvents)
              LocalShards.ask(new ShardQuery.OfEvents(world.stream.name(), query), List.of(shard));
      all.addAll(page.events());
      if (page.events().size() < limit) {
        return all;
      }
      StoredEvent last = page.events().getLast();
      after = new EventQuery.Cursor(last.timeMicros(), last.offset(), last.partition());
    }
  }
}
