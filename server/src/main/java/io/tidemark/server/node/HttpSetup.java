package io.tidemark.server.node;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.ingest.EventLog;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.server.allezon.AllezonRoutes;
import io.tidemark.server.allezon.Checker;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.DescriptionRoutes;
import io.tidemark.server.http.ErasureRoutes;
import io.tidemark.server.http.ExcerptRoutes;
import io.tidemark.server.http.HttpServer;
import io.tidemark.server.http.InFlight;
import io.tidemark.server.http.OperationsRoutes;
import io.tidemark.server.http.PeerRoutes;
import io.tidemark.server.http.QueryRoutes;
import io.tidemark.server.http.RollupRoutes;
import io.tidemark.server.http.Routes;
import io.tidemark.server.http.SqlRoutes;
import io.tidemark.server.http.StreamGate;
import io.tidemark.server.http.StreamRoutes;
import io.tidemark.server.http.Turns;
import io.tidemark.server.http.VerifyRoutes;
import io.tidemark.server.json.CompiledSchema;
import io.tidemark.server.registry.RegistryRoutes;
import io.tidemark.server.registry.SchemaRegistry;
import io.tidemark.server.registry.StreamSchemas;
import io.tidemark.server.sql.DuckSql;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.server.streams.NodeShards;
import io.tidemark.server.streams.ShardHost;
import io.tidemark.shard.Backfilling;
import io.tidemark.shard.Erasing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The HTTP side of a node.
final class HttpSetup {
  /// Bodies in memory at one time; a request of the largest size is an eighth of it.
  private static final long IN_FLIGHT_BYTES = 128L << 20;

  /// Events or groups of large answers that are made at a time: about 50 megabytes where events
  /// have a kilobyte.
  private static final int ANSWER_ROWS = 50_000;

  private static final int LEAST_ANSWER_ROWS = 500;

  /// Of large bodies that are worked on at a time, two of them in any case, so that one is parsed
  /// while the other waits for the log.
  private static final int BODY_BYTES = 16 << 20;

  private final NodeConfig config;
  private final Catalog catalog;
  private final StreamSchemas schemas;
  private final NodeMetrics metrics;
  private int port;

  HttpSetup(NodeConfig config, Catalog catalog, StreamSchemas schemas, NodeMetrics metrics) {
    this.config = config;
    this.catalog = catalog;
    this.schemas = schemas;
    this.metrics = metrics;
  }

  /// Finds the port to serve on, and what other nodes shall call this one.
  ///
  /// @throws IOException where the port is taken
  HostInfo takePort() throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(config.host(), config.port()));
      port = probe.getLocalPort();
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s:%d (%s); is another program using the port? Choose another with --http"
              .formatted(config.host(), config.port(), e.getMessage()),
          e);
    }
    if (config.advertise().isEmpty()) {
      return new HostInfo(config.host(), port);
    }
    String address = config.advertise().get();
    int colon = address.lastIndexOf(':');
    try {
      return new HostInfo(
          address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new IOException("--advertise " + address + ": write HOST:PORT", e);
    }
  }

  /// @param obstacle why no event can be taken just now; empty where there is no reason
  Api api(Queries queries, EventLog log, Supplier<String> obstacle) {
    Turns largeBodies = new Turns(BODY_BYTES, StreamGate.LARGE_BYTES, InFlight.FULL);
    Map<String, StreamGate> gates = new HashMap<>();
    for (StreamSpec stream : catalog.streams()) {
      CompiledSchema schema = CompiledSchema.compile(stream.type(), stream.schema());
      gates.put(
          stream.name(),
          new StreamGate(
              stream,
              log,
              largeBodies,
              obstacle,
              schema::newParser,
              new JsonRenderer(stream.type(), schemas.shapes(stream)),
              metrics));
    }
    return new Api(
        catalog,
        queries,
        gates,
        new InFlight(IN_FLIGHT_BYTES),
        new Turns(
            ANSWER_ROWS,
            LEAST_ANSWER_ROWS,
            "this node is making as many large answers as it can; ask again later, or for less"),
        metrics);
  }

  /// How far a view has come on this node.
  private static Optional<DescriptionRoutes.Filling> filling(ShardHost host, ViewSpec view) {
    List<Backfilling.Progress> all =
        host.locals().stream()
            .filter(s -> s.shard().id().stream().equals(view.stream()))
            .flatMap(s -> s.shard().backfilling().progress().stream())
            .filter(p -> p.view().equals(view.name()))
            .toList();
    return all.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new DescriptionRoutes.Filling(
                all.stream().mapToLong(Backfilling.Progress::records).sum(),
                all.stream().mapToLong(Backfilling.Progress::of).sum(),
                all.stream().allMatch(Backfilling.Progress::hasEarlier)));
  }

  /// What this node knows of the erasures of a stream.
  private static Map<StreamPartition, List<Erasing.Receipt>> erasures(
      ShardHost host, String stream) {
    Map<StreamPartition, List<Erasing.Receipt>> receipts = new TreeMap<>();
    host.locals().stream()
        .map(s -> s.shard())
        .filter(s -> s.id().stream().equals(stream))
        .forEach(s -> receipts.put(s.id(), s.erasing().receipts()));
    return receipts;
  }

  HttpServer serve(
      List<App> apps,
      Api api,
      DuckSql sql,
      NodeShards local,
      ShardHost host,
      SchemaRegistry registry,
      Supplier<List<OperationsRoutes.Stage>> health,
      Supplier<String> metricsText)
      throws IOException {
    List<Routes> routes = new ArrayList<>();
    routes.add(new StreamRoutes(api));
    routes.add(new DescriptionRoutes(api, view -> filling(host, view)));
    routes.add(new ErasureRoutes(api, stream -> erasures(host, stream)));
    routes.add(new QueryRoutes(api));
    routes.add(new RollupRoutes(api));
    routes.add(
        new SqlRoutes(
            api,
            sql,
            new Turns(
                SqlSetup.QUESTIONS,
                1,
                "this node is working at as many queries as it can; ask again later"),
            List.copyOf(sql.tables())));
    routes.add(
        new VerifyRoutes(
            api,
            local,
            new Turns(2, 1, "this node is verifying already; ask again when that is done")));
    routes.add(
        new RegistryRoutes(
            api,
            registry,
            new Turns(2, 1, "this node is reading as many schemas as it can; ask again later")));
    routes.add(new PeerRoutes(api, local));
    routes.add(
        new ExcerptRoutes(
            api,
            sql,
            new Turns(
                SqlSetup.QUESTIONS,
                1,
                "this node is working for as many queries of other nodes as it can")));
    routes.add(new OperationsRoutes(health, metricsText, metrics));
    for (App app : apps) {
      if (app.contracts().contains(AllezonRoutes.CONTRACT)) {
        routes.add(allezon(api, app));
      }
    }
    return HttpServer.start(config.host(), port, routes, metrics);
  }

  private AllezonRoutes allezon(Api api, App app) throws IOException {
    Checker checker = new Checker(config.checkAnswers());
    metrics.counter(
        "tidemark_contract_mismatches",
        "Answers that were not what a checker expected",
        checker::mismatches);
    try {
      return new AllezonRoutes(api, app, checker);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
