package io.tidemark.shard.sim;

import io.tidemark.shard.Archival;
import io.tidemark.shard.Shard;
import io.tidemark.shard.sim.disk.SimCrash;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/// Nodes with their disks and shards, the log, and clients, in one thread. What several threads
/// would do at once happens nested: any operation on a disk may let others act before it, so that a
/// checkpoint is overtaken by records and queries, and a query by whole checkpoints.
final class Simulation {
  private static final int MAX_DEPTH = 3;

  private final Plan plan;
  private final Chance chance;
  private final SplittableRandom random;
  private final Trace trace;
  private final World world;
  private final List<SimNode> nodes = new ArrayList<>();

  /// By partition, whose shard it is.
  private final List<SimNode> owners = new ArrayList<>();

  private final Clients clients;

  /// All nodes are being stopped.
  private boolean stopping;

  /// Whose process is doing something, innermost last.
  private final Deque<SimNode> doing = new ArrayDeque<>();

  Simulation(Plan plan, boolean tracing) {
    this.plan = plan;
    this.chance = new Chance(plan);
    this.random = plan.random("steps");
    this.trace = new Trace(tracing);
    this.world = new World(plan, chance);
    for (int n = 0; n < world.nodes; n++) {
      nodes.add(new SimNode(n, world, chance, random.split(), doing, this::meanwhile));
    }
    for (int p = 0; p < world.stream.partitions(); p++) {
      owners.add(nodes.get(random.nextInt(world.nodes)));
    }
    this.clients = new Clients(world, nodes, plan);
  }

  /// @throws AssertionError where an invariant does not hold, or something is thrown that nobody
  ///   injected
  void run() {
    try {
      for (int i = 0; i < plan.steps(); i++) {
        step();
      }
      chance.calm();
      new Ending(world, nodes, random).run();
    } catch (SimNode.StaysClosed _) {
      Trace.covered("stays closed");
    } catch (AssertionError e) {
      throw e;
    } catch (RuntimeException | IOException | SimCrash e) {
      throw new Broken(NothingFailsByItself.class, e.toString(), e);
    }
  }

  /// What it was about, and the last things that happened.
  String story() {
    return world + "\n" + trace;
  }

  private void say(Object... parts) {
    trace.say(doing.size(), parts);
  }

  private void step() {
    if (chance.of(Trouble.REDECLARATION) && !world.erases) {
      redeclare();
    } else if (chance.of(Trouble.REBALANCE)) {
      int partition = random.nextInt(owners.size());
      owners.set(partition, nodes.get(random.nextInt(nodes.size())));
      Trace.covered("rebalance");
      say(partition, " goes to ", owners.get(partition));
    } else {
      act();
    }
  }

  /// What others do before an operation of a node on its disk.
  private void meanwhile(SimNode node) {
    if (doing.size() >= MAX_DEPTH) {
      return;
    }
    if (clients.areAsking() && chance.of(Trouble.SLOW_READER)) {
      Trace.covered("slow reader");
      for (int i = 0; i < 30 && node.isUp(); i++) {
        clients.send(random.nextInt(4));
        act(node);
      }
    }
    while (chance.of(Trouble.OVERTAKING)) {
      act();
    }
  }

  /// Whether a node can be made to do something now: if it is in the middle of something, then only
  /// where nobody else is in the middle of something since, whom its crash would take along.
  private boolean isFree(SimNode node) {
    return !node.isBusy() || doing.getLast() == node;
  }

  private void act() {
    switch (random.nextInt(13)) {
      case 0, 1 -> clients.send(1 + random.nextInt(6));
      case 2, 3, 4 -> {
        boolean answered = clients.ask(n -> n.isUp() && isFree(n));
        say("a question, ", answered ? "answered" : "in vain");
      }
      case 5 -> world.topic.sync();
      default -> {
        SimNode node = nodes.get(random.nextInt(nodes.size()));
        if (isFree(node)) {
          act(node);
        }
      }
    }
  }

  private void act(SimNode node) {
    if (!node.isUp()) {
      if (!node.isBusy() && !stopping) {
        start(node);
      }
      return;
    }
    if (!node.run(() -> act(node, random.nextInt(owners.size())))) {
      say(node, node.isUp() ? " failed" : " crashed");
    }
  }

  private void start(SimNode node) {
    say(node, " starts");
    node.start();
    for (int p = 0; p < owners.size() && node.isUp(); p++) {
      int partition = p;
      if (owners.get(partition) == node) {
        boolean _ = node.run(() -> open(node, partition));
      }
    }
  }

