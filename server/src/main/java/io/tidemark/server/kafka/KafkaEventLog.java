package io.tidemark.server.kafka;

import io.tidemark.ingest.EventLog;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The log in Kafka: one topic per stream. Any number of threads may append.
///
/// Nothing lingers, and one request is under way to a broker at a time: meanwhile the next batch
/// gathers by itself, so a single event is as fast as it can be and many make large batches.
///
/// A record waits behind all that is before it in its partition, which is little as long as whoever
/// appends much does so a few megabytes at a time.
public final class KafkaEventLog implements EventLog, AutoCloseable {
  /// How long a record may take from `send` to its acknowledgement.
  static final int DELIVERY_MS = 20_000;

  private static final long DELIVERY_NANOS = DELIVERY_MS * 1_000_000L;

  /// How long a send may wait for memory or for the topic's leaders.
  static final int BLOCK_MS = 10_000;

  private static final int REQUEST_MS = 8_000;
  private static final int BATCH_BYTES = 256 << 10;
  private static final long BUFFER_BYTES = 64L << 20;

  /// How records are compressed on their way and in the log.
  public enum Compression {
    /// Not at all: the log is on this machine. For each batch, however small, LZ4 takes 130 kB of
    /// new memory, so that single events keep the garbage collector busy.
    NONE,
    /// For brokers that a network lies before.
    LZ4
  }

  private static final String AWAY = "the log cannot be reached (is the broker away?); not sent";

  private final KafkaProducer<byte[], byte[]> producer;
  private final BrokerWatch brokers;
  private final UnaryOperator<String> topicOf;
  private final LongConsumer tookNanos;

  /// @param bootstrap brokers as `host:port,…`
  /// @param topicOf the name of a stream's topic
  /// @param tookNanos is told how long each append took
  public KafkaEventLog(
      String bootstrap,
      Compression compression,
      UnaryOperator<String> topicOf,
      LongConsumer tookNanos) {
    this.producer =
        new KafkaProducer<>(
            settings(bootstrap, compression), new ByteArraySerializer(), new ByteArraySerializer());
    this.brokers = new BrokerWatch(bootstrap);
    this.topicOf = topicOf;
    this.tookNanos = tookNanos;
  }

  private static Map<String, Object> settings(String bootstrap, Compression compression) {
    Map<String, Object> s = new HashMap<>();
    s.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    s.put(ProducerConfig.CLIENT_ID_CONFIG, "tidemark-ingest");
    s.put(ProducerConfig.ACKS_CONFIG, "all");
    s.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    s.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.name().toLowerCase(Locale.ROOT));
    s.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    s.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    s.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    s.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    s.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicSettings.MAX_MESSAGE_BYTES);
    s.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
    s.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
    s.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
    s.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return s;
  }

  /// Where no broker has answered for some seconds, fails at once.
  @Override
  public Appended append(String stream, List<Entry> entries) {
    if (brokers.isAway()) {
      long[] offsets = new long[entries.size()];
      Arrays.fill(offsets, Appended.FAILED);
      return new Appended(offsets, AWAY);
    }
    long start = System.nanoTime();
    PendingAppend pending = new PendingAppend(entries.size());
    brokers.begin();
    try {
      send(topicOf.apply(stream), entries, pending, start);
      // The producer gives up by itself after DELIVERY_MS; twice that means it is broken.
      return pending.await(Duration.ofMillis(2 * DELIVERY_MS));
    } finally {
      brokers.end(pending.isAnyAcknowledged());
      tookNanos.accept(System.nanoTime() - start);
    }
  }

  private void send(String topic, List<Entry> entries, PendingAppend pending, long start) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      int index = i;
      if (brokers.isAway() || System.nanoTime() - start > DELIVERY_NANOS) {
        // Sending blocks, for each record anew, while the log is away.
        pending.failed(entries.size() - i, new TimeoutException("not sent"));
        break;
      }
      try {
        var _ =
            producer.send(
                new ProducerRecord<>(topic, entry.partition(), entry.key(), entry.value()),
                (metadata, failure) -> {
                  if (failure == null) {
                    pending.acknowledged(index, metadata.offset());
                  } else {
                    pending.failed(1, failure);
                  }
                });
      } catch (KafkaException | IllegalStateException e) {
        // Interrupted, or closed: this record and those after it were not taken.
        pending.failed(entries.size() - i, e);
        break;
      }
    }
  }

  /// Waits for what is under way, but not for long.
  @Override
  public void close() {
    brokers.close();
    producer.close(Duration.ofNanos(TimeUnit.SECONDS.toNanos(5)));
  }
}
