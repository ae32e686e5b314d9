package io.tidemark.server.streams;

import io.tidemark.table.Condition;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Segments in memory, for the conditions that rollups of [Readings] use.
final class MemorySegments implements SegmentStore {
  /// Cells by column and row: a Long, bytes, or null.
  static final class Segment {
    private final @Nullable Object[][] cells;
    private final int rows;

    Segment(@Nullable Object[][] cells, int rows) {
      this.cells = cells;
      this.rows = rows;
    }

    @Nullable Object cell(int column, int row) {
      return cells[column][row];
    }
  }

  /// Says no where writing fails.
  interface Room {
    void require() throws IOException;
  }

  private final Map<String, Segment> segments;
  private final Object lock;
  private final Room room;

  MemorySegments(Map<String, Segment> segments, Object lock, Room room) {
    this.segments = segments;
    this.lock = lock;
    this.room = room;
  }

  @Override
  public FileSum write(String name, Rows rows) throws IOException {
    List<TableShape.ColumnSpec> columns = rows.shape().columns();
    @Nullable Object[][] cells = new Object[columns.size()][rows.count()];
    for (int c = 0; c < cells.length; c++) {
      for (int r = 0; r < rows.count(); r++) {
        if (!rows.isNull(c, r)) {
          cells[c][r] =
              columns.get(c).type().isWord() ? (Object) rows.word(c, r) : rows.bytes(c, r);
        }
      }
    }
    synchronized (lock) {
      room.require();
      segments.put(name, new Segment(cells, rows.count()));
    }
    return sumOf(rows.count());
  }

  private static FileSum sumOf(int rows) {
    return new FileSum(rows, rows);
  }

  @Override
  public Optional<FileStamp> stamp(String name) {
    return Optional.ofNullable(segments.get(name)).map(s -> new FileStamp(s.rows, s));
  }

  @Override
  public FileSum sum(String name) throws IOException {
    Segment segment = segments.get(name);
    if (segment == null) {
      throw new IOException("no segment " + name);
    }
    return sumOf(segment.rows);
  }

  @Override
  public Segments select(List<String> names) {
    return new Selected(List.of(new Named(this, List.copyOf(names))));
  }

  private record Named(MemorySegments store, List<String> names) {}

  private record Selected(List<Named> parts) implements Segments {
    @Override
    public Segments and(Segments others) {
      List<Named> all = new ArrayList<>(parts);
      all.addAll(((Selected) others).parts);
      return new Selected(all);
    }

    @Override
    public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
      for (Named part : parts) {
        for (String name : part.names()) {
          part.store().scan(name, scan, visitor);
        }
      }
    }
  }

  private void scan(String name, Scan scan, Scan.Visitor visitor) throws IOException {
    Segment segment = segments.get(name);
    if (segment == null) {
      throw new IOException("no segment " + name);
    }
    for (int r = 0; r < segment.rows; r++) {
      int row = r;
      if (scan.conditions().stream().allMatch(c -> holds(c, segment, row))) {
        visitor.visit(new Row(segment, row, scan.columns()));
      }
    }
  }

  private static boolean holds(Condition condition, Segment segment, int row) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          segment.cell(column, row) instanceof Long word && word >= from && word < to;
      case Condition.WordIs(int column, long wanted) ->
          segment.cell(column, row) instanceof Long word && word == wanted;
      default -> throw new UnsupportedOperationException("condition " + condition);
    };
  }

  private record Row(Segment segment, int row, List<Integer> columns) implements Scan.Row {
    private @Nullable Object cell(int column) {
      return segment.cell(columns.get(column), row);
    }

    @Override
    public boolean isNull(int column) {
      return cell(column) == null;
    }

    @Override
    public long word(int column) {
      return cell(column) instanceof Long word ? word : 0;
    }

    @Override
    public byte[] bytes(int column) {
      return cell(column) instanceof byte[] bytes ? bytes : new byte[0];
    }
  }

  @Override
  public void delete(String name) throws IOException {
    synchronized (lock) {
      room.require();
      segments.remove(name);
    }
  }

  @Override
  public List<String> names() {
    return new ArrayList<>(segments.keySet());
  }
}
