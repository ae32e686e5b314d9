package io.tidemark.server.streams;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/// The clients Streams would make for itself, except that its consumer hands out whole batches (see
/// [RecordBatch]) and tells when they have been processed: a stream thread polls again only after
/// it has processed everything it could, and Streams has no call-back for that.
///
/// Its restore consumer also tells which shards must be opened again: nothing else that Streams
/// asks before a task is active may say so without ending the thread, and it asks also while
/// nothing comes.
final class BatchClients implements KafkaClientSupplier {
  private final Runnable batchEnded;
  private final Predicate<TopicPartition> lost;

  /// @param lost whether the shard of a partition must be opened again
  BatchClients(Runnable batchEnded, Predicate<TopicPartition> lost) {
    this.batchEnded = batchEnded;
    this.lost = lost;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
      @Override
      public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        batchEnded.run();
        return RecordBatch.gather(super.poll(timeout));
      }
    };
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
      @Override
      public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        requireWhole(assignment());
        return super.poll(timeout);
      }
    };
  }

  /// @throws OffsetOutOfRangeException by which Streams takes the tasks of these partitions for
  ///   corrupted: where their shards go on, only opening them tells
  private void requireWhole(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.stream().filter(lost).forEach(p -> positions.put(p, 0L));
    if (!positions.isEmpty()) {
      throw new OffsetOutOfRangeException("their shards must be opened again", positions);
    }
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    throw new UnsupportedOperationException("there are no global stores");
  }
}
