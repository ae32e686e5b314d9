package io.tidemark.server.streams;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/// What a consumer has fetched of one partition, on its way through Streams as one record.
///
/// Streams spends more on each record than a shard does: queues, metrics, contexts, clocks. So it
/// gets one record for each partition that was fetched, without key and value, at the offset of the
/// first: what Streams commits while the batch waits in its queue is then not beyond it, and once
/// the batch is processed Streams commits the consumer's own position. The records travel in its
/// headers, which are what a deserializer is shown as the consumer made them.
record RecordBatch(List<ConsumerRecord<byte[], byte[]>> records) {
  private static final byte[] EMPTY = {};

  /// Replaces the records of each partition by one.
  static ConsumerRecords<byte[], byte[]> gather(ConsumerRecords<byte[], byte[]> fetched) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> batches = new HashMap<>();
    for (TopicPartition partition : fetched.partitions()) {
      batches.put(partition, List.of(carrier(new RecordBatch(fetched.records(partition)))));
    }
    return new ConsumerRecords<>(batches, fetched.nextOffsets());
  }

  private static ConsumerRecord<byte[], byte[]> carrier(RecordBatch batch) {
    ConsumerRecord<byte[], byte[]> first = batch.records.getFirst();
    return new ConsumerRecord<>(
        first.topic(),
        first.partition(),
        first.offset(),
        first.timestamp(),
        TimestampType.CREATE_TIME,
        0,
        0,
        EMPTY,
        EMPTY,
        new Carried(batch),
        Optional.empty());
  }

  /// Headers that are none, and have the batch.
  private static final class Carried extends RecordHeaders {
    private final RecordBatch batch;

    Carried(RecordBatch batch) {
      this.batch = batch;
    }
  }

  /// Takes the batch out of its carrier.
  static final class Unpack implements Deserializer<RecordBatch> {
    @Override
    public RecordBatch deserialize(String topic, byte @Nullable [] value) {
      throw new IllegalStateException("a record of " + topic + " that carries no batch");
    }

    @Override
    public RecordBatch deserialize(String topic, Headers headers, byte @Nullable [] value) {
      return headers instanceof Carried carried ? carried.batch : deserialize(topic, value);
    }
  }
}
