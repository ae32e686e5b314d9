package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.StoredEvent;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import io.tidemark.table.EventQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One shard, its log, its clients and its disk, in one thread. What several threads would do at
/// once happens nested: any operation on the storage may let others act before it, so that a
/// checkpoint is overtaken by records and queries, and a query by whole checkpoints.
final class ShardSimulation {
  private static final int STEPS = 150;
  private static final int MAX_DEPTH = 3;

  /// What is possible in a run. Over a log that has been trimmed, a view that is new cannot know
  /// the ids of events that the log has lost, so these two never come together.
  private enum World {
    WITHOUT_IDS,
    IDS_COME_AGAIN,
    IDS_AND_TRIMMED_LOG
  }

  /// What the simulated host is doing just now, innermost last.
  private enum Doing {
    APPLYING,
    CHECKPOINTING,
    QUERYING
  }

  private final SplittableRandom random;
  private final World world;
  private final RandomDeclarations declarations;
  private final StreamSpec stream;
  private final ShardSpec.Limits limits;
  private final ModelShard model;
  private final SimDisk disk = new SimDisk();
  private final boolean tracing;
  private final Deque<String> trace = new ArrayDeque<>();

  // The log.
  private final SimLog log;
  private long logStart;

  // The declaration of now, and of the past.
  private List<ViewSpec> declared;
  private final List<ViewSpec> everDeclared;

  // The process of now; none while it is down.
  private @Nullable Shard shard;
  private @Nullable Checkpoint running;
  private long position;
  private Map<String, Long> since = new HashMap<>();
  private final List<Doing> doing = new ArrayList<>();
  private boolean readWhileCheckpointing;
  private boolean ending;

  // What is known of the disk.
  private final Map<Long, Map<String, Long>> sinceByManifest = new HashMap<>();
  private final Set<Long> corrupt = new HashSet<>();

  private final ViewsEqualTheModelAtTheirMark views;
  private final PositionsNeverGoBack positions = new PositionsNeverGoBack();

  private final int crashOneIn;
  private final int failOneIn;
  private final int overtakeOneIn;

  /// How often what was tried for happened, over all runs.
  static final Map<String, Integer> COVERAGE = new java.util.TreeMap<>();

  ShardSimulation(long seed, boolean tracing) {
    this.tracing = tracing;
    this.random = new SplittableRandom(seed);
    this.world = List.of(World.values()).get(random.nextInt(World.values().length));
    this.declarations = new RandomDeclarations(random.split());
    this.stream =
        declarations.stream(
            new RandomDeclarations.Wanted(
                world != World.WITHOUT_IDS, 1, random.nextBoolean() ? 0 : random.nextInt(3000)));
    this.declared = declarations.views(stream);
    this.everDeclared = new ArrayList<>(declared);
    this.limits = new ShardSpec.Limits(5 + random.nextInt(60), 1L << 40, 1000, 3);
    this.model = new ModelShard(stream, 0);
    int idsReused = world == World.IDS_COME_AGAIN ? 4 + random.nextInt(30) : 0;
    RandomEvents events = new RandomEvents(random.split(), stream, idsReused);
    this.log = new SimLog(random.split(), stream, events, model);
    this.views = new ViewsEqualTheModelAtTheirMark(stream, model, random.split());
    this.crashOneIn = random.nextBoolean() ? 0 : 20 + random.nextInt(200);
    this.failOneIn = random.nextBoolean() ? 0 : 10 + random.nextInt(100);
    this.overtakeOneIn = random.nextInt(4) == 0 ? 0 : 2 + random.nextInt(10);
  }