  private void open(SimNode node, int partition) throws IOException {
    if (node.replica(partition) == null && !node.isMoving(partition) && !stopping) {
      node.open(partition);
      say(node, " opened ", partition, " at ", node.require(partition).shard().next());
    }
  }

  private void act(SimNode node, int partition) throws IOException {
    Replica replica = node.replica(partition);
    boolean owns = owners.get(partition) == node;
    if (random.nextInt(100) == 0 && chance.happens(Trouble.KILL)) {
      throw node.crash("a random moment", false);
    }
    if (random.nextInt(100) == 0 && chance.happens(Trouble.POWER)) {
      throw node.crash("a random moment", true);
    }
    if (replica == null) {
      // Now and then a standby.
      if (owns || random.nextInt(10) == 0) {
        open(node, partition);
      }
      return;
    }
    if (!replica.isBusy() && random.nextInt(owns ? 60 : 15) == 0) {
      node.close(replica);
      say(node, " closed ", partition);
      return;
    }
    act(node, replica);
    replica.check();
  }

  private void act(SimNode node, Replica replica) {
    Shard shard = replica.shard();
    if (replica.isBehind() && random.nextInt(3) == 0) {
      boolean answered = clients.ask(node, replica);
      say("a question to ", shard.id(), " alone, ", answered ? "answered" : "in vain");
      return;
    }
    if (world.erases && random.nextInt(6) == 0) {
      if (replica.erase()) {
        say(node, " erased from files of ", shard.id());
      }
      if (replica.eraseInArchive()) {
        say(node, " erased from the archive of ", shard.id());
      }
      if (random.nextInt(8) == 0) {
        replica.sweepArchive();
      }
      return;
    }
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> {
        replica.poll(random.nextInt(25), chance.of(Trouble.REDELIVERY));
        say(node, " applied ", shard.id(), " up to ", shard.next());
      }
      case 4 -> replica.publish();
      case 5, 6 -> replica.beginIfDue(random.nextInt(4000));
      case 7, 8, 9 -> {
        if (replica.isCheckpointing()) {
          boolean done = replica.checkpoint();
          say(node, " checkpoint ", shard.id(), done ? " up to " + shard.sealedNext() : " failed");
          if (done && random.nextBoolean()) {
            archive(node, replica);
          }
        }
      }
      case 10 -> {
        if (replica.compact()) {
          say(node, " compacted segments of ", shard.id());
        }
      }
      case 11, 12 -> archive(node, replica);
      case 13, 14 -> {
        if (replica.backfill()) {
          say(node, " filled views of ", shard.id(), ": ", shard.backfilling().progress());
        } else if (!shard.backfilling().earlier().replaced().isEmpty() && random.nextBoolean()) {
          replica.retire();
          say(node, " lets earlier views of ", shard.id(), " go");
        }
      }
      default -> trim(node, replica);
    }
  }

  private void archive(SimNode node, Replica replica) {
    if (replica.archive()) {
      Shard shard = replica.shard();
      say(node, " archived ", shard.id(), " up to ", shard.archival().map(Archival::next));
    }
  }

  private void trim(SimNode node, Replica replica) {
    SimLog log = replica.log();
    long start = replica.shard().logMayStartAt();
    int partition = replica.shard().id().partition();
    for (SimNode other : nodes) {
      boolean mayMiss =
          world.ids == World.Ids.NONE
              && world.stream.hot().isEmpty()
              && other.replica(partition) == null
              && !other.isMoving(partition)
              && other.folder(partition).isNew();
      if (other != node && !mayMiss) {
        start = Math.min(start, other.folder(partition).fallback() - 1);
      }
    }
    if (start > log.start() && chance.of(Trouble.TRIM)) {
      log.trim(random.nextLong(log.start(), start) + 1);
      replica.shard().logStartsAt(log.start());
      replica.folder().trimmed = Math.max(replica.folder().trimmed, log.start());
      Trace.covered("trimmed log");
      say("the log of ", replica.shard().id(), " begins at ", log.start());
    }
  }

  private void redeclare() {
    stopping = true;
    for (SimNode node : nodes) {
      for (Replica replica : node.replicas()) {
        boolean _ = node.run(() -> node.close(replica));
      }
      if (node.isUp()) {
        // What could not be closed is closed by the end of the process.
        boolean _ =
            node.run(
                () -> {
                  throw node.crash("the end of the process", false);
                });
      }
    }
    stopping = false;
    world.declareOthers();
    Trace.covered("redeclaration");
    say("declared: ", Objects.toString(world.declared()));
  }
}
