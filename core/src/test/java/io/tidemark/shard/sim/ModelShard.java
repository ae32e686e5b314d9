package io.tidemark.shard.sim;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.TableShape;
import io.tidemark.table.Texts;
import io.tidemark.timeline.TimelineQuery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a shard is supposed to be: the list of its records, from which every answer is computed
/// anew, for any mark.
public final class ModelShard {
  /// An event in the log as the test made it.
  ///
  /// @param values of each field a `Long` (of a DOUBLE its raw bits), a `String` or null
  public record Logged(
      long offset,
      long timeMicros,
      @Nullable Object[] values,
      @Nullable String extra,
      byte[] value) {
    StoredEvent stored(int partition) {
      return new StoredEvent(partition, offset, timeMicros, value);
    }
  }

  private final StreamSpec stream;
  private final int partition;

  /// By offset; null where a record is malformed.
  private final List<@Nullable Logged> records = new ArrayList<>();

  /// By offset, whether the record is an event that had not been there before.
  private final List<Boolean> accepted = new ArrayList<>();

  /// By offset, the key that is to be gone.
  private final NavigableMap<Long, String> erasures = new TreeMap<>();

  private final Map<Object, Long> acceptedAt = new HashMap<>();
  private long streamTime = Long.MIN_VALUE;

  public ModelShard(StreamSpec stream, int partition) {
    this.stream = stream;
    this.partition = partition;
  }

  public long next() {
    return records.size();
  }

  /// @param record null for one that is malformed
  public void append(@Nullable Logged record) {
    records.add(record);
    accepted.add(record != null && accept(record));
  }

  /// The events of a key are to be gone, of records below the next one.
  void erase(String key) {
    erasures.put(next(), key);
    append(null);
  }

  /// Whether an event is to be gone for who knows of the records below an offset.
  boolean isErased(Logged event, long next) {
    String key = String.valueOf(event.values()[RandomDeclarations.KEY]);
    return erasures.subMap(event.offset(), Math.max(event.offset(), next)).containsValue(key);
  }

  /// Forgets all records from an offset on.
  public void cut(long next) {
    erasures.tailMap(next, true).clear();
    List<@Nullable Logged> kept = new ArrayList<>(records.subList(0, (int) next));
    records.clear();
    accepted.clear();
    acceptedAt.clear();
    streamTime = Long.MIN_VALUE;
    kept.forEach(this::append);
  }

  private boolean accept(Logged record) {
    streamTime = Math.max(streamTime, record.timeMicros());
    if (stream.id().isEmpty()) {
      return true;
    }
    Object id = record.values()[stream.id().get().field()];
    long window = micros(stream.id().get().window());
    Long last = acceptedAt.get(String.valueOf(id));
    if (last != null && streamTime - last <= window) {
      return false;
    }
    acceptedAt.put(String.valueOf(id), streamTime);
    return true;
  }

  /// All records but the malformed ones.
  public List<Logged> records() {
    return records.stream().flatMap(java.util.stream.Stream::ofNullable).toList();
  }

  /// How many events were older than the stream retains when they came.
  public long late(long next) {
    long now = Long.MIN_VALUE;
    long late = 0;
    for (int offset = 0; offset < next; offset++) {
      Logged record = records.get(offset);
      if (record != null) {
        now = Math.max(now, record.timeMicros());
        boolean old =
            stream.retain().isPresent()
                && record.timeMicros() < now - micros(stream.retain().get());
        late += accepted.get(offset) && old ? 1 : 0;
      }
    }
    return late;
  }

  /// The event at an offset.
  public Logged record(long offset) {
    return java.util.Objects.requireNonNull(records.get((int) offset));
  }

  /// The events below `next` that a view holds which has missed some.
  public List<Logged> events(Missed missed, long next) {
    return events(missed, 0, next);
  }

  /// Those of them that are not to be gone.
  private List<Logged> left(Missed missed, long next) {
    return erasures.isEmpty()
        ? events(missed, next)
        : events(missed, next).stream().filter(e -> !isErased(e, next)).toList();
  }

