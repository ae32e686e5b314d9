package io.tidemark.server.streams;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Shard;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/// Hosts this node's share of the shards of all declared streams.
public final class ShardHost implements AutoCloseable {
  /// How long closing may write tails to files; what is not written is read from the log again.
  private static final Duration FINAL_CHECKPOINTS = Duration.ofSeconds(2);

  /// How much of the tails closing writes at most: about what there is time for.
  private static final long FINAL_CHECKPOINT_BYTES = 64L << 20;

  private static final Duration LEAVING = Duration.ofSeconds(20);

  private final InstantSource clock;
  private final Admin admin;
  private final LogReader logs;
  private final Registry registry;
  private final Checkpoints checkpoints;
  private final List<Rounds> background;
  private final Auditor auditor;
  private final LogEnds ends;
  private final Keeper keeper;
  private final Scrubber scrubber;
  private final Map<String, StreamClient> clients = new LinkedHashMap<>();
  private final Map<String, Integer> partitions = new HashMap<>();
  private volatile boolean closed;

  /// A shard on this node.
  public record LocalShard(Shard shard, Role role) {}

  /// @param topicOf the name of a stream's topic; the topics must be there
  /// @param opener opens the shards that come to this node
  public ShardHost(
      Catalog catalog,
      HostOptions options,
      UnaryOperator<String> topicOf,
      ShardOpener opener,
      InstantSource clock,
      HostMetrics metrics) {
    this.clock = clock;
    this.admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap()));
    this.logs = new LogReader(options.bootstrap(), admin, topicOf);
    this.registry = new Registry(opener, logs::of);
    this.ends = new LogEnds(admin, topicOf, registry, clock);
    this.checkpoints = new Checkpoints(metrics, new LogTrimmer(admin, topicOf, metrics)::trim);
    TailBudget budget = new TailBudget(options.tailBudgetBytes());
    this.background =
        List.of(
            new Rounds("tidemark-compact", registry, new Compactor(metrics, options.room())),
            new Rounds("tidemark-archive", registry, new Archiver(metrics, options.room(), clock)),
            new Rounds(
                "tidemark-tables", registry, new TablePublisher(metrics, options.tables(), clock)),
            new Rounds("tidemark-erase", registry, new Eraser(metrics, options.room())),
            new Rounds("tidemark-backfill", registry, new Backfiller(metrics, options.room())));
    this.auditor = new Auditor(registry, metrics);
    HostContext context =
        new HostContext(options, clock, metrics, budget, checkpoints, background, ends::lookSoon);
    this.keeper = new Keeper(registry, budget);
    this.scrubber = new Scrubber(registry, metrics, checkpoints);
    for (StreamSpec stream : catalog.streams()) {
      partitions.put(stream.name(), stream.partitions());
      clients.put(
          stream.name(), new StreamClient(stream, topicOf.apply(stream.name()), registry, context));
    }
  }

  /// Starts hosting; shards come one after another, see [#isReady].
  public void start() {
    ends.start();
    clients.values().forEach(StreamClient::start);
    registry.started();
    keeper.start();
    scrubber.start();
    background.forEach(Rounds::start);
    auditor.start();
  }

  /// A shard of this node.
  public Optional<LocalShard> local(StreamPartition id) {
    return registry.find(id).map(s -> new LocalShard(s.shard(), s.role()));
  }

  /// All shards of this node.
  public List<LocalShard> locals() {
    return registry.all().stream().map(s -> new LocalShard(s.shard(), s.role())).toList();
  }

  /// The node on which a shard is active, as far as is known; nothing while it moves.
  public Optional<HostInfo> activeHost(StreamPartition id) {
    return client(id.stream()).activeHost(id.partition());
  }

  /// The nodes that have a copy of a shard.
  public List<HostInfo> standbyHosts(StreamPartition id) {
    return client(id.stream()).standbyHosts(id.partition());
  }

  private StreamClient client(String stream) {
    StreamClient client = clients.get(stream);
    if (client == null) {
      throw new IllegalArgumentException("no stream " + stream);
    }
    return client;
  }

  /// The shards of a stream, wherever they are.
  List<StreamPartition> partitions(String stream) {
    return IntStream.range(0, Objects.requireNonNull(partitions.get(stream)))
        .mapToObj(p -> new StreamPartition(stream, p))
        .toList();
  }

  Registry registry() {
    return registry;
  }

  /// How each shard of this node is doing, in the order of streams and partitions.
  public List<StageHealth> health() {
    long now = clock.millis();
    List<StageHealth> stages = new ArrayList<>();
    for (HostedShard shard : registry.all()) {
      stages.add(health(shard, now));
    }
    registry
        .failures()
        .forEach(
            (id, failure) ->
                stages.add(
                    new StageHealth(id, Role.RESTORING, 0, LogWatch.UNKNOWN, 0, failure.why())));
    stages.sort(Comparator.comparing(StageHealth::shard));
    return stages;
  }

  /// How one shard of this node is doing.
  public Optional<StageHealth> health(StreamPartition id) {
    return registry.find(id).map(shard -> health(shard, clock.millis()));
  }

  private StageHealth health(HostedShard shard, long nowMs) {
    Progress.Seen seen = shard.progress().seen(nowMs);
    String ofStreams = client(shard.id().stream()).trouble();
    String outside = ofStreams.isEmpty() ? ends.trouble() : ofStreams;
    return new StageHealth(
        shard.id(),
        shard.role(),
        seen.visible(),
        seen.logEnd(),
        seen.oldestAgeMs(),
        shard.trouble().reason(seen, outside));
  }

  /// Whether each shard of each stream is on some node, and those on this one have caught up with
  /// the log since they came here.
  public boolean isReady() {
    return registry.failures().isEmpty()
        && registry.all().stream().allMatch(s -> s.progress().hasCaughtUp())
        && clients.values().stream().allMatch(StreamClient::isOwned);
  }

  /// Small tails first: the more shards go on from a checkpoint of now, the better.
  private void beginFinalCheckpoints() {
    long room = FINAL_CHECKPOINT_BYTES;
    List<HostedShard> smallFirst =
        registry.all().stream().sorted(Comparator.comparingLong(HostedShard::tailBytes)).toList();
    for (HostedShard shard : smallFirst) {
      room -= shard.tailBytes();
      if (room < 0) {
        return;
      }
      shard.begin();
    }
  }

  /// Whether it has let go of everything.
  boolean isClosed() {
    return closed;
  }

  /// Writes tails to files, as far as there is time, and leaves: other nodes take the shards.
  @Override
  public void close() {
    try {
      keeper.close();
      background.forEach(Rounds::close);
      auditor.close();
      long deadline = System.nanoTime() + FINAL_CHECKPOINTS.toNanos();
      beginFinalCheckpoints();
      checkpoints.awaitAll(deadline);
      checkpoints.close();
      registry.all().forEach(HostedShard::stop);
      List<Thread> leaving = new ArrayList<>();
      for (StreamClient client : clients.values()) {
        leaving.add(Thread.startVirtualThread(() -> client.close(LEAVING)));
      }
      for (Thread thread : leaving) {
        boolean _ = thread.join(LEAVING.plusSeconds(5));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      ends.close();
      checkpoints.close();
      registry.close();
      logs.close();
      closed = true;
      admin.close(Duration.ofNanos(TimeUnit.SECONDS.toNanos(1)));
    }
  }
}
