package io.tidemark.shard.sim;

import io.tidemark.shard.UnrecoverableException;
import io.tidemark.shard.sim.disk.Fault;
import io.tidemark.shard.sim.disk.Faults;
import io.tidemark.shard.sim.disk.SimCrash;
import io.tidemark.shard.sim.disk.SimDisk;
import io.tidemark.shard.sim.disk.SimFileSystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A machine with its disk, and the process on it while there is one.
final class SimNode implements Faults {
  /// What others do while an operation on a disk takes its time.
  @FunctionalInterface
  interface Meanwhile {
    void act(SimNode node);
  }

  /// What a process does.
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /// A shard needs what the log had forgotten, since the log has lost its end: for good.
  static final class StaysClosed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final List<Fault> FAULTS =
      List.of(Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.CRASH_BEFORE, Fault.CRASH_AFTER);

  private final int number;
  private final World world;
  private final Chance chance;
  private final SplittableRandom random;
  private final Meanwhile meanwhile;

  /// Whose processes are doing something, innermost last.
  private final Deque<SimNode> doing;

  private final SimDisk disk = new SimDisk();
  private final List<ShardFolder> folders = new ArrayList<>();
  private final Map<Integer, Replica> replicas = new TreeMap<>();

  /// The partitions whose shards are being opened or closed.
  private final Set<Integer> moving = new HashSet<>();

  private @Nullable SimFileSystem process;
  private boolean losesPower;

  SimNode(
      int number,
      World world,
      Chance chance,
      SplittableRandom random,
      Deque<SimNode> doing,
      Meanwhile meanwhile) {
    this.doing = doing;
    this.number = number;
    this.world = world;
    this.chance = chance;
    this.random = random;
    this.meanwhile = meanwhile;
    for (int p = 0; p < world.stream.partitions(); p++) {
      folders.add(new ShardFolder(disk, p));
    }
    prepare();
  }

  /// The operator makes the data folder, for good.
  private void prepare() {
    SimFileSystem operator = disk.start(Faults.NONE);
    try {
      operator.provider().createDirectory(operator.getPath("/data"));
      operator.provider().newFileChannel(operator.getPath("/"), Set.of()).force(true);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isUp() {
    return process != null;
  }

  /// Whether its process is in the middle of something.
  boolean isBusy() {
    return doing.contains(this);
  }

  ShardFolder folder(int partition) {
    return folders.get(partition);
  }

  /// Whether a shard is being opened or closed just now.
  boolean isMoving(int partition) {
    return moving.contains(partition);
  }

  @Nullable Replica replica(int partition) {
    return replicas.get(partition);
  }

  Replica require(int partition) {
    Replica replica = replicas.get(partition);
    if (replica == null) {
      throw new IllegalStateException(this + " does not have " + partition);
    }
    return replica;
  }

  Collection<Replica> replicas() {
    return List.copyOf(replicas.values());
  }

  void start() {
    process = disk.start(this);
  }

  /// Lets the process do something; a crash ends all that it is doing.
  ///
  /// @return whether it came to its end
  boolean run(Action action) {
    boolean outermost = !isBusy();
    doing.addLast(this);
    try {
      action.run();
      return true;
    } catch (SimCrash e) {
      if (!outermost) {
        throw e;
      }
      return false;
    } catch (IOException e) {
      NothingFailsByItself.check(e);
      return false;
    } finally {
      doing.removeLast();
    }
  }

  @Override
  public Fault next(String operation) {
    meanwhile.act(this);
    losesPower = chance.of(Trouble.POWER);
    if (losesPower || chance.of(Trouble.KILL)) {
      Trace.covered("crash at " + operation);
      return random.nextBoolean() ? Fault.CRASH_BEFORE : Fault.CRASH_AFTER;
    }
    if (chance.of(Trouble.FAILURE)) {
      Trace.covered("failed: " + operation);
      return random.nextBoolean() ? Fault.FAIL_BEFORE : Fault.FAIL_AFTER;
    }
    return Fault.NONE;
  }

  /// What becomes of a call of the archive.
  Fault call(String operation) {
    meanwhile.act(this);
    losesPower = false;
    if (!chance.of(Trouble.ARCHIVE)) {
      return Fault.NONE;
    }
    Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
    Trace.covered(fault + " at " + operation);
    return fault;
  }

  /// The process ends here and now.
  @Override
  public SimCrash crash(String operation) {
    return crash(operation, losesPower);
  }

  SimCrash crash(String operation, boolean power) {
    process = null;
    replicas.clear();
    if (power) {
      disk.losePower(random);
      if (world.nodes == 1 && chance.of(Trouble.LOG_LOSS)) {
        loseLog();
      }
    } else {
      disk.kill(random);
    }
    for (ShardFolder folder : folders) {
      damage(folder);
    }
    return new SimCrash(operation);
  }

  /// The log is on this machine, too.
  private void loseLog() {
    for (int p = 0; p < folders.size(); p++) {
      SimLog log = world.topic.log(p);
      long end = log.next();
      log.losePower(random);
      if (log.next() < end) {
        Trace.covered("log lost its end");
        if (!world.forcesLog) {
          folders.get(p).logLost();
        }
      }
    }
  }

  /// What it has fetched from the archive, of a partition.
  List<byte[]> fetched(int partition) {
    List<byte[]> fetched = new ArrayList<>();
    String stream = archiveFolder(partition) + "/stream=" + world.stream.name();
    for (String date : disk.names(stream)) {
      for (String hour : disk.names(stream + "/" + date)) {
        String folder = stream + "/" + date + "/" + hour;
        disk.names(folder).forEach(file -> fetched.add(disk.content(folder + "/" + file)));
      }
    }
    return fetched;
  }

  static String archiveFolder(int partition) {
    return "/data/archive/" + partition;
  }

  private void damage(ShardFolder folder) {
    int partition = folders.indexOf(folder);
    if (chance.of(Trouble.DAMAGE) && random.nextBoolean()) {
      if (!world.erases && folder.loseSegment(random, world.stream.retain())) {
        Trace.covered("lost segment");
      }
    } else if (chance.of(Trouble.DAMAGE)
        && folder.damage(random, world.topic.log(partition).start())) {
      Trace.covered("damaged manifest");
    }
  }

  /// Opens a shard.
  void open(int partition) throws IOException {
    SimFileSystem files = process;
    if (files == null) {
      throw new IllegalStateException("node " + number + " is down");
    }
    ShardFolder folder = folders.get(partition);
    Replica replica;
    moving.add(partition);
    try {
      replica =
          Replica.open(world, partition, folder, files, world.archive.of(this), random.split());
    } catch (UnrecoverableException e) {
      if (folder.positions.mayGoBack() && world.topic.log(partition).start() > 0) {
        throw new StaysClosed();
      }
      throw e;
    } finally {
      moving.remove(partition);
    }
    replicas.put(partition, replica);
    Trace.covered(replica.isFilling() ? "opened with a new view" : "opened");
  }

  /// Closes a shard, once its checkpoint is written or the host has lost patience with it.
  void close(Replica replica) throws IOException {
    for (int tries = 0; !replica.checkpoint(); tries++) {
      if (tries == 20) {
        throw crash("the end of the operator's patience", false);
      }
    }
    // Nobody finds it any more.
    replicas.values().remove(replica);
    replica.close();
    damage(replica.folder());
  }

  @Override
  public String toString() {
    return "node " + number;
  }
}
