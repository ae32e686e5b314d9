package io.tidemark.table;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Finds events, newest first, in shards' segments and tails.
public final class EventTable {
  /// A segment of events and what it covers.
  ///
  /// @param partition of its events
  /// @param store where it is
  /// @param minTime the least event time in it
  /// @param maxTime the greatest
  public record Segment(
      int partition, SegmentSource store, String name, long minTime, long maxTime) {}

  /// How many segments are read together at most.
  private static final int MAX_AT_ONCE = 64;

  private final EventType type;
  private final TableShape shape;
  private final int partition;
  private final int schemaId;

  public EventTable(EventType type, int partition) {
    this.type = type;
    this.shape = TableShape.events(type);
    this.partition = partition;
    this.schemaId = EventCodec.schemaId(type);
  }

  public TableShape shape() {
    return shape;
  }

  public EventType type() {
    return type;
  }

  /// Adds what tails have, whose rows are not in segments yet, all rows of each view visible.
  ///
  /// @param notBefore events before this time are not answered any more
  public void addTails(
      EventQuery query, long notBefore, List<TailPart> tails, NewestEvents newest) {
    long from = Math.max(query.from(), notBefore);
    List<Condition> conditions = conditions(query, notBefore, List.of(partition));
    for (TailPart part : tails) {
      addTail(part, conditions, from, query.to(), newest);
    }
  }

  private void addTail(
      TailPart part, List<Condition> conditions, long from, long to, NewestEvents newest) {
    Tail tail = part.tail();
    TailFilter filter = new TailFilter(tail, conditions);
    if (filter.passesNone()) {
      return;
    }
    RowBatch one = new RowBatch(type, 1);
    int at = part.last() - 1;
    while (at >= part.first()) {
      int block = at / Tail.BLOCK;
      int start = Math.max(part.first(), block * Tail.BLOCK);
      if (!tail.blockMisses(block, from, to)) {
        for (; at >= start; at--) {
          if (newest.wants(partition, tail.time(at), tail.offset(at)) && filter.passes(at)) {
            EventRow row = tail.read(at, one);
            newest.add(event(partition, tail.time(at), tail.offset(at), row));
          }
        }
      }
      at = start - 1;
    }
  }

  /// @param partitions of the events
  private static List<Condition> conditions(
      EventQuery query, long notBefore, Collection<Integer> partitions) {
    List<Condition> conditions = new ArrayList<>(query.where());
    conditions.add(
        new Condition.WordRange(TableShape.TIME, Math.max(query.from(), notBefore), query.to()));
    EventQuery.Cursor after = query.after();
    if (after != null) {
      // The order goes on by partition: at the cursor's own time and offset, lower partitions
      // follow.
      boolean mayBeAt = partitions.stream().anyMatch(p -> p < after.partition());
      long offset = mayBeAt ? after.offset() + 1 : after.offset();
      conditions.add(new Condition.OlderThan(after.timeMicros(), offset));
    }
    return conditions;
  }

  /// Adds what segments have: reads them newest first until no other can matter, each time twice as
  /// many as before, or as many as would have what is still missing if they had as much of it as
  /// those before.
  ///
  /// @param notBefore events before this time are not answered any more
  /// @param segments of this shard or of several of the same type; those of several shards are in
  ///   stores of one kind
  /// @param fetched whether they have to be fetched first: then never more than twice as many
  public void addSegments(
      EventQuery query,
      long notBefore,
      List<Segment> segments,
      boolean fetched,
      NewestEvents newest)
      throws IOException {
    long from = Math.max(query.from(), notBefore);
    EventQuery.Cursor after = query.after();
    long last = after == null ? Long.MAX_VALUE : after.timeMicros();
    List<Segment> byTime =
        segments.stream()
            .filter(s -> s.maxTime() >= from && s.minTime() < query.to() && s.minTime() <= last)
            .sorted(Comparator.comparingLong(Segment::maxTime).reversed())
            .toList();
    // The newest ones of each shard overlap.
    long shards = byTime.stream().mapToInt(Segment::partition).distinct().count();
    int batch = Math.clamp(shards, 1, MAX_AT_ONCE);
    int found = 0;
    for (int at = 0; at < byTime.size(); ) {
      if (newest.isBeyond(byTime.get(at).maxTime())) {
        return;
      }
      List<Segment> some = byTime.subList(at, Math.min(at + batch, byTime.size()));
      found += addAtOnce(query, notBefore, some, newest);
      at += some.size();
      long guess = fetched ? 0 : found == 0 ? MAX_AT_ONCE : (long) at * newest.missing() / found;
      batch = Math.clamp(guess, Math.min(2 * batch, MAX_AT_ONCE), MAX_AT_ONCE);
    }
  }

