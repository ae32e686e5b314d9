package io.tidemark.bench.yardstick;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the views of the app `allezon` are as a topology in the DSL of Kafka Streams, with stores
/// in RocksDB: JSON in; the last 200 views and buys of each cookie; count and sum per minute,
/// action, origin, brand and category. Its promise is the weaker one, at least once.
///
/// It says `ready`, and `done` when all events have gone through both stores.
public final class StreamsJob {
  public static final String TOPIC = "tags";

  private static final int KEEP = 200;
  private static final JsonMapper JSON = new JsonMapper();

  private final LongAdder listed = new LongAdder();
  private final LongAdder counted = new LongAdder();

  private StreamsJob() {}

  /// @param args the brokers, a folder for the stores, and how many events there will be
  public static void main(String[] args) throws InterruptedException {
    StreamsJob job = new StreamsJob();
    Map<String, Object> settings = new HashMap<>();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "yardstick");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[1]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
    settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    settings.put("auto.offset.reset", "earliest");
    long events = Long.parseLong(args[2]);
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean failed = new AtomicBoolean();
    try (KafkaStreams streams = new KafkaStreams(job.topology(), new StreamsConfig(settings))) {
      streams.setStateListener(
          (now, _) -> {
            if (now == KafkaStreams.State.RUNNING) {
              running.countDown();
            }
            failed.set(now == KafkaStreams.State.ERROR);
          });
      streams.start();
      running.await();
      say("ready");
      while (job.listed.sum() < events || job.counted.sum() < events) {
        if (failed.get()) {
          throw new IllegalStateException("the topology failed");
        }
        LockSupport.parkNanos(5_000_000);
      }
      say("done");
      streams.close(Duration.ofSeconds(5));
    }
  }

  private static void say(String what) {
    System.out.println(what);
    System.out.flush();
  }

  /// The parts of a tag that the views need.
  ///
  /// @param json as it came
  private record Parsed(byte[] json, boolean isView, String group, long price) {}

  private Topology topology() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Parsed> tags =
        builder.stream(TOPIC, Consumed.with(Serdes.String(), Serdes.ByteArray()))
            .mapValues(StreamsJob::parse);
    tags.mapValues(t -> tag(t.isView(), t.json()))
        .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
        .aggregate(
            () -> new byte[0],
            (_, tag, lists) -> {
              listed.increment();
              return withNewest(lists, tag);
            },
            Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as("profiles")
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray()));
    tags.map((_, t) -> KeyValue.pair(t.group(), t.price()))
        .groupByKey(Grouped.with("by-group", Serdes.String(), Serdes.Long()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(24)))
        .aggregate(
            () -> new byte[2 * Long.BYTES],
            (_, price, sums) -> {
              counted.increment();
              ByteBuffer old = ByteBuffer.wrap(sums);
              ByteBuffer sum = ByteBuffer.allocate(2 * Long.BYTES);
              return sum.putLong(old.getLong() + 1).putLong(old.getLong() + price).array();
            },
            Materialized.<String, byte[], WindowStore<Bytes, byte[]>>as("minutes")
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray())
                .withRetention(Duration.ofHours(25)));
    return builder.build();
  }

  private static Parsed parse(byte[] json) {
    JsonNode tag = JSON.readTree(json);
    JsonNode product = tag.get("product_info");
    String action = tag.get("action").stringValue();
    String group =
        String.join(
            "|",
            action,
            tag.get("origin").stringValue(),
            product.get("brand_id").stringValue(),
            product.get("category_id").stringValue());
    return new Parsed(json, action.equals("VIEW"), group, product.get("price").longValue());
  }

  private static byte[] tag(boolean isView, byte[] json) {
    return ByteBuffer.allocate(1 + json.length).put((byte) (isView ? 1 : 0)).put(json).array();
  }

  /// A cookie's lists are its tags, newest first, as `(length{4} isView{1} json)*`; of each kind
  /// the newest 200 are kept.
  private static byte[] withNewest(byte[] lists, byte[] tag) {
    ByteBuffer next = ByteBuffer.allocate(lists.length + Integer.BYTES + tag.length);
    next.putInt(tag.length).put(tag);
    int same = 1;
    ByteBuffer old = ByteBuffer.wrap(lists);
    while (old.hasRemaining()) {
      int length = old.getInt();
      byte kind = old.get(old.position());
      if (kind != tag[0] || ++same <= KEEP) {
        next.putInt(length).put(lists, old.position(), length);
      }
      old.position(old.position() + length);
    }
    byte[] all = new byte[next.position()];
    next.flip().get(all);
    return all;
  }
}
