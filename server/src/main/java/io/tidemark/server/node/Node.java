package io.tidemark.server.node;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.DeclarationException;
import io.tidemark.archive.Archive;
import io.tidemark.query.Queries;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.HttpServer;
import io.tidemark.server.http.OperationsRoutes.Detail;
import io.tidemark.server.http.OperationsRoutes.Stage;
import io.tidemark.server.kafka.KafkaEventLog;
import io.tidemark.server.registry.SchemaRegistry;
import io.tidemark.server.registry.StreamSchemas;
import io.tidemark.server.sql.DuckSql;
import io.tidemark.server.streams.ClusterShards;
import io.tidemark.server.streams.ClusterSqlShards;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.server.streams.NodeShards;
import io.tidemark.server.streams.Retirement;
import io.tidemark.server.streams.ShardHost;
import io.tidemark.server.streams.StageHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node: everything, wired together. Reading [#start] from top to bottom is reading the
/// way of an event backwards: from the log to the shards to the API.
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private static final Duration SAY_EVERY = Duration.ofSeconds(10);

  private final Resources resources;
  private final NodeMetrics metrics;
  private final Storage storage;
  private final DiskSpace disk;
  private final ShardHost host;
  private final Placement placement;
  private final HttpServer http;
  private final NodeConfig config;

  private Node(
      Resources resources,
      NodeConfig config,
      NodeMetrics metrics,
      Storage storage,
      DiskSpace disk,
      ShardHost host,
      Placement placement,
      HttpServer http) {
    this.resources = resources;
    this.config = config;
    this.metrics = metrics;
    this.storage = storage;
    this.disk = disk;
    this.host = host;
    this.placement = placement;
    this.http = http;
  }

  /// Starts a node; when this returns it serves, but may not be ready yet.
  ///
  /// @throws DeclarationException where the apps' declarations have mistakes
  /// @throws IOException where something it needs cannot be had; the message says what to do
  public static Node start(NodeConfig config)
      throws DeclarationException, IOException, InterruptedException {
    List<App> apps = Apps.read(config.apps());
    Catalog catalog = new Catalog(apps);
    Resources resources = new Resources();
    try {
      DataFolder data = resources.add("the data folder", DataFolder.take(config.data()));
      resources.add("the watch over it", FolderWatch.of(data));
      DiskSpace disk = resources.add("disk space", DiskSpace.watch(data.path()));
      disk.requireRoomToStart();
      NodeMetrics metrics = resources.add("metrics", new NodeMetrics());
      LogSetup.Brokers brokers = LogSetup.brokers(config, data, resources);
      SchemaRegistry registry =
          new SchemaRegistry(resources.add("schemas", LogSetup.schemas(config, brokers)));
      StreamSchemas schemas = new StreamSchemas(registry);
      schemas.check(catalog.streams());
      UnaryOperator<String> topicOf = LogSetup.topics(config, brokers, catalog);
      KafkaEventLog log =
          resources.add(
              "the log",
              new KafkaEventLog(
                  brokers.bootstrap(), brokers.compression(), topicOf, metrics::appended));
      Optional<Archive> archive = archive(config, catalog, data, resources);
      Storage storage = resources.add("storage", Storage.open(data, archive));
      HttpSetup setup = new HttpSetup(config, catalog, schemas, metrics);
      // The port must be known before the shards are announced, so it is taken first.
      HostInfo self = setup.takePort();
      ShardHost host =
          new ShardHost(
              catalog,
              LogSetup.hostOptions(
                  config,
                  brokers,
                  topicOf,
                  self,
                  data,
                  disk,
                  archive.map(
                      a -> Archives.tables(a, config.archive().orElseThrow(), data, schemas))),
              topicOf,
              new DeclaredShards(catalog, storage, schemas),
              java.time.InstantSource.system(),
              new HostMeters(metrics));
      resources.add("shards", host);
      HttpPeers peers = resources.add("peers", new HttpPeers(catalog));
      Queries queries = new Queries(catalog, new ClusterShards(host, self, peers));
      // Brokers elsewhere take events whatever this disk is like.
      boolean logIsHere = config.kafka().isEmpty();
      Api api = setup.api(queries, log, () -> logIsHere ? disk.trouble() : "");
      // All that may be refused has been had: from here on, others go by these schemas.
      schemas.declare(catalog.streams());
      host.start();
      resources.add("retirement", Retirement.start(catalog, host, self, peers));
      NodeShards here = new NodeShards(host);
      ClusterSqlShards everywhere = new ClusterSqlShards(host, self, peers);
      DuckSql sql = resources.add("SQL", SqlSetup.engine(config, catalog, everywhere, here, data));
      Gauges.register(metrics, catalog, host, api, disk);
      archive.ifPresent(a -> Gauges.register(metrics, a));
      metrics.gauge("tidemark_sql_running", "Queries in SQL under way", sql::running);
      metrics.gauge(
          "tidemark_sql_excerpt_bytes",
          "Bytes that nodes have sent one another for SQL and that are still needed",
          sql::excerptBytes);
      Placement placement = new Placement(host);
      HttpServer http =
          resources.add(
              "http",
              setup.serve(
                  apps,
                  api,
                  sql,
                  here,
                  host,
                  registry,
                  () -> health(host, placement, disk),
                  metrics::text));
      return new Node(resources, config, metrics, storage, disk, host, placement, http);
    } catch (IOException | RuntimeException | InterruptedException e) {
      resources.close();
      throw e;
    }
  }

  private static Optional<Archive> archive(
      NodeConfig config, Catalog catalog, DataFolder data, Resources resources) throws IOException {
    if (config.archive().isPresent()) {
      return Optional.of(Archives.open(config.archive().get(), data, resources));
    }
    catalog.streams().stream()
        .filter(s -> s.hot().isPresent())
        .forEach(
            s ->
                LOG.warn(
                    "stream {} is to be archived, and there is no --archive: all of it stays here",
                    s.name()));
    return Optional.empty();
  }

  private static List<Stage> health(ShardHost host, Placement placement, DiskSpace disk) {
    List<Stage> stages = new ArrayList<>();
    stages.add(
        new Stage("disk", "", disk.trouble(), List.of(new Detail("free_bytes", disk.freeBytes()))));
    if (!placement.isGood()) {
      stages.add(
          new Stage(
              "shards", "", "shards are still being placed on nodes or catching up", List.of()));
    }
    for (StageHealth shard : host.health()) {
      stages.add(
          new Stage(
              shard.stage(),
              shard.shard().toString(),
              shard.reason(),
              List.of(
                  new Detail("next_offset", shard.next()),
                  new Detail("log_end_offset", shard.logEnd()),
                  new Detail("unapplied", shard.lag()),
                  new Detail("oldest_unapplied_offset", shard.lag() > 0 ? shard.next() : -1),
                  new Detail("oldest_unapplied_age_ms", shard.oldestAgeMs()),
                  // Records that the log had lost before this shard could apply them.
                  new Detail(
                      "missing_records",
                      host.local(shard.shard()).map(s -> s.shard().counts().gap()).orElse(0L)))));
    }
    return stages;
  }

  /// Waits until the node is ready, however long its shards take to read the log, and says now and
  /// then what it is waiting for.
  ///
  /// @param stopped whether to give up
  public void awaitReady(BooleanSupplier stopped) {
    long said = System.nanoTime();
    while (!isReady() && !stopped.getAsBoolean()) {
      if (System.nanoTime() - said > SAY_EVERY.toNanos()) {
        LOG.info(
            "not ready yet: {}",
            health(host, placement, disk).stream()
                .filter(s -> !s.reason().isEmpty())
                .map(s -> s.name() + " " + s.subject() + ": " + s.reason())
                .toList());
        said = System.nanoTime();
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  private boolean isReady() {
    return health(host, placement, disk).stream().allMatch(s -> s.reason().isEmpty());
  }

  /// Where it serves HTTP, as `http://127.0.0.1:8080`.
  public String address() {
    String name = config.host().equals("0.0.0.0") ? "127.0.0.1" : config.host();
    return "http://" + name + ":" + http.port();
  }

  /// What a person may want to see now and then.
  ///
  /// @param events applied by the shards of this node
  /// @param freshnessMsP99 within how many milliseconds of their append 99 % became visible, lately
  public record Figures(long events, long freshnessMsP99, long diskBytes) {}

  public Figures figures() {
    long events = host.locals().stream().mapToLong(s -> s.shard().counts().events()).sum();
    return new Figures(events, metrics.freshnessMsP99(), storage.diskBytes());
  }

  /// Stops taking requests, writes what is in memory to files, and ends. What has no time to be
  /// written is read from the log at the next start.
  @Override
  public void close() {
    resources.close();
  }
}