  /// @return how many events were found
  private int addAtOnce(EventQuery query, long notBefore, List<Segment> some, NewestEvents newest)
      throws IOException {
    Map<Integer, List<Segment>> byPartition = new TreeMap<>();
    some.forEach(s -> byPartition.computeIfAbsent(s.partition(), _ -> new ArrayList<>()).add(s));
    // In the order in which their files are numbered.
    List<Segment> inOrder = byPartition.values().stream().flatMap(List::stream).toList();
    Segments selected =
        byPartition.values().stream()
            .map(of -> of.getFirst().store().select(of.stream().map(Segment::name).toList()))
            .reduce(Segments::and)
            .orElseThrow();
    boolean several = byPartition.size() > 1;
    List<Integer> columns = new ArrayList<>(allColumns());
    if (several) {
      columns.add(Scan.FILE);
    }
    // One of each partition may be at the cursor, and not after it. Of several at one place a scan
    // may take any.
    int limit = query.limit() + (several ? 2 * byPartition.size() : 0);
    Scan scan =
        new Scan(
            columns,
            conditions(query, notBefore, byPartition.keySet()),
            Scan.Order.NEWEST_FIRST,
            limit);
    EventRow row = new EventRow(type);
    int[] found = new int[1];
    selected.scan(
        shape,
        scan,
        stored -> {
          found[0]++;
          int of =
              several
                  ? inOrder.get((int) stored.word(shape.size())).partition()
                  : inOrder.getFirst().partition();
          long time = stored.word(TableShape.TIME);
          long offset = stored.word(TableShape.OFFSET);
          if (newest.wants(of, time, offset)) {
            read(stored, row);
            newest.add(event(of, time, offset, row));
          }
        });
    return found[0];
  }

  /// Takes events, each valid only during the visit.
  @FunctionalInterface
  public interface Visitor {
    void visit(long timeMicros, long offset, EventRow row);
  }

  /// Visits events of segments.
  ///
  /// @param where all must hold; columns as in [TableShape#events]
  /// @param rows gives the row to be filled with the next event
  public void visit(
      SegmentSource store,
      List<String> names,
      List<Condition> where,
      Scan.Order order,
      Supplier<EventRow> rows,
      Visitor visitor)
      throws IOException {
    store.scan(
        shape,
        names,
        new Scan(allColumns(), where, order, Scan.ALL),
        stored -> {
          EventRow row = rows.get();
          read(stored, row);
          visitor.visit(stored.word(TableShape.TIME), stored.word(TableShape.OFFSET), row);
        });
  }

  /// Visits events of a tail, in their order.
  public void visit(TailPart part, List<Condition> where, Visitor visitor) {
    Tail tail = part.tail();
    TailFilter filter = new TailFilter(tail, where);
    if (filter.passesNone()) {
      return;
    }
    RowBatch one = new RowBatch(type, 1);
    for (int at = part.first(); at < part.last(); at++) {
      if (filter.passes(at)) {
        visitor.visit(tail.time(at), tail.offset(at), tail.read(at, one));
      }
    }
  }

  private List<Integer> allColumns() {
    return IntStream.range(0, shape.size()).boxed().toList();
  }

  private void read(Scan.Row stored, EventRow row) {
    row.clear();
    for (int i = 0; i < type.size(); i++) {
      int column = TableShape.FIRST_FIELD + i;
      if (stored.isNull(column)) {
        continue;
      }
      if (type.field(i).type().isText()) {
        byte[] text = stored.bytes(column);
        row.setText(i, text, 0, text.length);
      } else {
        row.setWord(i, stored.word(column));
      }
    }
    int extra = shape.size() - 1;
    if (!stored.isNull(extra)) {
      byte[] text = stored.bytes(extra);
      row.setExtra(text, 0, text.length);
    }
  }

  private StoredEvent event(int of, long time, long offset, EventRow row) {
    return new StoredEvent(of, offset, time, EventCodec.encodeValue(row, schemaId));
  }
}
