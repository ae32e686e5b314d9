package io.tidemark.shard;

import io.tidemark.event.EventRow;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.EventTable;
import io.tidemark.table.RowRange;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// The events that a shard's table has at one moment, in files and in memory.
///
/// @param notBefore events before this time may have gone
record TableEvents(EventTable table, TableFiles files, List<TailPart> tails, long notBefore) {
  /// Visits events in files.
  ///
  /// @param from the first time, inclusive
  /// @param to the last time, exclusive
  /// @param rows gives the row to be filled with the next event
  void stored(long from, long to, Supplier<EventRow> rows, EventTable.Visitor visitor)
      throws IOException {
    visit(from, List.of(during(from, to)), to, rows, visitor);
  }

  /// Visits events in files and in memory.
  ///
  /// @param where all must hold
  void all(long from, long to, List<Condition> where, EventTable.Visitor visitor)
      throws IOException {
    List<Condition> conditions = new ArrayList<>(where);
    conditions.add(during(from, to));
    EventRow row = new EventRow(table.type());
    visit(from, conditions, to, () -> row, visitor);
    for (TailPart part : tails) {
      table.visit(part, conditions, visitor);
    }
  }

  private void visit(
      long from,
      List<Condition> conditions,
      long to,
      Supplier<EventRow> rows,
      EventTable.Visitor visitor)
      throws IOException {
    List<String> names = files.during(from, to).stream().map(SegmentRef::name).toList();
    table.visit(files, names, conditions, Scan.Order.ANY, rows, visitor);
  }

  private static Condition during(long from, long to) {
    return new Condition.WordRange(TableShape.TIME, from, to);
  }

  /// The least and the greatest time of any event; the other way round where there is none.
  RowRange times() {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (SegmentRef segment : files.all()) {
      min = Math.min(min, segment.minTime());
      max = Math.max(max, segment.maxTime());
    }
    for (TailPart part : tails) {
      for (int row = part.first(); row < part.last(); row++) {
        min = Math.min(min, part.tail().time(row));
        max = Math.max(max, part.tail().time(row));
      }
    }
    return new RowRange(min, max);
  }

  /// How many events there are.
  long rows() {
    return files.all().stream().mapToLong(SegmentRef::rows).sum()
        + tails.stream().mapToLong(p -> p.last() - p.first()).sum();
  }

  /// Where a range of about so many events in files ends.
  ///
  /// @param from where it begins
  /// @param limit where it ends at the latest, a multiple of the unit later
  /// @param unit the range is a multiple of it
  long endOf(long from, long limit, long unit, int wanted) {
    long least = 1;
    long most = Math.ceilDiv(limit - from, unit);
    while (least < most) {
      long middle = least + (most - least + 1) / 2;
      if (rows(from, from + middle * unit) <= wanted) {
        least = middle;
      } else {
        most = middle - 1;
      }
    }
    return from + least * unit;
  }

  /// About how many events files have in a range of time, as if those of a segment came evenly.
  private double rows(long from, long to) {
    double rows = 0;
    for (SegmentRef segment : files.all()) {
      double all = 1.0 + segment.maxTime() - segment.minTime();
      double some =
          (double) Math.min(to, segment.maxTime() + 1) - Math.max(from, segment.minTime());
      rows += some <= 0 ? 0 : segment.rows() * some / all;
    }
    return rows;
  }
}
