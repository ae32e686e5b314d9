package io.tidemark.server.streams;

import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;

/// The Streams client of one stream: its part in deciding who has which shard, and what it knows of
/// that.
final class StreamClient {
  private final StreamSpec stream;
  private final String topic;
  private final HostOptions options;
  private final Registry registry;
  private final ThreadGuard guard;
  private final KafkaStreams streams;

  StreamClient(StreamSpec stream, String topic, Registry registry, HostContext context) {
    this.stream = stream;
    this.topic = topic;
    this.options = context.options();
    this.registry = registry;
    this.guard = new ThreadGuard(stream.name(), context.metrics());
    this.streams =
        new KafkaStreams(
            StreamTopology.of(topic, () -> new ShardStore(stream.name(), registry, context)),
            settings(),
            new BatchClients(this::publish, this::isLost));
    streams.setUncaughtExceptionHandler(guard);
    streams.setGlobalStateRestoreListener(new Restores());
    streams.setStandbyUpdateListener(new Standbys());
  }

  private Properties settings() {
    Properties s = new Properties();
    s.put(StreamsConfig.APPLICATION_ID_CONFIG, options.cluster() + "-" + stream.dataName());
    s.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
    s.put(StreamsConfig.APPLICATION_SERVER_CONFIG, options.self().toString());
    s.put(StreamsConfig.STATE_DIR_CONFIG, options.folder().toString());
    s.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.threads());
    s.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, options.standbys());
    // A node that comes back takes its shards at once where it can catch up within a second, and
    // is asked again each minute (as often as Streams allows) where it cannot: by default it would
    // be left with copies only for ten minutes.
    s.put(StreamsConfig.ACCEPTABLE_RECOVERY_LAG_CONFIG, 500_000L);
    s.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, 60_000L);
    s.put(StreamsConfig.MAX_WARMUP_REPLICAS_CONFIG, 8);
    // Standbys read up to what the active shard has committed: this is how fresh they are.
    s.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
    // Only marks and locks lie there, but with them Streams would forget where a shard was.
    s.put(StreamsConfig.STATE_CLEANUP_DELAY_MS_CONFIG, Duration.ofDays(365).toMillis());
    // In batches: one in work, one waiting.
    s.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 1);
    s.put(StreamsConfig.METRICS_RECORDING_LEVEL_CONFIG, "INFO");
    long session = options.sessionTimeout().toMillis();
    s.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), (int) session);
    s.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        (int) Math.max(100, session / 4));
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 20_000);
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 << 20);
    // A round of Streams costs the same for one record as for a thousand, so single events are
    // gathered for a moment: that is what they wait at most before they are applied.
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 32 << 10);
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 20);
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 1 << 20);
    s.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG), 500);
    return s;
  }

  void start() {
    streams.start();
  }

  /// A batch has ended.
  private void publish() {
    for (HostedShard shard : registry.all()) {
      if (shard.id().stream().equals(stream.name())) {
        shard.publishIfIdle();
      }
    }
  }

  private boolean isLost(TopicPartition partition) {
    return registry
        .find(new StreamPartition(stream.name(), partition.partition()))
        .filter(s -> s.progress().isLost())
        .isPresent();
  }

  /// The node on which a shard is active; nothing while that is being decided.
  Optional<HostInfo> activeHost(int partition) {
    TopicPartition wanted = new TopicPartition(topic, partition);
    return metadata().stream()
        .filter(m -> m.topicPartitions().contains(wanted))
        .map(StreamClient::hostOf)
        .findFirst();
  }

  /// The nodes that have a copy of a shard.
  List<HostInfo> standbyHosts(int partition) {
    TopicPartition wanted = new TopicPartition(topic, partition);
    return metadata().stream()
        .filter(m -> m.standbyTopicPartitions().contains(wanted))
        .map(StreamClient::hostOf)
        .toList();
  }

  private Collection<StreamsMetadata> metadata() {
    try {
      return streams.metadataForAllStreamsClients();
    } catch (IllegalStateException | StreamsNotStartedException _) {
      // It knows where the shards are only while it runs.
      return List.of();
    }
  }

  private static HostInfo hostOf(StreamsMetadata node) {
    return new HostInfo(node.host(), node.port());
  }

  /// Whether each shard is somebody's, and where it is this node's, it is active here by now.
  boolean isOwned() {
    for (int p = 0; p < stream.partitions(); p++) {
      Optional<HostInfo> host = activeHost(p);
      StreamPartition id = new StreamPartition(stream.name(), p);
      if (host.isEmpty()
          || (host.get().equals(options.self())
              && registry.find(id).filter(s -> s.role() == Role.ACTIVE).isEmpty())) {
        return false;
      }
    }
    return true;
  }

  /// Why records are not applied just now; empty where they are.
  String trouble() {
    return guard.trouble();
  }

  /// Gives the shards up, so that another node takes them at once.
  void close(Duration patience) {
    guard.close();
    boolean _ =
        streams.close(
            CloseOptions.timeout(patience)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }

  private void with(TopicPartition partition, Consumer<HostedShard> action) {
    registry.find(new StreamPartition(stream.name(), partition.partition())).ifPresent(action);
  }

  private final class Restores implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
      with(partition, shard -> shard.take(Role.RESTORING));
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {}
  }

  private final class Standbys implements StandbyUpdateListener {
    @Override
    public void onUpdateStart(TopicPartition partition, String store, long start) {
      with(partition, shard -> shard.take(Role.STANDBY));
    }

    @Override
    public void onBatchLoaded(
        TopicPartition partition, String store, TaskId task, long batchEnd, long size, long end) {}

    @Override
    public void onUpdateSuspended(
        TopicPartition partition, String store, long at, long end, SuspendReason reason) {
      if (reason == SuspendReason.PROMOTED) {
        with(partition, shard -> shard.take(Role.RESTORING));
      }
    }
  }
}
