package io.tidemark.server.kafka;

import io.tidemark.log.SharedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The versions of all schemas, in a topic of one partition that keeps everything. It is not
/// compacted: which of two records for the same version counts is told by their order, and of equal
/// keys compaction would keep the later.
public final class SchemaTopic implements SharedLog, AutoCloseable {
  /// Its name.
  public static final String NAME = "tidemark-schemas";

  private static final byte[] NO_KEY = {};

  private final String bootstrap;
  private final Duration patience;
  private final TopicPartition partition = new TopicPartition(NAME, 0);
  private final Consumer<byte[], byte[]> consumer;

  private SchemaTopic(String bootstrap, Duration patience) {
    this.bootstrap = bootstrap;
    this.patience = patience;
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(Set.of(partition));
    consumer.seekToBeginning(Set.of(partition));
  }

  /// Opens the topic; makes it where it is missing.
  ///
  /// @param bootstrap brokers as `host:port,…`
  /// @param replicas how many a new topic gets; empty: what the brokers' default is
  /// @param patience how long to wait for the brokers
  /// @throws TopicException where it cannot be used, or the brokers are away
  public static SchemaTopic open(String bootstrap, OptionalInt replicas, Duration patience)
      throws TopicException, InterruptedException {
    int patienceMs = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                patienceMs,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                patienceMs))) {
      new Opening(admin, bootstrap, System.nanoTime() + patience.toNanos()).run(replicas);
    }
    return new SchemaTopic(bootstrap, patience);
  }

  /// What is done once.
  private record Opening(Admin admin, String bootstrap, long deadline) {
    void run(OptionalInt replicas) throws TopicException, InterruptedException {
      if (!get(admin.listTopics().names(), "list topics").contains(NAME)) {
        make(replicas);
      }
      int partitions =
          Objects.requireNonNull(
                  get(admin.describeTopics(List.of(NAME)).allTopicNames(), "describe topic " + NAME)
                      .get(NAME))
              .partitions()
              .size();
      if (partitions != 1) {
        throw new TopicException(
            "topic %s has %d partitions; it must have one, so that all nodes read it in one order"
                .formatted(NAME, partitions));
      }
      awaitLeader();
    }

    private void make(OptionalInt replicas) throws TopicException, InterruptedException {
      Optional<Short> replication =
          replicas.isPresent() ? Optional.of((short) replicas.getAsInt()) : Optional.empty();
      NewTopic topic =
          new NewTopic(NAME, Optional.of(1), replication).configs(TopicSettings.required());
      try {
        var _ = get(admin.createTopics(List.of(topic)).all(), "create topic " + NAME);
      } catch (TopicException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
        // Another node was faster.
      }
    }

    /// See [Topics]: a new topic takes records well only when its leader knows of it.
    private void awaitLeader() throws TopicException, InterruptedException {
      while (true) {
        try {
          var _ =
              get(
                  admin.listOffsets(Map.of(new TopicPartition(NAME, 0), OffsetSpec.latest())).all(),
                  "reach the leader of topic " + NAME);
          return;
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
            "cannot %s: no answer from %s in time; does the broker run?".formatted(what, bootstrap),
            e);
      }
    }
  }

  @Override
  public synchronized List<byte[]> read() throws IOException {
    try {
      long end =
          Objects.requireNonNull(consumer.endOffsets(Set.of(partition), patience).get(partition));
      long deadline = System.nanoTime() + patience.toNanos();
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (consumer.position(partition, patience) < end) {
        if (System.nanoTime() > deadline) {
          throw new IOException("topic %s cannot be read to its end".formatted(NAME));
        }
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records.stream()
          .map(ConsumerRecord::value)
          .map(value -> value == null ? NO_KEY : value)
          .toList();
    } catch (KafkaException e) {
      throw new IOException("topic %s cannot be read: %s".formatted(NAME, e.getMessage()), e);
    }
  }

  @Override
  public void append(byte[] record) throws IOException {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicSettings.MAX_MESSAGE_BYTES);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patience.toMillis());
    // It comes once in a long while.
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      var _ =
          producer
              .send(new ProducerRecord<>(NAME, 0, NO_KEY, record))
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new IOException("topic %s took no record: %s".formatted(NAME, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public synchronized void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