  /// Those of them from an offset on.
  List<Logged> events(Missed missed, long from, long next) {
    List<Logged> events = new ArrayList<>();
    for (int offset = (int) from; offset < next; offset++) {
      Logged record = records.get(offset);
      if (record != null && accepted.get(offset) && !missed.contains(offset)) {
        events.add(record);
      }
    }
    return events;
  }

  /// The greatest event time of all records below `next` but the missed ones, repeated ones
  /// included.
  public long streamTime(Missed missed, long next) {
    long greatest = Long.MIN_VALUE;
    for (int offset = 0; offset < next; offset++) {
      Logged record = records.get(offset);
      if (record != null && !missed.contains(offset)) {
        greatest = Math.max(greatest, record.timeMicros());
      }
    }
    return greatest;
  }

  public long malformed(long next) {
    return records.subList(0, (int) next).stream().filter(r -> r == null).count()
        - erasures.headMap(next).size();
  }

  private long notBefore(Optional<Duration> retain, Missed missed, long next) {
    long now = streamTime(missed, next);
    return retain.isEmpty() || now == Long.MIN_VALUE ? Long.MIN_VALUE : now - micros(retain.get());
  }

  static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }

  // The table.

  /// The time of the oldest event that this partition may still have.
  public long tableNotBefore(Missed missed, long next) {
    return notBefore(stream.retain(), missed, next);
  }

  /// All events that satisfy a query, newest first, without regard to its cursor and limit.
  public List<StoredEvent> table(EventQuery query, Missed missed, long next) {
    long notBefore = tableNotBefore(missed, next);
    List<StoredEvent> found = new ArrayList<>();
    for (Logged event : left(missed, next)) {
      if (event.timeMicros() >= Math.max(notBefore, query.from())
          && event.timeMicros() < query.to()
          && matches(event, query.where())) {
        found.add(event.stored(partition));
      }
    }
    found.sort(StoredEvent::newestFirst);
    return found;
  }

  private static boolean matches(Logged event, List<Condition> conditions) {
    for (Condition condition : conditions) {
      if (!matches(event, condition)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(Logged event, Condition condition) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          value(event, column) instanceof Long word && word >= from && word < to;
      case Condition.WordIs(int column, long wanted) ->
          value(event, column) instanceof Long word && word == wanted;
      case Condition.WordIn(int column, List<Long> wanted) ->
          value(event, column) instanceof Long word && wanted.contains(word);
      case Condition.TextIn(int column, List<byte[]> wanted) ->
          value(event, column) instanceof String text
              && wanted.stream().anyMatch(w -> Arrays.equals(w, utf8(text)));
      case Condition.AnyContains(List<Integer> columns, String needle) ->
          columns.stream()
              .anyMatch(
                  c ->
                      value(event, c) instanceof String text && Texts.lower(text).contains(needle));
      case Condition.OlderThan(long time, long offset) ->
          event.timeMicros() < time || (event.timeMicros() == time && event.offset() < offset);
      case Condition.NotAll(List<Condition> conditions) -> !matches(event, conditions);
    };
  }

  private static @Nullable Object value(Logged event, int column) {
    int field = column - TableShape.FIRST_FIELD;
    return switch (column) {
      case TableShape.TIME -> event.timeMicros();
      case TableShape.OFFSET -> event.offset();
      default -> field == event.values().length ? event.extra() : event.values()[field];
    };
  }

  // Timelines.

  /// Of each value of the split field (null is one) the events that are kept of a key, newest
  /// first, without those that are too old.
  public Map<Optional<Object>, List<StoredEvent>> kept(
      TimelineSpec spec, byte[] key, Missed missed, long next) {
    long notBefore = Math.max(missed.notBefore(), notBefore(spec.retain(), missed, next));
    String wanted = new String(key, StandardCharsets.UTF_8);
    Map<Optional<Object>, List<StoredEvent>> bySplit = new LinkedHashMap<>();
    for (Logged event : left(missed, next)) {
      Object of = event.values()[spec.by()];
      if (of != null && of.toString().equals(wanted)) {
        Object split = spec.split() == TimelineSpec.NO_SPLIT ? null : event.values()[spec.split()];
        bySplit
            .computeIfAbsent(Optional.ofNullable(split), _ -> new ArrayList<>())
            .add(event.stored(partition));
      }
    }
    bySplit.replaceAll(
        (_, all) ->
            all.stream()
                .sorted(StoredEvent::newestFirst)
                .limit(spec.keep())
                .filter(e -> e.timeMicros() >= notBefore)
                .toList());
    return bySplit;
  }

  /// The answer of some shards.
  ///
  /// @param kept of each shard what [#kept] says
  public static List<StoredEvent> timeline(
      TimelineSpec spec,
      FieldType splitType,
      TimelineQuery query,
      List<Map<Optional<Object>, List<StoredEvent>>> kept) {
    Map<Optional<Object>, List<StoredEvent>> all = new LinkedHashMap<>();
    for (Map<Optional<Object>, List<StoredEvent>> one : kept) {
      one.forEach((split, e) -> all.computeIfAbsent(split, _ -> new ArrayList<>()).addAll(e));
    }
    List<StoredEvent> answer = new ArrayList<>();
    all.forEach(
        (split, events) -> {
          if (query.splits().isEmpty()
              || (split.isPresent() && isOneOf(text(splitType, split.get()), query.splits()))) {
            events.stream()
                .sorted(StoredEvent::newestFirst)
                .limit(spec.keep())
                .filter(e -> e.timeMicros() >= query.from() && e.timeMicros() < query.to())
                .forEach(answer::add);
          }
        });
    return answer.stream().sorted(StoredEvent::newestFirst).limit(query.limit()).toList();
  }

  private static boolean isOneOf(String text, List<byte[]> wanted) {
    return wanted.stream().anyMatch(w -> Arrays.equals(w, utf8(text)));
  }

  /// A value as people write it.
  static String text(FieldType type, Object value) {
    return switch (type) {
      case BOOLEAN -> value.equals(1L) ? "true" : "false";
      case DOUBLE -> Double.toString(Double.longBitsToDouble((Long) value));
      case LONG, TIMESTAMP, STRING, JSON -> value.toString();
    };
  }

  // Rollups.

  /// The start of the oldest bucket that this partition still has.
  public long firstBucket(RollupSpec spec, Missed missed, long next) {
    long every = spec.everyMicros();
    long oldest = notBefore(spec.retain(), missed, next);
    long kept = oldest == Long.MIN_VALUE ? oldest : Math.floorDiv(oldest, every) * every;
    return missed.notBefore() == Long.MIN_VALUE
        ? kept
        : Math.max(kept, Math.ceilDiv(missed.notBefore(), every) * every);
  }

  /// The events of each group: of the bucket's start and the dimensions' values.
  public Map<List<@Nullable Object>, List<Logged>> groups(
      RollupSpec spec, RollupQuery query, Missed missed, long next) {
    long every = spec.everyMicros();
    long notBefore = firstBucket(spec, missed, next);
    Map<List<@Nullable Object>, List<Logged>> groups = new HashMap<>();
    for (Logged event : events(missed, next)) {
      long bucket = Math.floorDiv(event.timeMicros(), every) * every;
      if (bucket < notBefore
          || bucket < query.from()
          || bucket >= query.to()
          || !passes(spec, event, query.where())) {
        continue;
      }
      List<@Nullable Object> group = new ArrayList<>();
      group.add(Math.floorDiv(event.timeMicros(), query.every()) * query.every());
      query.by().forEach(d -> group.add(event.values()[spec.by().get(d)]));
      groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(event);
    }
    return groups;
  }

  private static boolean passes(RollupSpec spec, Logged event, List<RollupQuery.Filter> filters) {
    for (RollupQuery.Filter filter : filters) {
      if (!passes(spec, event, filter)) {
        return false;
      }
    }
    return true;
  }

  private static boolean passes(RollupSpec spec, Logged event, RollupQuery.Filter filter) {
    Object value = event.values()[spec.by().get(filter.dimension())];
    return switch (value) {
      case null -> false;
      case Long word -> filter.words().contains(word);
      default -> isOneOf(value.toString(), filter.texts());
    };
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
