package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the log forget what active shards have in files, as far as they say, and not further.
final class LogTrimmer {
  private static final Logger log = LoggerFactory.getLogger(LogTrimmer.class);

  /// Less than this is not worth a request.
  private static final long MIN_RECORDS = 1000;

  /// Twice Kafka's `log.flush.start.offset.checkpoint.interval.ms`.
  private static final Duration DURABLE = Duration.ofMinutes(2);

  private final Admin admin;
  private final UnaryOperator<String> topicOf;
  private final HostMetrics metrics;
  private final Map<StreamPartition, Long> starts = new ConcurrentHashMap<>();
  private final Map<StreamPartition, Moved> moved = new ConcurrentHashMap<>();

  /// Where a log starts, and when that was learned.
  private record Moved(long start, long nanos) {}

  LogTrimmer(Admin admin, UnaryOperator<String> topicOf, HostMetrics metrics) {
    this.admin = admin;
    this.topicOf = topicOf;
    this.metrics = metrics;
  }

  /// Called after each checkpoint; what fails is tried again after the next one.
  void trim(HostedShard shard) {
    if (shard.role() == Role.ACTIVE) {
      delete(shard);
    } else if (shard.shard().spec().stream().id().isPresent()) {
      askWhereItStarts(shard);
    }
  }

  /// A copy keeps what was decided about records for as long as the log has them.
  private void askWhereItStarts(HostedShard shard) {
    TopicPartition partition = partition(shard.id());
    var _ =
        admin
            .listOffsets(Map.of(partition, OffsetSpec.earliest()))
            .partitionResult(partition)
            .whenComplete(
                (earliest, failure) -> {
                  if (failure == null) {
                    startsAt(shard, earliest.offset());
                  } else {
                    log.warn(
                        "where the log of {} starts is not known: {}",
                        shard.id(),
                        failure.toString());
                  }
                });
  }

  /// Tells a shard of a start once it is durable; until then a broker that is killed comes back
  /// with records that it had forgotten.
  private void startsAt(HostedShard shard, long offset) {
    long now = System.nanoTime();
    moved.compute(
        shard.id(),
        (_, before) -> {
          if (before == null) {
            return new Moved(offset, now);
          } else if (now - before.nanos() < DURABLE.toNanos()) {
            return before;
          }
          shard.shard().logStartsAt(before.start());
          return new Moved(offset, now);
        });
  }

  private TopicPartition partition(StreamPartition id) {
    return new TopicPartition(topicOf.apply(id.stream()), id.partition());
  }

  private void delete(HostedShard shard) {
    StreamPartition id = shard.id();
    long start = shard.shard().logMayStartAt();
    if (start - starts.getOrDefault(id, 0L) < MIN_RECORDS) {
      return;
    }
    var _ =
        admin
            .deleteRecords(Map.of(partition(id), RecordsToDelete.beforeOffset(start)))
            .all()
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    starts.put(id, start);
                    startsAt(shard, start);
                    metrics.trimmed(id, start);
                  } else {
                    metrics.trimFailed(id);
                    log.warn(
                        "the log of {} was not trimmed to {}: {}", id, start, failure.toString());
                  }
                });
  }
}
