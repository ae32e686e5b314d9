package io.tidemark.shard;

import io.tidemark.rollup.Rollup;
import io.tidemark.shard.Erasing.Rewritten;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/// Writes files again without what is to be gone. Those that have nothing of it stay as they are.
/// Nobody sees that before a checkpoint has taken it.
public final class ErasureStep {
  private final Erasing erasing;
  private final Shard shard;
  private final Erasures erasures;
  private final long asOf;
  private final List<Part> parts;

  /// The files that it reads or writes.
  private final Set<String> files = new ConcurrentSkipListSet<>();

  private final List<String> written = new ArrayList<>();

  /// A file that may have something of it.
  record Part(String view, SegmentRef file) {}

  /// @param asOf the erasures are all those below this offset
  ErasureStep(Erasing erasing, Shard shard, Erasures erasures, long asOf, List<Part> parts) {
    this.erasing = erasing;
    this.shard = shard;
    this.erasures = erasures;
    this.asOf = asOf;
    this.parts = List.copyOf(parts);
    parts.forEach(p -> files.add(p.file().name()));
  }

  /// What a step has done.
  ///
  /// @param looked how many files were looked at
  /// @param written how many of them were written again, or have gone as a whole
  /// @param events how many events have gone from the table
  public record Report(int looked, int written, long events) {}

  /// Takes the step. An interrupted thread gets a [java.io.InterruptedIOException].
  ///
  /// @throws DamagedException where a file is not as it was written
  /// @throws IOException where that fails otherwise; it can be taken again
  public Report run() throws IOException {
    List<Rewritten> all = new ArrayList<>();
    boolean whole = false;
    try {
      for (Part part : parts) {
        all.add(part.view().equals(Manifest.TABLE) ? ofTable(part) : ofRollup(part));
      }
      erasing.rewritten(all);
      whole = true;
      int written = (int) all.stream().filter(r -> !isSame(r)).count();
      long events = all.stream().flatMap(r -> r.erased().stream()).mapToLong(Erasure::events).sum();
      return new Report(all.size(), written, events);
    } finally {
      try {
        if (!whole) {
          discard();
        }
      } finally {
        erasing.ended(this);
      }
    }
  }

  private void discard() throws IOException {
    for (String name : written) {
      shard.segments().delete(name);
    }
  }

  /// Gives it up before it has been run.
  public void cancel() {
    erasing.ended(this);
  }

  /// How many bytes the files to be looked at have.
  public long bytes() {
    return parts.stream().mapToLong(p -> p.file().sum().bytes()).sum();
  }

  private static boolean isSame(Rewritten one) {
    return one.after().filter(s -> s.name().equals(one.before().name())).isPresent();
  }

  private Rewritten ofTable(Part part) throws IOException {
    SegmentRef file = part.file();
    TableShape shape = shard.views().tableShape();
    ErasedRows rows =
        ErasedRows.find(
            (scan, visitor) -> shard.segments().scan(shape, List.of(file.name()), scan, visitor),
            file,
            erasures);
    if (rows.erased().isEmpty()) {
      return new Rewritten(file, Optional.of(file.asOf(asOf)), List.of());
    }
    if (rows.left() == 0) {
      return new Rewritten(file, Optional.empty(), rows.erased());
    }
    Merge merge = rows.without(file, erasures);
    return new Rewritten(
        file, Optional.of(rewrite(part, merge, shape, rows.left())), rows.erased());
  }

  private Rewritten ofRollup(Part part) throws IOException {
    SegmentRef file = part.file();
    Rollup rollup = shard.views().rollup(part.view());
    Optional<Merge.Blank> blank = erasures.ofRollup(rollup, file);
    boolean any = false;
    if (blank.isPresent()) {
      Condition someKey = new Condition.NotAll(blank.get().unless());
      any = isAny(rollup.shape(), file, someKey);
    }
    if (!any) {
      return new Rewritten(file, Optional.of(file.asOf(asOf)), List.of());
    }
    Merge merge = new Merge(List.of(), rollup.storedOrder(), file.rows(), blank);
    return new Rewritten(
        file, Optional.of(rewrite(part, merge, rollup.shape(), file.rows())), List.of());
  }

  private SegmentRef rewrite(Part part, Merge merge, TableShape shape, long rows)
      throws IOException {
    SegmentRef file = part.file();
    String name =
        "%s-%020d"
            .formatted(
                shard.manifest().view(part.view()).segmentName(file.from(), file.to()), asOf);
    files.add(name);
    written.add(name);
    FileSum sum = shard.segments().merge(name, List.of(file.name()), merge, Rows.none(shape));
    return file.rewritten(name, rows, sum, asOf);
  }

  private boolean isAny(TableShape shape, SegmentRef file, Condition condition) throws IOException {
    boolean[] any = new boolean[1];
    Scan one = new Scan(List.of(0), List.of(condition), Scan.Order.ANY, 1);
    shard.segments().scan(shape, List.of(file.name()), one, _ -> any[0] = true);
    return any[0];
  }

  /// The files that it reads or writes.
  Set<String> files() {
    return files;
  }
}
