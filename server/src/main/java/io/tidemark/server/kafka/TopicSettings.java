package io.tidemark.server.kafka;

import io.tidemark.app.StreamSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The configuration that a stream's topic must have.
final class TopicSettings {
  static final int MAX_MESSAGE_BYTES = 4 << 20;

  private static final long MIN_SEGMENT_BYTES = 1 << 20;
  private static final long MAX_SEGMENT_BYTES = 64 << 20;

  /// Whole segments are deleted only, so a partition keeps up to one more than it was told to.
  private static final int SEGMENTS_KEPT = 8;

  private TopicSettings() {}

  /// Without these, events could be lost or reordered in time; an existing topic must have them.
  static Map<String, String> required() {
    Map<String, String> settings = new LinkedHashMap<>();
    // Event times may lie years back: retention and rolling must not see them.
    settings.put("message.timestamp.type", "LogAppendTime");
    settings.put("cleanup.policy", "delete");
    // The log is bounded by the shards' owners, who know what is in a checkpoint.
    settings.put("retention.ms", "-1");
    settings.put("retention.bytes", "-1");
    return settings;
  }

  static Map<String, String> forNew(StreamSpec stream) {
    Map<String, String> settings = required();
    settings.put("segment.bytes", Long.toString(segmentBytes(stream)));
    settings.put("max.message.bytes", Integer.toString(MAX_MESSAGE_BYTES));
    return settings;
  }

  /// What the topic of schemas must have besides: its records are as large as schemas are.
  static Map<String, String> forSchemas() {
    Map<String, String> settings = required();
    settings.put("max.message.bytes", Integer.toString(MAX_MESSAGE_BYTES));
    return settings;
  }

  /// @param replicas empty: what the brokers' default is
  static Optional<Short> replication(OptionalInt replicas) {
    return replicas.isPresent() ? Optional.of((short) replicas.getAsInt()) : Optional.empty();
  }

  static long segmentBytes(StreamSpec stream) {
    return Math.clamp(
        stream.logKeepBytes() / stream.partitions() / SEGMENTS_KEPT,
        MIN_SEGMENT_BYTES,
        MAX_SEGMENT_BYTES);
  }
}
