package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.ShardLog;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/// What shards ask about their logs when they are opened: one at a time, with one consumer.
final class LogReader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Admin admin;
  private final UnaryOperator<String> topicOf;
  private final Consumer<byte[], byte[]> consumer;

  LogReader(String bootstrap, Admin admin, UnaryOperator<String> topicOf) {
    this.admin = admin;
    this.topicOf = topicOf;
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    // The batch with the wanted record comes whatever its size.
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1024);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// The log of a shard as it is from the first question on.
  ShardLog of(StreamPartition shard) {
    return new Log(new TopicPartition(topicOf.apply(shard.stream()), shard.partition()));
  }

  private String topicId(String topic) throws IOException {
    try {
      Map<String, TopicDescription> topics =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return Objects.requireNonNull(topics.get(topic)).topicId().toString();
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the log cannot be reached: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private synchronized long start(TopicPartition partition) {
    return Objects.requireNonNull(
        consumer.beginningOffsets(Set.of(partition), PATIENCE).get(partition));
  }

  private synchronized long end(TopicPartition partition) {
    return Objects.requireNonNull(consumer.endOffsets(Set.of(partition), PATIENCE).get(partition));
  }

  private synchronized OptionalLong fingerprint(TopicPartition partition, long offset)
      throws IOException {
    consumer.assign(Set.of(partition));
    consumer.seek(partition, offset);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        return record.offset() == offset
            ? OptionalLong.of(
                ShardLog.fingerprint(HostedShard.appendMs(record), HostedShard.value(record)))
            : OptionalLong.empty();
      }
    }
    throw new IOException("record %d of %s cannot be read".formatted(offset, partition));
  }

  @Override
  public synchronized void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }

  private final class Log implements ShardLog {
    private final TopicPartition partition;
    private final Map<Long, OptionalLong> fingerprints = new HashMap<>();
    private @Nullable String id;
    private OptionalLong start = OptionalLong.empty();
    private OptionalLong end = OptionalLong.empty();

    Log(TopicPartition partition) {
      this.partition = partition;
    }

    @Override
    public String id() throws IOException {
      String known = id;
      if (known == null) {
        known = topicId(partition.topic());
        id = known;
      }
      return known;
    }

    @Override
    public long start() throws IOException {
      look();
      return start.getAsLong();
    }

    @Override
    public OptionalLong fingerprint(long offset) throws IOException {
      OptionalLong known = fingerprints.get(offset);
      if (known == null) {
        known = read(offset);
        fingerprints.put(offset, known);
      }
      return known;
    }

    private OptionalLong read(long offset) throws IOException {
      look();
      try {
        return offset < end.getAsLong()
            ? LogReader.this.fingerprint(partition, offset)
            : OptionalLong.empty();
      } catch (KafkaException e) {
        throw new IOException("the log cannot be read: " + e, e);
      }
    }

    private void look() throws IOException {
      if (end.isEmpty()) {
        try {
          start = OptionalLong.of(LogReader.this.start(partition));
          end = OptionalLong.of(LogReader.this.end(partition));
        } catch (KafkaException e) {
          throw new IOException("the log cannot be read: " + e, e);
        }
      }
    }
  }
}
