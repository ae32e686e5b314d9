package io.tidemark.shard;

import io.tidemark.event.AnswerBytes;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventDecoder;
import io.tidemark.event.EventRow;
import io.tidemark.event.FieldType;
import io.tidemark.event.Hashing;
import io.tidemark.event.StoredEvent;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.Condition;
import io.tidemark.table.RowRange;
import io.tidemark.table.TableShape;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Compares a timeline with what the table's events come to: the newest events of a key are asked
/// for as anybody would, and picked from all its events in the table. A step is a share of the
/// keys, by their hashes, so that what is picked fits into memory; each reads the whole table.
final class TimelineCheck implements Verification.Check {
  /// How many events of a share are in memory at most, about.
  private static final long SHARE = 500_000;

  /// How many keys a sample has at most.
  private static final int SAMPLE = 100;

  private final Timeline timeline;
  private final SortedStore store;
  private final ShardState.Seen seen;
  private final TableEvents table;
  private final EventDecoder decoder;
  private final int partition;
  private final int schemaId;
  private final long from;
  private final long to;

  /// Before this neither the table nor the timeline need have all events.
  private final long notBefore;

  private final long shares;

  /// Whether events may be missing that others have taken the place of, which are erased now.
  private final boolean hasLost;

  private long done;

  /// The keys to be compared; empty for all.
  private Set<String> sample = Set.of();

