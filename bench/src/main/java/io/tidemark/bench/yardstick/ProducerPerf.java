package io.tidemark.bench.yardstick;

import io.tidemark.bench.process.Child;
import io.tidemark.server.allezon.Tag;
import io.tidemark.server.allezon.TagGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.tools.ProducerPerformance;

/// Kafka's own `kafka-producer-perf-test`, in a process of its own, against a broker alone: what
/// appending to the log costs where nothing is parsed, checked, applied or answered.
public final class ProducerPerf {
  private static final int PAYLOADS = 10_000;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Pattern RATE =
      Pattern.compile("([0-9]+) records sent, ([0-9.]+) records/sec");

  private ProducerPerf() {}

  /// @param perSecond records acknowledged a second
  /// @param bytes the mean size of a record
  public record Result(double perSecond, double bytes) {}

  /// @param work where data and logs go
  public static Result run(Path root, Path work, long records)
      throws IOException, InterruptedException, ExecutionException {
    Path payloads = work.resolve("payloads");
    List<String> lines = payloads();
    Files.write(payloads, lines);
    try (Child broker =
        Child.java(
            root, work.resolve("perf-broker.log"), Broker.class, work.resolve("perf").toString())) {
      String bootstrap = broker.awaitLine("ready at ", PATIENCE);
      Topic.make(bootstrap, "perf");
      // The settings with which a node appends.
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of("--topic", "perf", "--throughput", "-1"));
      arguments.addAll(List.of("--num-records", Long.toString(records)));
      arguments.addAll(List.of("--payload-file", payloads.toString()));
      arguments.addAll(List.of("--producer-props", "bootstrap.servers=" + bootstrap, "acks=all"));
      arguments.addAll(List.of("compression.type=lz4", "linger.ms=0", "batch.size=262144"));
      arguments.addAll(
          List.of("buffer.memory=67108864", "max.in.flight.requests.per.connection=1"));
      try (Child perf =
          Child.java(
              root,
              work.resolve("perf.log"),
              ProducerPerformance.class,
              arguments.toArray(String[]::new))) {
        // The last line is about all records, those before it about five seconds each.
        Matcher rate = RATE.matcher("");
        do {
          rate.reset(perf.awaitLine("", PATIENCE));
        } while (!rate.lookingAt() || Long.parseLong(rate.group(1)) < records);
        double bytes = lines.stream().mapToInt(String::length).average().orElseThrow();
        return new Result(Double.parseDouble(rate.group(2)), bytes);
      }
    }
  }

  /// The values of tags one after another: as long as the records of a node's log, to a few bytes,
  /// and as easy to compress.
  private static List<String> payloads() {
    TagGenerator generator = new TagGenerator(1, TagGenerator.DEFAULT_START_MS);
    List<String> payloads = new ArrayList<>();
    for (int i = 0; i < PAYLOADS; i++) {
      Tag tag = generator.nextTag();
      payloads.add(
          String.join(
              " ",
              tag.cookie(),
              Long.toString(tag.timeMs() - TagGenerator.DEFAULT_START_MS),
              tag.cookie(),
              tag.country(),
              tag.device(),
              tag.action(),
              tag.origin(),
              "product-" + tag.productNumber(),
              tag.brand(),
              tag.category(),
              Integer.toString(tag.price())));
    }
    return payloads;
  }
}
