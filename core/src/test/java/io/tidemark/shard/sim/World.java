package io.tidemark.shard.sim;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.shard.ShardSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What is declared in a run, and what its clients send.
final class World {
  /// What there is of ids.
  enum Ids {
    NONE,
    /// One id, one event.
    UNIQUE,
    /// Also beyond their window.
    COME_AGAIN
  }

  /// How many there are; the log is on a machine of its own, unless there is one only.
  final int nodes;

  /// Whether the log is synced before each checkpoint: otherwise files may know more than it does.
  final boolean forcesLog;

  final Ids ids;

  /// Whether keys are erased. Then views stay as they are, and whole: rollups have what is gone
  /// from the table, and timelines that are not by the key may have fewer than they keep.
  final boolean erases;

  final StreamSpec stream;
  final ShardSpec.Limits limits;
  final SimTopic topic;
  final SimObjects archive = new SimObjects();

  private final SplittableRandom random;
  private final RandomDeclarations declarations;
  private List<ViewSpec> declared;
  private final List<ViewSpec> everDeclared;

  World(Plan plan, Chance chance) {
    this.random = plan.random("world");
    this.nodes = 1 + random.nextInt(2);
    this.forcesLog = random.nextBoolean();
    this.ids = List.of(Ids.values()).get(random.nextInt(Ids.values().length));
    this.declarations = new RandomDeclarations(random.split());
    int partitions = 1 + random.nextInt(3);
    int logKeepBytes = random.nextBoolean() ? 0 : random.nextInt(3000);
    this.stream =
        declarations.stream(
            new RandomDeclarations.Wanted(ids != Ids.NONE, partitions, logKeepBytes, forcesLog));
    SplittableRandom erasures = plan.random("erasures");
    this.erases = erasures.nextInt(stream.hot().isEmpty() ? 3 : 2) == 0;
    List<ViewSpec> any = declarations.views(stream);
    this.declared = erases ? keyed(new RandomDeclarations(erasures)) : any;
    this.everDeclared = new ArrayList<>(declared);
    // One byte is less than any tail has: then nothing but the limit of bytes counts.
    long tailBytes = random.nextInt(8) == 0 ? 1 : 1L << 40;
    this.limits =
        new ShardSpec.Limits(
            5 + random.nextInt(60),
            tailBytes,
            1000,
            3,
            RandomDeclarations.compaction(random),
            RandomDeclarations.archive(random));
    int idsReused = ids == Ids.COME_AGAIN ? 4 + random.nextInt(30) : 0;
    RandomEvents events =
        new RandomEvents(random.split(), stream, idsReused, () -> chance.of(Trouble.CLOCK_JUMP));
    this.topic = new SimTopic(random.split(), stream, events);
    if (erases) {
      topic.erase(erasures);
    }
  }

  List<ViewSpec> declared() {
    return declared;
  }

  ShardSpec shard(int partition) {
    return new ShardSpec(stream, declared, partition, limits);
  }

  Queries queries(Shards shards) {
    App app = new App("a", Path.of("a"), List.of(stream), declared, List.of());
    return new Queries(new Catalog(List.of(app)), shards);
  }

  /// Every event has an id of its own, and is there once although it was sent twice.
  boolean everyIdIsOneEvent() {
    return ids == Ids.UNIQUE;
  }

  /// Takes views away, adds some, changes some, or declares again what was taken away.
  void declareOthers() {
    List<ViewSpec> views = new ArrayList<>(declared);
    if (views.size() > 1 && random.nextBoolean()) {
      views.remove(random.nextInt(views.size()));
    }
    if (random.nextBoolean()) {
      ViewSpec known = everDeclared.get(random.nextInt(everDeclared.size()));
      ViewSpec view = declared.contains(known) ? other(known) : known;
      views.removeIf(v -> v.name().equals(view.name()));
      views.add(view);
      everDeclared.add(view);
    }
    declared = List.copyOf(views);
  }

  /// A timeline by the key, and a rollup of which nothing is a key.
  private List<ViewSpec> keyed(RandomDeclarations declarations) {
    while (true) {
      TimelineSpec timeline = declarations.timeline(stream, "t0");
      RollupSpec rollup = declarations.rollup(stream, "r0");
      if (timeline.by() == RandomDeclarations.KEY
          && !rollup.by().contains(RandomDeclarations.KEY)) {
        return List.of(timeline, rollup);
      }
    }
  }

  /// Mostly one of the same kind.
  private ViewSpec other(ViewSpec known) {
    String fresh = random.nextInt(3) == 0 ? known.name() + "x" : known.name();
    return known instanceof TimelineSpec == random.nextInt(4) > 0
        ? declarations.timeline(stream, fresh)
        : declarations.rollup(stream, fresh);
  }

  @Override
  public String toString() {
    return stream + "\n" + everDeclared;
  }
}
