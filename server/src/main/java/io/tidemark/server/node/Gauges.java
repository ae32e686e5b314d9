package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.archive.Archive;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.http.Api;
import io.tidemark.server.streams.ShardHost;
import io.tidemark.server.streams.StageHealth;
import io.tidemark.shard.Archival;
import io.tidemark.shard.Shard;
import java.util.function.ToLongFunction;

/// Numbers of shards that are looked up when somebody asks for metrics.
final class Gauges {
  private Gauges() {}

  static void register(
      NodeMetrics metrics, Catalog catalog, ShardHost host, Api api, DiskSpace disk) {
    metrics.gauge("tidemark_disk_free_bytes", "Room on the data folder's disk", disk::freeBytes);
    metrics.gauge(
        "tidemark_in_flight_bytes",
        "Bytes of request bodies in memory",
        () -> api.inFlight().usedBytes());
    for (StreamSpec stream : catalog.streams()) {
      for (int p = 0; p < stream.partitions(); p++) {
        StreamPartition id = new StreamPartition(stream.name(), p);
        register(metrics, host, id);
        if (stream.hot().isPresent()) {
          shard(
              metrics,
              host,
              id,
              "tidemark_shard_archived_offset",
              "What is in the archive",
              s -> s.archival().map(Archival::next).orElse(0L));
        }
      }
    }
  }

  /// What of the archive is here.
  static void register(NodeMetrics metrics, Archive archive) {
    metrics.gauge(
        "tidemark_archive_cache_bytes",
        "Files of the archive that are here",
        archive.cache()::bytes);
    metrics.counter(
        "tidemark_archive_cache_hits",
        "Files of the archive that were here",
        archive.cache()::hits);
    metrics.counter(
        "tidemark_archive_fetched_files",
        "Files of the archive that were fetched",
        archive.cache()::fetched);
  }

  private static void register(NodeMetrics metrics, ShardHost host, StreamPartition id) {
    shard(metrics, host, id, "tidemark_shard_next_offset", "What readers see", Shard::visibleNext);
    shard(metrics, host, id, "tidemark_shard_sealed_offset", "What is in files", Shard::sealedNext);
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_backfill_left",
        "Records that views which are new have not been given yet",
        s -> s.backfilling().left());
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_erasures_pending",
        "Erasures that files may still have something of",
        s -> s.erasing().pending());
    shard(metrics, host, id, "tidemark_shard_tail_rows", "Events in memory", Shard::tailRows);
    shard(metrics, host, id, "tidemark_shard_events", "Events applied", s -> s.counts().events());
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_duplicates",
        "Repeated events dropped",
        s -> s.counts().duplicates());
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_late",
        "Events beyond retention when they came",
        s -> s.counts().late());
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_malformed",
        "Records that were not events",
        s -> s.counts().malformed());
    shard(
        metrics,
        host,
        id,
        "tidemark_shard_gap",
        "Offsets that the log had lost",
        s -> s.counts().gap());
    stage(metrics, host, id, "tidemark_shard_lag", "Records not visible yet", StageHealth::lag);
    stage(
        metrics,
        host,
        id,
        "tidemark_shard_lag_age_ms",
        "Age of the oldest record that is not visible yet",
        StageHealth::oldestAgeMs);
  }

  private static void shard(
      NodeMetrics metrics,
      ShardHost host,
      StreamPartition id,
      String name,
      String description,
      ToLongFunction<Shard> value) {
    metrics.gauge(
        name,
        description,
        id,
        () -> host.local(id).map(s -> (double) value.applyAsLong(s.shard())).orElse(Double.NaN));
  }

  private static void stage(
      NodeMetrics metrics,
      ShardHost host,
      StreamPartition id,
      String name,
      String description,
      ToLongFunction<StageHealth> value) {
    metrics.gauge(
        name,
        description,
        id,
        () -> host.health(id).map(s -> (double) value.applyAsLong(s)).orElse(Double.NaN));
  }
}
