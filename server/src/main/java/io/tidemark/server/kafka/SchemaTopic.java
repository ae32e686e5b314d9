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
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
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

  SchemaTopic(String bootstrap, Duration patience, Consumer<byte[], byte[]> consumer) {
    this.bootstrap = bootstrap;
    this.patience = patience;
    this.consumer = consumer;
    consumer.assign(Set.of(partition));
    consumer.seekToBeginning(Set.of(partition));
  }

  /// Opens the topic; makes it where it is missing, and mends its configuration.
  ///
  /// @param bootstrap brokers as `host:port,…`
  /// @param replicas how many a new topic gets; empty: what the brokers' default is
  /// @param patience how long to wait for the brokers
  /// @throws TopicException where it cannot be used, or the brokers are away
  public static SchemaTopic open(String bootstrap, OptionalInt replicas, Duration patience)
      throws TopicException, InterruptedException {
    try (TopicAdmin admin = new TopicAdmin(bootstrap, patience)) {
      ensure(admin, replicas);
    }
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            // Where somebody deletes the topic, an empty one must not take its place.
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest");
    return new SchemaTopic(
        bootstrap,
        patience,
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  private static void ensure(TopicAdmin admin, OptionalInt replicas)
      throws TopicException, InterruptedException {
    TopicPartition partition = new TopicPartition(NAME, 0);
    NewTopic topic =
        new NewTopic(NAME, Optional.of(1), TopicSettings.replication(replicas))
            .configs(TopicSettings.forSchemas());
    boolean isNew = !admin.names().contains(NAME) && admin.create(topic);
    if (!isNew) {
      int partitions =
          Objects.requireNonNull(admin.describe(List.of(NAME)).get(NAME)).partitions().size();
      if (partitions != 1) {
        throw new TopicException(
            "topic %s has %d partitions; it must have one, so that all nodes read it in one order"
                .formatted(NAME, partitions));
      }
      admin.mend(NAME, TopicSettings.forSchemas());
    }
    admin.awaitLeaders(List.of(partition));
    long start = admin.start(partition);
    if (start > 0) {
      throw new TopicException(
          ("topic %s has lost its first %d records, and the versions of schemas in them; restore it"
                  + " from a backup, with all of its records from offset 0")
              .formatted(NAME, start));
    }
  }

  @Override
  public synchronized List<byte[]> read() throws IOException {
    try {
      long from = consumer.position(partition, patience);
      try {
        return readToEnd();
      } catch (IOException | RuntimeException e) {
        // What was read is nobody's: it is read again the next time.
        consumer.seek(partition, from);
        throw e;
      }
    } catch (KafkaException e) {
      throw new IOException("topic %s cannot be read: %s".formatted(NAME, e.getMessage()), e);
    }
  }

  private List<byte[]> readToEnd() throws IOException {
    long end =
        Objects.requireNonNull(consumer.endOffsets(Set.of(partition), patience).get(partition));
    long deadline = System.nanoTime() + patience.toNanos();
    List<byte[]> records = new ArrayList<>();
    while (consumer.position(partition, patience) < end) {
      if (System.nanoTime() > deadline) {
        throw new IOException("topic %s cannot be read to its end".formatted(NAME));
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        records.add(record.value() == null ? NO_KEY : record.value());
      }
    }
    return records;
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
