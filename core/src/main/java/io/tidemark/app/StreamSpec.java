package io.tidemark.app;

import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A declared stream.
///
/// @param name `[a-z][a-z0-9_]*`; also the name of its table
/// @param version counts the streams that have had the name: each has a log, and shards, of its own
/// @param type the shape of its events
/// @param schema the source text of its JSON Schema
/// @param time the field with the event time, a required TIMESTAMP or a LONG of milliseconds since
///   1970; [#APPEND_TIME] where the time of the append is the event's time
/// @param key the fields that make the key, required and each a scalar; empty: events are spread
/// @param id what makes two events the same event, where declared
/// @param retain how long events are kept, in stream time; empty: for ever
/// @param hot how long they stay on the nodes' own disks, where older ones are in the archive only;
///   empty: as long as they are kept, and nothing is archived
/// @param partitions how many shards it has
/// @param logKeepBytes how much of the log is kept at least for views that are declared later
/// @param maxAhead how far beyond the node's clock an event's time may lie
public record StreamSpec(
    String name,
    int version,
    EventType type,
    String schema,
    int time,
    List<Integer> key,
    Optional<IdSpec> id,
    Optional<Duration> retain,
    Optional<Duration> hot,
    int partitions,
    long logKeepBytes,
    Duration maxAhead) {
  public static final int APPEND_TIME = -1;
  public static final int DEFAULT_PARTITIONS = 8;
  public static final int MAX_PARTITIONS = 1024;
  public static final int MAX_VERSION = 10_000;

  /// Enough for a few hours at a thousand events a second, spread over all partitions.
  public static final long DEFAULT_LOG_KEEP_BYTES = 4L << 30;

  public static final Duration DEFAULT_MAX_AHEAD = Duration.ofHours(1);

  /// The greatest distance of an event's time from 1970, 73 000 years in microseconds: so far from
  /// the ends of the 64-bit range that no retention, window or bucket crosses them.
  public static final long MAX_TIME_MICROS = 1L << 61;

  /// The window of stream time in which a repeated id counts once.
  ///
  /// @param field a required STRING or LONG field
  public record IdSpec(int field, Duration window) {
    public static final Duration DEFAULT_WINDOW = Duration.ofHours(1);
  }

  /// Between the parts of a key that has several fields: the ASCII unit separator.
  public static final char KEY_SEPARATOR = '\u001f';

  public StreamSpec {
    key = List.copyOf(key);
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version);
    }
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new IllegalArgumentException("partitions: " + partitions);
    }
    if (time != APPEND_TIME) {
      FieldType timeType = type.field(time).type();
      if (timeType != FieldType.TIMESTAMP && timeType != FieldType.LONG) {
        throw new IllegalArgumentException("time field is a " + timeType);
      }
    }
  }

  /// A stream of version 1 that is not archived.
  public StreamSpec(
      String name,
      EventType type,
      String schema,
      int time,
      List<Integer> key,
      Optional<IdSpec> id,
      Optional<Duration> retain,
      int partitions,
      long logKeepBytes,
      Duration maxAhead) {
    this(
        name,
        1,
        type,
        schema,
        time,
        key,
        id,
        retain,
        Optional.empty(),
        partitions,
        logKeepBytes,
        maxAhead);
  }

  /// What its data is called, in topics, folders and archives: the stream's name, and from version
  /// 2 on the version, as in `clicks-v2`.
  public String dataName() {
    return version == 1 ? name : name + "-v" + version;
  }

  /// The text by which records of one key are known: the values of the key's fields, with
  /// [#KEY_SEPARATOR] between them.
  public static byte[] keyText(EventRow row, List<Integer> fields) {
    if (fields.size() == 1) {
      return row.keyText(fields.getFirst());
    }
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    for (int i = 0; i < fields.size(); i++) {
      if (i > 0) {
        key.write(KEY_SEPARATOR);
      }
      key.writeBytes(row.keyText(fields.get(i)));
    }
    return key.toByteArray();
  }

  /// The event time, in microseconds since 1970; one beyond [#MAX_TIME_MICROS] counts as that.
  ///
  /// @param appendMs when the log took the event, in milliseconds since 1970
  public long timeMicros(EventRow row, long appendMs) {
    if (time == APPEND_TIME) {
      return micros(appendMs);
    }
    long word = row.word(time);
    return type.field(time).type() == FieldType.TIMESTAMP
        ? Math.clamp(word, -MAX_TIME_MICROS, MAX_TIME_MICROS)
        : micros(word);
  }

  private static long micros(long millis) {
    return Math.clamp(millis, -MAX_TIME_MICROS / 1000, MAX_TIME_MICROS / 1000) * 1000;
  }
}
