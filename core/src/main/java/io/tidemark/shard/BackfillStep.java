package io.tidemark.shard;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventRow;
import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.Condition;
import io.tidemark.table.EventTable;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/// Gives views the table's rows of some records: as a tail, which is sealed for them as a
/// checkpoint would have done it. Nobody sees that before a checkpoint has taken it.
public final class BackfillStep {
  private final Backfilling backfilling;
  private final Shard shard;
  private final long from;
  private final Map<String, Backfill> views;

  /// The segments that it writes.
  private final Set<String> files = new ConcurrentSkipListSet<>();

  /// @param from the first offset
  /// @param views that have everything below it
  BackfillStep(Backfilling backfilling, Shard shard, long from, Map<String, Backfill> views) {
    this.backfilling = backfilling;
    this.shard = shard;
    this.from = from;
    this.views = views;
  }

  /// What a step has done.
  ///
  /// @param views how many were filled further
  /// @param from with what the table had of records from this offset on
  /// @param to and below this one
  /// @param rows how many events that were
  public record Report(int views, long from, long to, int rows) {}

  /// Takes the step. An interrupted thread gets a [java.io.InterruptedIOException].
  ///
  /// @throws io.tidemark.archive.ArchiveException where the events are in the archive, and that
  ///   fails
  /// @throws DamagedException where a file of the table is not as it was written
  /// @throws IOException where that fails otherwise; it can be taken again
  public Report run() throws IOException {
    try {
      return shard.reading(this::fill);
    } finally {
      backfilling.ended(this);
    }
  }

  /// Gives it up before it has been run.
  public void cancel() {
    backfilling.ended(this);
  }

  private Report fill(ShardState now) throws IOException {
    ViewState table = now.manifest().view(Manifest.TABLE);
    long needed = views.values().stream().mapToLong(Backfill::to).min().orElseThrow();
    long forgotten = table.backfill().notBefore();
    long notBefore = Math.max(forgotten, shard.views().tableNotBefore(table.streamTime()));
    TableFiles files = shard.views().tableFiles(now.see(Manifest.TABLE));
    Rows rows = read(files, notBefore, Math.min(needed, table.next()));
    for (Map.Entry<String, Backfill> entry : views.entrySet()) {
      Backfill before = entry.getValue();
      Backfill reached =
          new Backfill(rows.to, before.to(), Math.max(before.notBefore(), notBefore));
      Optional<SegmentRef> segment =
          seal(now.manifest().view(entry.getKey()), rows, table.streamTime());
      backfilling.reached(entry.getKey(), reached, segment);
    }
    return new Report(views.size(), from, rows.to, rows.part().last());
  }

  private Optional<SegmentRef> seal(ViewState view, Rows rows, long streamTime) throws IOException {
    if (rows.part().last() == 0) {
      return Optional.empty();
    }
    files.add(view.segmentName(from, rows.to));
    return shard.views().seal(view, rows.part(), from, rows.to, streamTime);
  }

  /// Reads the table's next rows.
  ///
  /// @param notBefore files with nothing from this time on may have gone from the archive
  /// @param end rows of records below this offset are wanted, and in files
  private Rows read(TableFiles files, long notBefore, long end) throws IOException {
    long below = files.archived().below();
    List<SegmentRef> left =
        files.during(notBefore, Long.MAX_VALUE).stream()
            .filter(f -> end(f, below) > from && f.from() < end)
            .toList();
    long begin = left.stream().mapToLong(f -> Math.max(from, f.from())).min().orElse(end);
    while (true) {
      // Not from the archive and from here at once: each comes in its own order.
      long most = begin < below && below < end ? below : end;
      long to = Math.min(most, begin + backfilling.span(left));
      List<String> names =
          left.stream()
              .filter(f -> end(f, below) > begin && f.from() < to)
              .map(SegmentRef::name)
              .toList();
      Rows rows = read(files, names, begin, to);
      backfilling.adapt(rows.full, rows.tail.bytes());
      if (!rows.full || to == begin + 1) {
        return rows;
      }
    }
  }

  /// Where the records end that a file answers for.
  private static long end(SegmentRef file, long below) {
    return SegmentRef.isArchived(file.name()) ? Math.min(file.to(), below) : file.to();
  }

  private Rows read(TableFiles files, List<String> names, long begin, long to) throws IOException {
    Rows rows = new Rows(to);
    if (!names.isEmpty()) {
      Condition wanted = new Condition.WordRange(TableShape.OFFSET, begin, to);
      shard
          .views()
          .table()
          .visit(files, names, List.of(wanted), Scan.Order.BY_OFFSET, rows.batch::next, rows);
    }
    rows.end();
    return rows;
  }

  /// The rows of some records, in the order of their offsets.
  private final class Rows implements EventTable.Visitor {
    private final RowBatch batch = new RowBatch(shard.spec().stream().type(), RowBatch.SIZE);
    private final Tail tail;

    /// They are those of records below this offset.
    private final long to;

    /// There are more than have room.
    private boolean full;

    Rows(long to) {
      this.to = to;
      List<Integer> indexed =
          shard.spec().timelines().stream()
              .filter(t -> views.containsKey(t.name()))
              .map(TimelineSpec::by)
              .toList();
      this.tail = new Tail(shard.spec().stream().type(), indexed, from, Long.MIN_VALUE);
    }

    @Override
    public void visit(long timeMicros, long offset, EventRow row) {
      if (full) {
        return;
      }
      batch.add(offset, timeMicros);
      if (batch.isFull()) {
        append();
        full = tail.bytes() > backfilling.maxBytes();
      }
    }

    private void append() {
      tail.append(batch);
      batch.clear();
    }

    void end() {
      append();
      tail.publish(to, Long.MIN_VALUE);
    }

    TailPart part() {
      return new TailPart(tail, 0, tail.view().rows());
    }
  }

  /// The files that it writes.
  Set<String> files() {
    return files;
  }
}
