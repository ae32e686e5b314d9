package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the log forget what active shards have in files, as far as they say, and not further.
final class LogTrimmer {
  private static final Logger log = LoggerFactory.getLogger(LogTrimmer.class);

  /// Less than this is not worth a request.
  private static final long MIN_RECORDS = 1000;

  private final Admin admin;
  private final UnaryOperator<String> topicOf;
  private final HostMetrics metrics;
  private final Map<StreamPartition, Long> starts = new ConcurrentHashMap<>();

  LogTrimmer(Admin admin, UnaryOperator<String> topicOf, HostMetrics metrics) {
    this.admin = admin;
    this.topicOf = topicOf;
    this.metrics = metrics;
  }

  /// Called after each checkpoint; what fails is tried again after the next one.
  void trim(HostedShard shard) {
    if (shard.role() != Role.ACTIVE) {
      return;
    }
    StreamPartition id = shard.id();
    long start = shard.shard().logMayStartAt();
    if (start - starts.getOrDefault(id, 0L) < MIN_RECORDS) {
      return;
    }
    TopicPartition partition = new TopicPartition(topicOf.apply(id.stream()), id.partition());
    var _ =
        admin
            .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(start)))
            .all()
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    starts.put(id, start);
                    shard.shard().logStartsAt(start);
                    metrics.trimmed(id, start);
                  } else {
                    metrics.trimFailed(id);
                    log.warn("the log of {} was not trimmed to {}: {}", id, start, failure);
                  }
                });
  }
}