  /// @param from keys are those of events from this time on
  /// @param to and before this time
  TimelineCheck(
      Timeline timeline,
      SortedStore store,
      ShardState.Seen seen,
      TableEvents table,
      EventDecoder decoder,
      int partition,
      long from,
      long to) {
    this.timeline = timeline;
    this.store = store;
    this.seen = seen;
    this.table = table;
    this.decoder = decoder;
    this.partition = partition;
    this.schemaId = EventCodec.schemaId(table.table().type());
    this.from = from;
    this.to = to;
    this.notBefore = Math.max(table.notBefore(), timeline.notBefore(seen.streamTime()));
    this.shares = table.rows() / SHARE + 1;
    this.hasLost =
        !seen.erasures().stream().key().equals(List.of(timeline.spec().by()))
            && seen.erasures().touch(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /// An event's place, and by what its value is known.
  private record Place(long time, long offset, long value) {
    static Place of(StoredEvent event, byte[] value) {
      return new Place(event.timeMicros(), event.offset(), Hashing.hash64(value));
    }

    static int newestFirst(Place a, Place b) {
      return Comparator.comparingLong(Place::time).thenComparingLong(Place::offset).compare(b, a);
    }
  }

  /// What a key's events come to.
  private static final class Expected {
    /// By hash of the split value.
    private final Map<Integer, List<Place>> newest = new TreeMap<>();

    /// Whether one of them is in the range whose keys are wanted.
    private boolean wanted;
  }

  @Override
  public boolean step(Verification findings) throws IOException {
    if (done < shares) {
      for (Map.Entry<String, Expected> entry : expected().entrySet()) {
        if (entry.getValue().wanted) {
          compare(entry.getKey(), entry.getValue().newest, findings);
        }
      }
      done = sample.isEmpty() ? done + 1 : shares;
    }
    return done < shares;
  }

  @Override
  public double progress() {
    return (double) done / shares;
  }

  /// A sample has the keys of some events that happened one after the other.
  @Override
  public void seek(double place) throws IOException {
    RowRange times = table.times();
    long first = Math.max(Math.max(from, notBefore), times.min());
    long last = Math.min(to, times.max());
    done = shares;
    if (first <= last) {
      long begin = first + (long) (place * (last - first));
      Set<String> keys = new TreeSet<>();
      table.all(
          begin,
          table.endOf(begin, last + 1, 1, SAMPLE),
          List.of(),
          (_, _, row) -> {
            if (hasKey(row) && keys.size() < SAMPLE) {
              keys.add(key(row));
            }
          });
      sample = keys;
      done = keys.isEmpty() ? shares : 0;
    }
  }

  private boolean hasKey(EventRow row) {
    return !row.isNull(timeline.spec().by());
  }

  private String key(EventRow row) {
    return new String(timeline.keyOf(row), StandardCharsets.UTF_8);
  }

  private Map<String, Expected> expected() throws IOException {
    Map<String, Expected> expected = new HashMap<>();
    table.all(
        notBefore,
        Long.MAX_VALUE,
        sample.isEmpty() ? List.of() : List.of(isOneOf(sample)),
        (time, offset, row) -> {
          if (!hasKey(row) || !isInShare(row)) {
            return;
          }
          Expected of = expected.computeIfAbsent(key(row), _ -> new Expected());
          of.wanted |= time >= from && time < to;
          List<Place> events =
              of.newest.computeIfAbsent(timeline.splitOf(row), _ -> new ArrayList<>());
          byte[] value = EventCodec.encodeValue(row, schemaId);
          events.add(new Place(time, offset, Hashing.hash64(value)));
          if (events.size() >= 2 * timeline.spec().keep() + 16) {
            keepNewest(events);
          }
        });
    expected.values().forEach(e -> e.newest.values().forEach(this::keepNewest));
    return expected;
  }

  private boolean isInShare(EventRow row) {
    return !sample.isEmpty() || Math.floorMod(Hashing.hash64(timeline.keyOf(row)), shares) == done;
  }

  private void keepNewest(List<Place> events) {
    events.sort(Place::newestFirst);
    if (events.size() > timeline.spec().keep()) {
      events.subList(timeline.spec().keep(), events.size()).clear();
    }
  }

  private Condition isOneOf(Set<String> keys) {
    int field = timeline.spec().by();
    FieldType type = table.table().type().field(field).type();
    int column = TableShape.FIRST_FIELD + field;
    return type.isText()
        ? new Condition.TextIn(
            column, keys.stream().map(k -> k.getBytes(StandardCharsets.UTF_8)).toList())
        : new Condition.WordIn(column, keys.stream().map(Long::parseLong).toList());
  }

  private void compare(String key, Map<Integer, List<Place>> expected, Verification findings)
      throws IOException {
    TimelineQuery query =
        new TimelineQuery(
            key.getBytes(StandardCharsets.UTF_8),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            List.of(),
            timeline.spec().keep());
    Map<Integer, List<Place>> found = new TreeMap<>();
    try {
      timeline
          .newest(query, partition, store, seen.sealedNext(), seen.tails(), seen.erasures()::hides)
          .forEach((split, events) -> found.put(split, places(events)));
    } catch (AnswerBytes.TooLarge _) {
      // Nobody can ask for so much at once.
      return;
    }
    found.values().removeIf(List::isEmpty);
    if (expected.equals(found) || isAllThatIsLeft(expected, found)) {
      findings.same(1);
    } else {
      findings.differs(key, summary(expected), summary(found));
    }
  }

  /// Whether older events are missing only because a timeline that is not by the stream's key had
  /// given them up for events that have been erased since.
  private boolean isAllThatIsLeft(
      Map<Integer, List<Place>> expected, Map<Integer, List<Place>> found) {
    return hasLost
        && expected.keySet().containsAll(found.keySet())
        && expected.entrySet().stream()
            .allMatch(
                e -> {
                  List<Place> newest = found.getOrDefault(e.getKey(), List.of());
                  return newest.size() <= e.getValue().size()
                      && newest.equals(e.getValue().subList(0, newest.size()));
                });
  }

  private List<Place> places(List<StoredEvent> events) {
    List<Place> places = new ArrayList<>();
    EventRow row = new EventRow(decoder.type());
    for (StoredEvent event : events) {
      if (event.timeMicros() >= notBefore) {
        // The table's are all in the present shape, whatever they were written in.
        places.add(Place.of(event, decoder.inPresentShape(event.value(), row)));
      }
    }
    keepNewest(places);
    return places;
  }

  /// How many events, and the offsets of the newest ones.
  private static String summary(Map<Integer, List<Place>> bySplit) {
    List<Place> all =
        bySplit.values().stream().flatMap(List::stream).sorted(Place::newestFirst).toList();
    List<Long> newest = all.stream().limit(5).map(Place::offset).toList();
    return "%d events, newest at offsets %s".formatted(all.size(), newest);
  }
}
