package io.tidemark.server.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.http.ApiMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// What a node measures, for Prometheus.
final class NodeMetrics implements ApiMetrics, AutoCloseable {
  private static final Duration[] LATENCY_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(200),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();

  // A registry's own look-up costs about a microsecond a call; these cost a few nanoseconds.
  private final ConcurrentHashMap<Request, Timer> requests = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> accepted = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> acceptedBytes = new ConcurrentHashMap<>();
  private final Timer logLatency =
      timer("tidemark_log_append", "Appending to the log").register(registry);
  private final Timer freshness =
      timer("tidemark_freshness", "From append to visible in all views").register(registry);
  private final Timer checkpoints =
      timer("tidemark_checkpoint", "Writing checkpoints").register(registry);
  private final DistributionSummary checkpointBytes =
      DistributionSummary.builder("tidemark_checkpoint_bytes")
          .description("Size of the segments that checkpoints wrote")
          .register(registry);
  private final Timer compactions =
      timer("tidemark_compaction", "Merging segments").register(registry);
  private final DistributionSummary compactionBytes =
      DistributionSummary.builder("tidemark_compaction_bytes")
          .description("Size of the segments that compactions wrote")
          .register(registry);

  /// The registry's references to these are weak: without others the counters would stand still.
  private final List<LongSupplier> counts = new CopyOnWriteArrayList<>();

  private record Request(String method, String route, int status) {}

  NodeMetrics() {
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  private static Timer.Builder timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(LATENCY_BUCKETS)
        .publishPercentiles(0.5, 0.99);
  }

  @Override
  public void answered(String method, String route, int status, long nanos) {
    requests
        .computeIfAbsent(
            new Request(method, route, status),
            r ->
                Timer.builder("tidemark_requests")
                    .description("Requests answered")
                    .tag("method", r.method())
                    .tag("route", r.route())
                    .tag("status", Integer.toString(r.status()))
                    .serviceLevelObjectives(LATENCY_BUCKETS)
                    .register(registry))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void accepted(String stream, int events, long bytes) {
    counter(accepted, "tidemark_events_accepted", "Events that are in the log", stream)
        .increment(events);
    counter(acceptedBytes, "tidemark_ingest_bytes", "Bytes of bodies with accepted events", stream)
        .increment((double) bytes);
  }

  private Counter counter(
      ConcurrentHashMap<String, Counter> counters, String name, String description, String stream) {
    return counters.computeIfAbsent(
        stream,
        s -> Counter.builder(name).description(description).tag("stream", s).register(registry));
  }

  @Override
  public void refused(String stream, String reason) {
    Counter.builder("tidemark_events_refused")
        .description("Events that were not accepted")
        .tag("stream", stream)
        .tag("reason", reason)
        .register(registry)
        .increment();
  }

  @Override
  public void cut(String at) {
    Counter.builder("tidemark_connections_cut")
        .description("Connections cut off, since the client took too long")
        .tag("at", at)
        .register(registry)
        .increment();
  }

  void appended(long nanos) {
    logLatency.record(nanos, TimeUnit.NANOSECONDS);
  }

  void visible(long ms) {
    freshness.record(Math.max(0, ms), TimeUnit.MILLISECONDS);
  }

  void compacted(long nanos, long bytes) {
    compactions.record(nanos, TimeUnit.NANOSECONDS);
    compactionBytes.record((double) bytes);
  }

  void checkpointed(long nanos, long bytes) {
    checkpoints.record(nanos, TimeUnit.NANOSECONDS);
    checkpointBytes.record((double) bytes);
  }

  /// Counts something that is rare.
  void count(String name, String description) {
    Counter.builder(name).description(description).register(registry).increment();
  }

  /// Something that somebody else counts.
  void counter(String name, String description, LongSupplier count) {
    counts.add(count);
    FunctionCounter.builder(name, count, LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }

  /// The 99th percentile of the time from append to visible, lately.
  long freshnessMsP99() {
    for (ValueAtPercentile value : freshness.takeSnapshot().percentileValues()) {
      if (value.percentile() == 0.99) {
        return (long) value.value(TimeUnit.MILLISECONDS);
      }
    }
    return 0;
  }

  /// A number that is asked for whenever metrics are.
  void gauge(String name, String description, LongSupplier value) {
    Gauge.builder(name, value::getAsLong).description(description).register(registry);
  }

  /// A number of one shard.
  void gauge(String name, String description, StreamPartition shard, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble)
        .description(description)
        .tag("stream", shard.stream())
        .tag("partition", Integer.toString(shard.partition()))
        .register(registry);
  }

  /// All metrics in Prometheus' text format.
  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
