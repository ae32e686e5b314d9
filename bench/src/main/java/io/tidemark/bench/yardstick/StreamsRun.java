package io.tidemark.bench.yardstick;

import io.tidemark.bench.load.Batches;
import io.tidemark.bench.process.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Runs [StreamsJob] in a process of its own beside a broker in another, and sends it events.
public final class StreamsRun {
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private StreamsRun() {}

  /// @param seconds until all events had gone through the stores
  /// @param cpuMs of the topology and the broker
  public record Result(double seconds, long cpuMs) {}

  /// @param tags NDJSON, sent from here to the broker as fast as it takes them
  /// @param events how many there are
  public static Result run(Path root, Path work, Batches tags, long events)
      throws IOException, InterruptedException, ExecutionException {
    Files.createDirectories(work.resolve("stores"));
    try (Child broker =
        Child.java(
            root,
            work.resolve("streams-broker.log"),
            Broker.class,
            work.resolve("streams-log").toString())) {
      String bootstrap = broker.awaitLine("ready at ", PATIENCE);
      Topic.make(bootstrap, StreamsJob.TOPIC);
      try (Child job =
          Child.java(
              root,
              work.resolve("streams.log"),
              StreamsJob.class,
              bootstrap,
              work.resolve("stores").toString(),
              Long.toString(events))) {
        job.awaitLine("ready", PATIENCE);
        long cpu = job.stat().cpuMs() + broker.stat().cpuMs();
        long start = System.nanoTime();
        send(bootstrap, tags);
        job.awaitLine("done", PATIENCE);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Result(seconds, job.stat().cpuMs() + broker.stat().cpuMs() - cpu);
      }
    }
  }

  private static void send(String bootstrap, Batches tags) throws IOException {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "acks",
            "all",
            "compression.type",
            "lz4",
            "linger.ms",
            5,
            "batch.size",
            256 << 10);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      for (byte[] batch = tags.next(); batch.length > 0; batch = tags.next()) {
        for (String tag : new String(batch, StandardCharsets.UTF_8).lines().toList()) {
          // The event's time is the record's, so that windows follow it.
          long timeMs = Instant.parse(text(tag, "time")).toEpochMilli();
          byte[] value = tag.getBytes(StandardCharsets.UTF_8);
          var _ =
              producer.send(
                  new ProducerRecord<>(StreamsJob.TOPIC, null, timeMs, text(tag, "cookie"), value));
        }
      }
      producer.flush();
    }
  }

  /// A text of a tag, found without reading the rest.
  private static String text(String json, String property) {
    String name = "\"" + property + "\":\"";
    int from = json.indexOf(name) + name.length();
    return json.substring(from, json.indexOf('"', from));
  }
}
