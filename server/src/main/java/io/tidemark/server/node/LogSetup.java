package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.archive.ArchiveTables;
import io.tidemark.server.kafka.EmbeddedBroker;
import io.tidemark.server.kafka.KafkaEventLog.Compression;
import io.tidemark.server.kafka.SchemaTopic;
import io.tidemark.server.kafka.Sync;
import io.tidemark.server.kafka.TopicException;
import io.tidemark.server.kafka.Topics;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.server.streams.HostOptions;
import io.tidemark.server.streams.LogForce;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/// The log of a node: the brokers, the topics, and how shards are hosted on them.
final class LogSetup {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// What the names of consumer groups begin with: all nodes on the same brokers are one cluster.
  private static final String CLUSTER = "tidemark";

  private LogSetup() {}

  /// The brokers.
  ///
  /// @param here the one in this process, where there are no others
  record Brokers(String bootstrap, Optional<EmbeddedBroker> here) {
    Compression compression() {
      return here.isPresent() ? Compression.NONE : Compression.LZ4;
    }

    private LogForce force(UnaryOperator<String> topicOf) {
      return here.<LogForce>map(b -> id -> b.force(topicOf.apply(id.stream()), id.partition()))
          .orElse(LogForce.NOT_HERE);
    }
  }

  /// The brokers: the given ones, or one that is started here.
  static Brokers brokers(NodeConfig config, DataFolder data, Resources resources)
      throws IOException {
    checkStandbys(config);
    if (config.kafka().isPresent()) {
      if (config.sync().isPresent()) {
        throw new IOException(
            "--sync is about the broker in this process; those of --kafka have settings of their own");
      }
      return new Brokers(config.kafka().get(), Optional.empty());
    }
    EmbeddedBroker broker =
        resources.add(
            "the broker",
            EmbeddedBroker.start(data.resolve("log"), EmbeddedBroker.ANY_PORT, sync(config)));
    return new Brokers(broker.bootstrap(), Optional.of(broker));
  }

  /// Makes the topics of streams.
  ///
  /// @return the name of each stream's
  static UnaryOperator<String> topics(NodeConfig config, Brokers brokers, Catalog catalog)
      throws IOException, InterruptedException {
    Topics topics = new Topics(brokers.bootstrap(), "", replicas(config), PATIENCE);
    try {
      topics.ensure(catalog.streams());
    } catch (TopicException e) {
      throw new IOException(e.getMessage(), e);
    }
    return stream -> topics.name(catalog.stream(stream).orElseThrow().dataName());
  }

  /// Where the versions of schemas are.
  static SchemaTopic schemas(NodeConfig config, Brokers brokers)
      throws IOException, InterruptedException {
    try {
      return SchemaTopic.open(brokers.bootstrap(), replicas(config), PATIENCE);
    } catch (TopicException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static OptionalInt replicas(NodeConfig config) {
    return config.kafka().isPresent() ? OptionalInt.empty() : OptionalInt.of(1);
  }

  static HostOptions hostOptions(
      NodeConfig config,
      Brokers brokers,
      UnaryOperator<String> topicOf,
      HostInfo self,
      DataFolder data,
      DiskSpace disk,
      Optional<ArchiveTables> tables) {
    return new HostOptions(
        brokers.bootstrap(),
        CLUSTER,
        self,
        data.resolve("streams"),
        Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4),
        config.standbys().orElse(HostOptions.DEFAULT_STANDBYS),
        HostOptions.DEFAULT_TAIL_BUDGET_BYTES,
        HostOptions.DEFAULT_SESSION_TIMEOUT,
        HostOptions.DEFAULT_MAX_STALL,
        brokers.force(topicOf),
        disk::hasRoomFor,
        tables);
  }

  private static void checkStandbys(NodeConfig config) throws IOException {
    if (config.standbys().isPresent() && config.kafka().isEmpty()) {
      throw new IOException(
          "--standbys is about several nodes on the same brokers; it needs --kafka");
    } else if (config.standbys().orElse(0) < 0) {
      throw new IOException("--standbys %d: write 0 or more".formatted(config.standbys().get()));
    }
  }

  private static Sync sync(NodeConfig config) throws IOException {
    String name = config.sync().orElse(Sync.INTERVAL.toString());
    for (Sync sync : Sync.values()) {
      if (sync.toString().equals(name)) {
        return sync;
      }
    }
    throw new IOException("--sync %s: write always, interval or os".formatted(name));
  }
}
