package io.tidemark.server.kafka;

import io.tidemark.app.StreamSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topics of streams: makes those that are missing, checks and mends those that are there.
public final class Topics {
  private static final Logger log = LoggerFactory.getLogger(Topics.class);

  private final String bootstrap;
  private final String prefix;
  private final OptionalInt replicas;
  private final Duration patience;

  /// @param bootstrap brokers as `host:port,…`
  /// @param prefix what topics' names have before the stream's name
  /// @param replicas how many a new topic gets; empty: what the brokers' default is
  /// @param patience how long to wait for the brokers in all
  public Topics(String bootstrap, String prefix, OptionalInt replicas, Duration patience) {
    this.bootstrap = bootstrap;
    this.prefix = prefix;
    this.replicas = replicas;
    this.patience = patience;
  }

  /// The name of a stream's topic.
  ///
  /// @param dataName see [StreamSpec#dataName]
  public String name(String dataName) {
    return prefix + dataName;
  }

  /// Makes sure that every stream has a topic that takes appends and forgets nothing by itself.
  ///
  /// @throws TopicException where one cannot be used, or the brokers are away
  public void ensure(Collection<StreamSpec> streams) throws TopicException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    int patienceMs = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            // Closing waits for what is under way; it must not wait longer than we do.
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            patienceMs,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            patienceMs);
    try (Admin admin = Admin.create(settings)) {
      Attempt attempt = new Attempt(admin, deadline);
      Set<String> existing = attempt.get(admin.listTopics().names(), "list topics");
      attempt.create(streams.stream().filter(s -> !existing.contains(name(s.dataName()))).toList());
      attempt.check(streams.stream().filter(s -> existing.contains(name(s.dataName()))).toList());
      attempt.awaitLeaders(streams);
    }
  }

  /// One call of [#ensure].
  private final class Attempt {
    private final Admin admin;
    private final long deadline;

    Attempt(Admin admin, long deadline) {
      this.admin = admin;
      this.deadline = deadline;
    }

    void create(List<StreamSpec> streams) throws TopicException, InterruptedException {
      for (StreamSpec stream : streams) {
        Optional<Short> replication =
            replicas.isPresent() ? Optional.of((short) replicas.getAsInt()) : Optional.empty();
        NewTopic topic =
            new NewTopic(name(stream.dataName()), Optional.of(stream.partitions()), replication)
                .configs(TopicSettings.forNew(stream));
        try {
          get(admin.createTopics(List.of(topic)).all(), "create topic " + topic.name());
          log.info("made topic {} with {} partitions", topic.name(), stream.partitions());
        } catch (TopicException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
          // Another node was faster; its topic is checked like any other.
          check(List.of(stream));
        }
      }
    }

    void check(List<StreamSpec> streams) throws TopicException, InterruptedException {
      List<String> names = streams.stream().map(s -> name(s.dataName())).toList();
      Map<String, TopicDescription> topics =
          get(admin.describeTopics(names).allTopicNames(), "describe topics");
      for (StreamSpec stream : streams) {
        TopicDescription topic = topics.get(name(stream.dataName()));
        int there = topic == null ? 0 : topic.partitions().size();
        if (there != stream.partitions()) {
          throw new TopicException(
              ("topic %s has %d partitions, but stream %s declares %d; declare %d, or give the"
                      + " stream another name: keys would move between shards")
                  .formatted(
                      name(stream.dataName()), there, stream.name(), stream.partitions(), there));
        }
        mend(name(stream.dataName()));
      }
    }

    private void mend(String topic) throws TopicException, InterruptedException {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Map<ConfigResource, Config> configs =
          get(admin.describeConfigs(List.of(resource)).all(), "describe topic " + topic);
      Config config = configs.get(resource);
      List<AlterConfigOp> changes = new ArrayList<>();
      List<String> said = new ArrayList<>();
      TopicSettings.required()
          .forEach(
              (name, wanted) -> {
                ConfigEntry entry = config == null ? null : config.get(name);
                String there = entry == null ? "unknown" : entry.value();
                if (!wanted.equals(there)) {
                  changes.add(
                      new AlterConfigOp(new ConfigEntry(name, wanted), AlterConfigOp.OpType.SET));
                  said.add("%s=%s (was %s)".formatted(name, wanted, there));
                }
              });
      if (changes.isEmpty()) {
        return;
      }
      try {
        get(
            admin.incrementalAlterConfigs(Map.of(resource, changes)).all(),
            "change the configuration of topic " + topic);
        log.warn("topic {} could have lost events; set {}", topic, said);
      } catch (TopicException e) {
        throw new TopicException(
            "topic %s could lose events and may not be changed by this node (%s); set %s on it"
                .formatted(topic, e.getMessage(), String.join(", ", said)),
            e);
      }
    }

    /// A producer that sends to a new topic before its leaders know of it gets its sequence numbers
    /// into disorder and never out of it. Whoever answers this request knows.
    void awaitLeaders(Collection<StreamSpec> streams) throws TopicException, InterruptedException {
      Map<TopicPartition, OffsetSpec> all = new HashMap<>();
      for (StreamSpec stream : streams) {
        for (int p = 0; p < stream.partitions(); p++) {
          all.put(new TopicPartition(name(stream.dataName()), p), OffsetSpec.latest());
        }
      }
      while (true) {
        try {
          get(admin.listOffsets(all).all(), "reach the leaders of all partitions");
          return;
        } catch (TopicException e) {
          if (System.nanoTime() >= deadline
              || !(e.getCause() instanceof org.apache.kafka.common.errors.RetriableException)) {
            throw e;
          }
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }

    <T> T get(KafkaFuture<T> future, String what) throws TopicException, InterruptedException {
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
  }
}
