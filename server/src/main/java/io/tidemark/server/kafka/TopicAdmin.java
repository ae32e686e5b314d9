package io.tidemark.server.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes, checks and mends topics, all within one deadline.
final class TopicAdmin implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicAdmin.class);

  private final String bootstrap;
  private final Duration patience;
  private final long deadline;
  private final Admin admin;

  /// @param bootstrap brokers as `host:port,…`
  /// @param patience how long to wait for the brokers in all
  TopicAdmin(String bootstrap, Duration patience) {
    this.bootstrap = bootstrap;
    this.patience = patience;
    this.deadline = System.nanoTime() + patience.toNanos();
    int patienceMs = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    this.admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                // Closing waits for what is under way; it must not wait longer than we do.
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                patienceMs,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                patienceMs));
  }

  Set<String> names() throws TopicException, InterruptedException {
    return get(admin.listTopics().names(), "list topics");
  }

  /// @return whether this made it; else another node was faster, and it is to be checked like any
  ///   other
  boolean create(NewTopic topic) throws TopicException, InterruptedException {
    try {
      var _ = get(admin.createTopics(List.of(topic)).all(), "create topic " + topic.name());
      log.info("made topic {} with {} partitions", topic.name(), topic.numPartitions());
      return true;
    } catch (TopicException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
      return false;
    }
  }

  Map<String, TopicDescription> describe(Collection<String> names)
      throws TopicException, InterruptedException {
    return again(() -> admin.describeTopics(names).allTopicNames(), "describe topics");
  }

  /// Sets what a topic's configuration must have, and has not.
  void mend(String topic, Map<String, String> required)
      throws TopicException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Map<ConfigResource, Config> configs =
        again(() -> admin.describeConfigs(List.of(resource)).all(), "describe topic " + topic);
    Config config = configs.get(resource);
    List<AlterConfigOp> changes = new ArrayList<>();
    List<String> said = new ArrayList<>();
    required.forEach(
        (name, wanted) -> {
          ConfigEntry entry = config == null ? null : config.get(name);
          String there = entry == null ? "unknown" : entry.value();
          if (!wanted.equals(there)) {
            changes.add(new AlterConfigOp(new ConfigEntry(name, wanted), AlterConfigOp.OpType.SET));
            said.add("%s=%s (was %s)".formatted(name, wanted, there));
          }
        });
    if (changes.isEmpty()) {
      return;
    }
    try {
      var _ =
          get(
              admin.incrementalAlterConfigs(Map.of(resource, changes)).all(),
              "change the configuration of topic " + topic);
      log.warn("topic {} could have lost records; set {}", topic, said);
    } catch (TopicException e) {
      throw new TopicException(
          "topic %s could lose records and may not be changed by this node (%s); set %s on it"
              .formatted(topic, e.getMessage(), String.join(", ", said)),
          e);
    }
  }

  /// The offset of the first record that a partition has, or would have.
  long start(TopicPartition partition) throws TopicException, InterruptedException {
    return get(
            admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition),
            "find the beginning of " + partition)
        .offset();
  }

  /// A producer that sends to a new topic before its leaders know of it gets its sequence numbers
  /// into disorder and never out of it. Whoever answers this request knows.
  void awaitLeaders(Collection<TopicPartition> partitions)
      throws TopicException, InterruptedException {
    Map<TopicPartition, OffsetSpec> all =
        partitions.stream().collect(Collectors.toMap(p -> p, _ -> OffsetSpec.latest()));
    var _ = again(() -> admin.listOffsets(all).all(), "reach the leaders of all partitions");
  }

  /// Asks as long as there is patience: a broker may not know yet of a topic that another node has
  /// just made.
  private <T> T again(Supplier<KafkaFuture<T>> question, String what)
      throws TopicException, InterruptedException {
    while (true) {
      try {
        return get(question.get(), what);
      } catch (TopicException e) {
        if (System.nanoTime() >= deadline || !(e.getCause() instanceof RetriableException)) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private <T> T get(KafkaFuture<T> future, String what)
      throws TopicException, InterruptedException {
    try {
      return future.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new TopicException("cannot " + what + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new TopicException(
          "cannot %s: no answer from %s within %d s; does the broker run?"
              .formatted(what, bootstrap, patience.toSeconds()),
          e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
