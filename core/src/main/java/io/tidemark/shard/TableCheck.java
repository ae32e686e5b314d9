package io.tidemark.shard;

import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentSource;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Compares each segment of a table with what the manifest says of it.
final class TableCheck implements Verification.Check {
  /// Beyond what any segment has.
  private static final int MAX_ROWS = 1 << 27;

  private final TableShape shape;
  private final SegmentSource store;
  private final List<SegmentRef> segments;
  private int at;

  TableCheck(TableShape shape, SegmentSource store, List<SegmentRef> segments) {
    this.shape = shape;
    this.store = store;
    this.segments = segments;
  }

  @Override
  public boolean step(Verification findings) throws IOException {
    if (at < segments.size()) {
      compare(segments.get(at), findings);
      if (at > 0 && overlap(segments.get(at - 1), segments.get(at))) {
        findings.differs(
            segments.get(at).name(),
            "offsets from " + segments.get(at - 1).to(),
            "offsets from " + segments.get(at).from());
      }
      at++;
    }
    return at < segments.size();
  }

  /// Batches in the archive have several files each, and may reach beyond where it answers.
  private static boolean overlap(SegmentRef one, SegmentRef next) {
    return !SegmentRef.isArchived(one.name()) && next.from() < one.to();
  }

  @Override
  public double progress() {
    return segments.isEmpty() ? 1 : (double) at / segments.size();
  }

  @Override
  public void seek(double place) {
    at = (int) Math.min(place * segments.size(), Math.max(0, segments.size() - 1));
  }

  private void compare(SegmentRef segment, Verification findings) throws IOException {
    // A file in the archive may have few of its batch's offsets.
    long[] offsets = new long[(int) Math.min(segment.rows(), MAX_ROWS)];
    long[] rows = new long[2];
    Scan scan =
        new Scan(List.of(TableShape.TIME, TableShape.OFFSET), List.of(), Scan.Order.ANY, Scan.ALL);
    store.scan(
        shape,
        List.of(segment.name()),
        scan,
        row -> {
          long time = row.word(0);
          long offset = row.word(1);
          if (rows[0] < offsets.length) {
            offsets[(int) rows[0]] = offset;
          }
          rows[0]++;
          boolean right =
              offset >= segment.from()
                  && offset < segment.to()
                  && time >= segment.minTime()
                  && time <= segment.maxTime();
          rows[1] += right ? 0 : 1;
        });
    Arrays.sort(offsets);
    for (int i = 1; i < Math.min(rows[0], offsets.length); i++) {
      rows[1] += offsets[i] == offsets[i - 1] ? 1 : 0;
    }
    if (rows[0] == segment.rows() && rows[1] == 0) {
      findings.same(rows[0]);
    } else {
      findings.differs(
          segment.name(),
          "%d rows".formatted(segment.rows()),
          "%d rows, %d of them twice or out of bounds".formatted(rows[0], rows[1]));
    }
  }
}
