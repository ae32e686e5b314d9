package io.tidemark.server.streams;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/// One source, one processor, one store: the topic of a stream into its shards.
final class StreamTopology {
  /// How soon a damaged shard is opened again.
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private StreamTopology() {}

  static Topology of(String topic, Supplier<ShardStore> stores) {
    return new Topology()
        .addReadOnlyStateStore(
            new Builder(stores),
            "log",
            new AppendTime(),
            new ByteArrayDeserializer(),
            new RecordBatch.Unpack(),
            topic,
            "apply",
            Apply::new);
  }

  /// The first record's own time, whatever it is; Streams itself would stop at a negative one.
  private static final class AppendTime implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      return Math.max(0, record.timestamp());
    }
  }

  /// Applies live records; it is there exactly while the task is active.
  private static final class Apply implements Processor<byte[], RecordBatch, Void, Void> {
    private @Nullable ShardStore store;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      ShardStore store = context.getStateStore(ShardStore.NAME);
      this.store = store;
      store.shard().ifPresent(shard -> shard.take(Role.ACTIVE));
      // Where no records come, somebody else must find out.
      context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> store.requireWhole());
    }

    @Override
    public void process(Record<byte[], RecordBatch> record) {
      if (store == null) {
        throw new IllegalStateException("process before init");
      }
      store.apply(record.value().records());
    }
  }

  private record Builder(Supplier<ShardStore> stores) implements StoreBuilder<ShardStore> {
    @Override
    public String name() {
      return ShardStore.NAME;
    }

    @Override
    public ShardStore build() {
      return stores.get();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public StoreBuilder<ShardStore> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<ShardStore> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<ShardStore> withLoggingEnabled(Map<String, String> config) {
      return this;
    }

    @Override
    public StoreBuilder<ShardStore> withLoggingDisabled() {
      return this;
    }
  }
}
