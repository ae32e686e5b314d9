package io.tidemark.table;

import io.tidemark.event.AnswerBytes;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Finds events, newest first, in one shard's segments and tails.
public final class EventTable {
  /// A segment of events and what it covers.
  ///
  /// @param minTime the least event time in it
  /// @param maxTime the greatest
  public record Segment(String name, long minTime, long maxTime) {}

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

  /// Answers from one shard.
  ///
  /// @param notBefore events before this time are not answered any more
  /// @param tails what is not in segments yet, all rows of each view visible
  /// @throws AnswerBytes.TooLarge where the events are too large to be answered at once
  public List<StoredEvent> newest(
      EventQuery query,
      long notBefore,
      SegmentSource store,
      List<Segment> segments,
      List<TailPart> tails)
      throws IOException {
    long from = Math.max(query.from(), notBefore);
    List<Condition> conditions = new ArrayList<>(query.where());
    conditions.add(new Condition.WordRange(TableShape.TIME, from, query.to()));
    EventQuery.Cursor after = query.after();
    if (after != null) {
      // The order goes on by partition: at the cursor's own time and offset, lower partitions
      // follow.
      long offset = partition < after.partition() ? after.offset() + 1 : after.offset();
      conditions.add(new Condition.OlderThan(after.timeMicros(), offset));
    }
    Newest newest = new Newest(query.limit());
    for (TailPart part : tails) {
      addTail(part, conditions, from, query, newest);
    }
    List<Segment> byTime =
        segments.stream()
            .filter(s -> s.maxTime() >= from && s.minTime() < query.to())
            .sorted(Comparator.comparingLong(Segment::maxTime).reversed())
            .toList();
    addSegments(store, byTime, conditions, query.limit(), newest);
    return newest.list();
  }

  private void addTail(
      TailPart part, List<Condition> conditions, long from, EventQuery query, Newest newest) {
    Tail tail = part.tail();
    TailFilter filter = new TailFilter(tail, conditions);
    RowBatch one = new RowBatch(type, 1);
    int at = part.last() - 1;
    while (at >= part.first()) {
      int block = at / Tail.BLOCK;
      int start = Math.max(part.first(), block * Tail.BLOCK);
      if (!tail.blockMisses(block, from, query.to())) {
        for (; at >= start; at--) {
          if (newest.wants(tail.time(at), tail.offset(at)) && filter.passes(at)) {
            EventRow row = tail.read(at, one);
            newest.add(event(tail.time(at), tail.offset(at), row));
          }
        }
      }
      at = start - 1;
    }
  }

  /// Reads segments newest first, each time twice as many as before, until no other can matter.
  private void addSegments(
      SegmentSource store,
      List<Segment> byTime,
      List<Condition> conditions,
      int limit,
      Newest newest)
      throws IOException {
    Scan scan = new Scan(allColumns(), conditions, Scan.Order.NEWEST_FIRST, limit);
    EventRow row = new EventRow(type);
    int batch = 1;
    for (int at = 0; at < byTime.size(); at += batch, batch = Math.min(2 * batch, MAX_AT_ONCE)) {
      if (newest.isBeyond(byTime.get(at).maxTime())) {
        return;
      }
      List<String> names =
          byTime.subList(at, Math.min(at + batch, byTime.size())).stream()
              .map(Segment::name)
              .toList();
      store.scan(
          shape,
          names,
          scan,
          stored -> {
            long time = stored.word(TableShape.TIME);
            long offset = stored.word(TableShape.OFFSET);
            if (newest.wants(time, offset)) {
              read(stored, row);
              newest.add(event(time, offset, row));
            }
          });
    }
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

  private StoredEvent event(long time, long offset, EventRow row) {
    return new StoredEvent(partition, offset, time, EventCodec.encodeValue(row, schemaId));
  }

  /// The newest events so far, within what an answer may hold.
  private static final class Newest {
    private final int limit;
    private final AnswerBytes bytes;

    private final PriorityQueue<StoredEvent> oldestFirst =
        new PriorityQueue<>((a, b) -> StoredEvent.newestFirst(b, a));

    Newest(int limit) {
      this.limit = limit;
      this.bytes = new AnswerBytes(limit);
    }

    boolean wants(long time, long offset) {
      if (oldestFirst.size() < limit) {
        return true;
      }
      StoredEvent oldest = oldestFirst.element();
      return time > oldest.timeMicros()
          || (time == oldest.timeMicros() && offset > oldest.offset());
    }

    /// Whether nothing at or before a time is wanted any more.
    boolean isBeyond(long time) {
      return oldestFirst.size() == limit && oldestFirst.element().timeMicros() > time;
    }

    void add(StoredEvent event) {
      if (oldestFirst.size() == limit) {
        bytes.remove(oldestFirst.remove());
      }
      bytes.add(event);
      oldestFirst.add(event);
    }

    List<StoredEvent> list() {
      return oldestFirst.stream().sorted(StoredEvent::newestFirst).toList();
    }
  }
}