  void run() throws IOException {
    disk.faults(this::fault);
    try {
      for (int i = 0; i < STEPS; i++) {
        try {
          step();
        } catch (SimCrash e) {
          say(e);
          crashed();
        }
      }
      end();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          e.getMessage() + "\n" + stream + "\n" + everDeclared + "\n" + String.join("\n", trace),
          e);
    }
  }

  /// Remembers what has happened, for whoever replays a seed that failed.
  private void say(Object... parts) {
    if (!tracing) {
      return;
    }
    StringBuilder line = new StringBuilder("  ".repeat(doing.size()));
    for (Object part : parts) {
      line.append(part);
    }
    trace.add(line.toString());
    if (trace.size() > 80) {
      trace.remove();
    }
  }

  private static void covered(String what) {
    COVERAGE.merge(what, 1, Integer::sum);
  }

  private boolean oneIn(int n) {
    return n > 0 && random.nextInt(n) == 0;
  }

  // The storage's side.

  private SimDisk.Fault fault(String operation) {
    boolean reading = doing.contains(Doing.QUERYING);
    if (reading && doing.getLast() == Doing.CHECKPOINTING) {
      covered("under a reader: " + operation);
    }
    if (overtakeOneIn > 0 && reading && doing.size() < MAX_DEPTH && oneIn(20)) {
      // A reader that is so slow that whole checkpoints overtake it.
      for (int i = 0; i < 30; i++) {
        act();
      }
    }
    while (shard != null && doing.size() < MAX_DEPTH && oneIn(overtakeOneIn)) {
      act();
    }
    if (oneIn(crashOneIn)) {
      covered("crash at " + operation);
      return random.nextBoolean() ? SimDisk.Fault.CRASH_BEFORE : SimDisk.Fault.CRASH_AFTER;
    }
    if (oneIn(failOneIn)) {
      covered("failed " + operation);
      return random.nextBoolean() ? SimDisk.Fault.FAIL_BEFORE : SimDisk.Fault.FAIL_AFTER;
    }
    return SimDisk.Fault.NONE;
  }

  private void crashed() {
    disk.crash(random);
    doing.clear();
    shard = null;
    running = null;
    if (random.nextInt(3) == 0) {
      corruptNewest();
    }
  }

  /// Only as far as the design promises to survive it: the checkpoint before must be there, or the
  /// log from its beginning.
  private void corruptNewest() {
    List<Long> numbers = disk.manifestNumbers();
    if (numbers.isEmpty() || corrupt.contains(numbers.getLast())) {
      return;
    }
    long newest = numbers.getLast();
    boolean fallback = numbers.contains(newest - 1) && !corrupt.contains(newest - 1);
    if (fallback || newest == 1) {
      say("manifest ", newest, " is corrupt");
      covered("corrupt manifest");
      corrupt.add(newest);
      disk.corrupt(newest, random);
    }
  }

  // Steps.

  private void step() throws IOException {
    if (shard == null) {
      if (oneIn(4)) {
        log.append(1 + random.nextInt(6));
      } else {
        open();
      }
      return;
    }
    switch (random.nextInt(60)) {
      case 0 -> throw new SimCrash("a random moment");
      case 1 -> close();
      default -> act();
    }
  }

  /// Something that any of the host's threads does.
  private void act() {
    Shard shard = Objects.requireNonNull(this.shard);
    boolean applying = doing.contains(Doing.APPLYING);
    switch (random.nextInt(14)) {
      case 0 -> log.append(1 + random.nextInt(6));
      case 1, 2, 3, 4 -> {
        if (!applying) {
          poll(shard);
        }
      }
      case 5 -> {
        if (!applying) {
          publish(shard);
        }
      }
      case 6, 7 -> {
        if (!applying && running == null) {
          begin(shard);
        }
      }
      case 8, 9, 10 -> {
        if (running != null && !doing.contains(Doing.CHECKPOINTING)) {
          checkpoint(running);
        }
      }
      case 11, 12 -> query(shard);
      default -> trim(shard);
    }
    positions.check(shard);
  }

  private void poll(Shard shard) {
    if (!ending && oneIn(10) && position > logStart) {
      position = random.nextLong(logStart, position);
      say("the log is delivered again from ", position);
      covered("redelivery");
    }
    position = Math.max(position, logStart);
    doing.add(Doing.APPLYING);
    try {
      for (int left = random.nextInt(25); left > 0 && position < log.next(); left--) {
        if (shard.isFull()) {
          covered("full");
          break;
        }
        shard.apply(position, log.appendMs(position), log.value(position));
        position++;
      }
      if (random.nextBoolean()) {
        shard.publish();
      }
    } catch (UncheckedIOException e) {
      expectInjected(e.getCause());
      covered("failed apply");
    } finally {
      doing.removeLast();
    }
    say("applied up to ", shard.next(), ", visible ", shard.visibleNext());
  }

  private void publish(Shard shard) {
    shard.publish();
  }

  private void begin(Shard shard) {
    shard.publish();
    if (shard.wantsCheckpoint(random.nextInt(4000))) {
      say("checkpoint begun at ", shard.next());
      covered(doing.contains(Doing.QUERYING) ? "checkpoint begun under a reader" : "checkpoint");
      running = shard.beginCheckpoint();
      readWhileCheckpointing = false;
    }
  }

  private void checkpoint(Checkpoint checkpoint) {
    Shard shard = Objects.requireNonNull(this.shard);
    boolean isCleaned;
    readWhileCheckpointing |= doing.contains(Doing.QUERYING);
    doing.add(Doing.CHECKPOINTING);
    try {
      Checkpoint.Report report = checkpoint.run();
      running = null;
      isCleaned = report.left().isEmpty();
      say("checkpoint ", report.number(), " done, sealed up to ", shard.sealedNext());
      if (since.values().stream().anyMatch(s -> s > 0)) {
        covered("checkpoint with a view that began later");
      }
    } catch (IOException e) {
      expectInjected(e);
      covered("failed checkpoint");
      say("checkpoint failed: ", e);
      return;
    } finally {
      doing.removeLast();
    }
    if (!readWhileCheckpointing && isCleaned) {
      NoOrphanFilesAfterCheckpoint.check(disk);
    }
  }

  private void query(Shard shard) {
    doing.add(Doing.QUERYING);
    try {
      views.check(shard, this::since, log.nowMicros());
    } catch (IOException e) {
      expectInjected(e);
    } finally {
      doing.removeLast();
    }
  }

  private void trim(Shard shard) {
    long start = shard.logMayStartAt();
    if (world != World.IDS_COME_AGAIN && start > logStart) {
      logStart = random.nextLong(logStart, start) + 1;
      say("the log begins at ", logStart);
      covered("trimmed log");
    }
  }

  private static void expectInjected(@Nullable Throwable e) {
    if (!(e instanceof SimFailure)) {
      throw new AssertionError("not a failure of the simulated storage", e);
    }
  }

  // Opening and closing.

  private void close() throws IOException {
    Shard shard = Objects.requireNonNull(this.shard);
    for (int tries = 0; running != null; tries++) {
      if (tries == 20) {
        throw new SimCrash("the end of the operator's patience");
      }
      checkpoint(running);
    }
    shard.close();
    say("closed");
    this.shard = null;
    if (oneIn(3)) {
      declareOthers();
    } else if (oneIn(6)) {
      corruptNewest();
    }
  }

  private void declareOthers() {
    List<ViewSpec> views = new ArrayList<>(declared);
    if (views.size() > 1 && random.nextBoolean()) {
      views.remove(random.nextInt(views.size()));
    }
    if (world != World.IDS_AND_TRIMMED_LOG && random.nextBoolean()) {
      ViewSpec view =
          random.nextBoolean()
              ? everDeclared.get(random.nextInt(everDeclared.size()))
              : other(everDeclared.get(random.nextInt(everDeclared.size())).name());
      views.removeIf(v -> v.name().equals(view.name()));
      views.add(view);
      everDeclared.add(view);
    }
    declared = List.copyOf(views);
    say("declared: ", declared);
  }

  private ViewSpec other(String name) {
    String fresh = oneIn(3) ? name + "x" : name;
    return random.nextBoolean()
        ? declarations.timeline(stream, fresh)
        : declarations.rollup(stream, fresh);
  }

  private static String key(ViewSpec view) {
    return view.name() + " " + view.definition();
  }

  private long since(String view) {
    return Objects.requireNonNull(since.get(view), view);
  }

  private void open() {
    long good =
        disk.manifestNumbers().reversed().stream()
            .filter(n -> !corrupt.contains(n))
            .findFirst()
            .orElse(0L);
    Map<String, Long> had = sinceByManifest.getOrDefault(good, Map.of());
    Map<String, Long> now = new HashMap<>();
    Map<String, Long> byName = new HashMap<>();
    boolean filling = false;
    now.put(ViewsEqualTheModelAtTheirMark.TABLE, 0L);
    byName.put(ViewsEqualTheModelAtTheirMark.TABLE, 0L);
    for (ViewSpec view : declared) {
      Long from = had.get(key(view));
      filling |= from == null && good > 0;
      now.put(key(view), from == null ? logStart : from);
      byName.put(view.name(), from == null ? logStart : from);
    }
    long durable = good == 0 ? 0 : NoOrphanFilesAfterCheckpoint.position(disk.manifest(good));
    SimStorage storage = disk.open();
    storage.onManifest(
        (number, content) -> {
          positions.durable(NoOrphanFilesAfterCheckpoint.position(content));
          corrupt.remove(number);
          sinceByManifest.put(number, Map.copyOf(now));
        });
    try {
      Shard opened = Shard.open(new ShardSpec(stream, declared, 0, limits), storage);
      since = byName;
      shard = opened;
      say("opened at ", opened.next(), " of manifest ", good, ", notes ", opened.notes());
      covered(filling ? "opened with a new view" : "opened");
      corrupt.removeIf(n -> !disk.manifestNumbers().contains(n));
      positions.opened(opened, durable, filling);
      position = opened.next();
      if (oneIn(3) && position > logStart) {
        position = random.nextLong(logStart, position);
      }
    } catch (IOException e) {
      expectInjected(e);
      storage.close();
    }
  }

  // The end: everything is applied, and compared once more.

  private void end() throws IOException {
    ending = true;
    disk.faults(_ -> SimDisk.Fault.NONE);
    if (shard == null) {
      open();
    }
    for (int round = 0; round < 3; round++) {
      Shard shard = Objects.requireNonNull(this.shard);
      while (running != null) {
        checkpoint(running);
      }
      position = Math.max(logStart, random.nextLong(shard.next() + 1));
      while (position < log.next()) {
        poll(shard);
        publish(shard);
        if (random.nextInt(4) == 0) {
          begin(shard);
        }
        while (running != null) {
          checkpoint(running);
        }
      }
      shard.publish();
      if (shard.next() != log.next()) {
        throw new AssertionError("at " + shard.next() + " of " + log.next());
      }
      checkAll(shard);
      if (round == 1) {
        log.append(1 + random.nextInt(6));
      }
      begin(shard);
      while (running != null) {
        checkpoint(running);
      }
      checkAll(shard);
      close();
      open();
    }
    Shard shard = Objects.requireNonNull(this.shard);
    checkAll(shard);
    shard.close();
  }

  private void checkAll(Shard shard) throws IOException {
    views.check(shard, this::since, log.nowMicros(), 6);
    List<StoredEvent> all = all(shard);
    long next = shard.visibleNext();
    boolean everyIdIsOneEvent = world == World.IDS_AND_TRIMMED_LOG;
    if (next == log.next()) {
      NothingAcknowledgedIsLost.check(stream, model, all, everyIdIsOneEvent);
    }
    NothingCountsTwice.check(model, all, everyIdIsOneEvent);
    long stores = shard.spec().views().stream().filter(TimelineSpec.class::isInstance).count();
    if (disk.sortedNames().size() < stores + (stream.id().isPresent() ? 1 : 0)) {
      throw new AssertionError("stores " + disk.sortedNames());
    }
  }

  /// All events of the table, page by page.
  private List<StoredEvent> all(Shard shard) throws IOException {
    List<StoredEvent> all = new ArrayList<>();
    EventQuery.@Nullable Cursor after = null;
    int limit = 1 + random.nextInt(50);
    while (true) {
      EventQuery query = new EventQuery(-(1L << 60), 1L << 60, List.of(), limit, after);
      Partial.OfEvents page =
          (Partial.OfEvents)
              LocalShards.ask(new ShardQuery.OfEvents(stream.name(), query), List.of(shard));
      all.addAll(page.events());
      if (page.events().size() < limit) {
        return all;
      }
      StoredEvent last = page.events().getLast();
      after = new EventQuery.Cursor(last.timeMicros(), last.offset(), last.partition());
    }
  }
}
