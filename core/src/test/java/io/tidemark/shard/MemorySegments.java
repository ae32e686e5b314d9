package io.tidemark.shard;

import io.tidemark.table.Condition;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.ListRows;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import io.tidemark.table.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// Segments in memory.
public final class MemorySegments implements SegmentStore {
  private final Map<String, ListRows> segments;
  private final Disk disk;

  /// Makes changes, or fails.
  public interface Disk {
    void change(Runnable change) throws IOException;
  }

  public MemorySegments() {
    this(new ConcurrentSkipListMap<>(), Runnable::run);
  }

  /// @param segments what there is; for many threads
  public MemorySegments(Map<String, ListRows> segments, Disk disk) {
    this.segments = segments;
    this.disk = disk;
  }

  @Override
  public FileSum write(String name, Rows rows) throws IOException {
    ListRows copy = asStored(rows);
    disk.change(() -> segments.put(name, copy));
    return sumOf(copy);
  }

  @Override
  public FileSum merge(String name, List<String> parts, Merge merge, Rows more) throws IOException {
    return write(name, merged(sourceOf(parts).read(), merge, more));
  }

  /// What a merge comes to.
  static ListRows merged(List<ListRows> parts, Merge merge, Rows more) throws IOException {
    List<@Nullable Object[]> rows = new ArrayList<>(ListRows.copyOf(more).rows());
    for (ListRows old : parts) {
      ListRows part = old.in(more.shape());
      for (int row = 0; row < part.count(); row++) {
        Place place = new Place(part, row, 0);
        if (merge.conditions().stream().allMatch(place::satisfies)) {
          rows.add(blanked(merge, place));
        }
      }
    }
    Comparator<@Nullable Object[]> order = (_, _) -> 0;
    for (int column : merge.order()) {
      order = order.thenComparing(row -> (Long) Objects.requireNonNull(row[column]));
    }
    rows.sort(order);
    if (rows.size() != merge.rows()) {
      throw new IOException("%d rows instead of %d".formatted(rows.size(), merge.rows()));
    }
    return new ListRows(more.shape(), rows);
  }

  private static @Nullable Object[] blanked(Merge merge, Place place) {
    @Nullable Object[] row = place.rows().rows().get(place.row()).clone();
    merge
        .blank()
        .filter(blank -> !blank.unless().stream().allMatch(place::satisfies))
        .ifPresent(blank -> blank.columns().forEach(column -> row[column] = null));
    return row;
  }

  private static FileSum sumOf(ListRows rows) {
    return new FileSum(100 + 8L * rows.count() * rows.shape().size(), rows.count());
  }

  @Override
  public Optional<FileStamp> stamp(String name) {
    return Optional.ofNullable(segments.get(name)).map(r -> new FileStamp(sumOf(r).bytes(), r));
  }

  @Override
  public FileSum sum(String name) throws IOException {
    ListRows rows = segments.get(name);
    if (rows == null) {
      throw new IOException("no segment " + name);
    }
    return sumOf(rows);
  }

  /// What was written.
  ListRows rows(String name) {
    return Objects.requireNonNull(segments.get(name), name);
  }

  /// A copy with the values that every format stores; see [io.tidemark.table.SegmentFormat].
  public static ListRows asStored(Rows rows) {
    ListRows copy = ListRows.copyOf(rows);
    for (int c = 0; c < rows.shape().size(); c++) {
      TableShape.Type type = rows.shape().columns().get(c).type();
      for (var row : copy.rows()) {
        if (row[c] instanceof byte[] text && type == TableShape.Type.TEXT) {
          row[c] = new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        } else if (row[c] instanceof Long bits && type == TableShape.Type.DOUBLE) {
          // Unlike the raw bits, these are one for all NaNs.
          row[c] = Double.doubleToLongBits(Double.longBitsToDouble(bits));
        }
      }
    }
    return copy;
  }

  @Override
  public Segments select(List<String> names) {
    return new Selected(sourceOf(names));
  }

  private Source sourceOf(List<String> names) {
    return () -> {
      List<ListRows> parts = new ArrayList<>();
      for (String name : names) {
        ListRows rows = segments.get(name);
        if (rows == null) {
          throw new IOException("no segment " + name);
        }
        parts.add(rows);
      }
      return parts;
    };
  }

  /// Looks segments up when they are read.
  interface Source {
    List<ListRows> read() throws IOException;
  }

  /// Segments in memory.
  record Selected(Source source) implements Segments {
    @Override
    public Segments and(Segments others) {
      Selected those = (Selected) others;
      return new Selected(
          () -> {
            List<ListRows> parts = new ArrayList<>(source.read());
            parts.addAll(those.source.read());
            return parts;
          });
    }

    @Override
    public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
      MemorySegments.scanRows(shape, source.read(), scan, visitor);
    }
  }

  static void scanRows(TableShape shape, List<ListRows> parts, Scan scan, Scan.Visitor visitor) {
    List<Place> found = new ArrayList<>();
    for (int file = 0; file < parts.size(); file++) {
      ListRows part = parts.get(file).in(shape);
      for (int row = 0; row < part.count(); row++) {
        Place place = new Place(part, row, file);
        if (scan.conditions().stream().allMatch(place::satisfies)) {
          found.add(place);
        }
      }
    }
    switch (scan.order()) {
      case ANY -> {}
      case NEWEST_FIRST -> found.sort(Place::newestFirst);
      case BY_OFFSET -> found.sort(Comparator.comparingLong(p -> p.word(TableShape.OFFSET)));
    }
    for (Place place : found.subList(0, Math.min(found.size(), scan.limit()))) {
      visitor.visit(new FoundRow(place, scan.columns()));
    }
  }

  @Override
  public void delete(String name) throws IOException {
    disk.change(() -> segments.remove(name));
  }

  @Override
  public List<String> names() {
    return List.copyOf(segments.keySet());
  }

  /// A row of a segment.
  ///
  /// @param file which of the segments
  private record Place(ListRows rows, int row, int file) {
    boolean has(int column) {
      return !rows.isNull(column, row);
    }

    long word(int column) {
      return rows.word(column, row);
    }

    byte[] bytes(int column) {
      return rows.bytes(column, row);
    }

    int newestFirst(Place that) {
      int byTime = Long.compare(that.word(TableShape.TIME), word(TableShape.TIME));
      return byTime != 0
          ? byTime
          : Long.compare(that.word(TableShape.OFFSET), word(TableShape.OFFSET));
    }

    boolean satisfies(Condition condition) {
      return switch (condition) {
        case Condition.WordRange(int c, long from, long to) ->
            has(c) && word(c) >= from && word(c) < to;
        case Condition.WordIs(int c, long word) -> has(c) && word(c) == word;
        case Condition.WordIn(int c, List<Long> words) -> has(c) && words.contains(word(c));
        case Condition.TextIn(int c, List<byte[]> texts) ->
            has(c) && texts.stream().anyMatch(t -> Arrays.equals(t, bytes(c)));
        case Condition.AnyContains(List<Integer> columns, String needle) ->
            columns.stream().anyMatch(c -> has(c) && Texts.lower(bytes(c)).contains(needle));
        case Condition.OlderThan(long time, long offset) ->
            word(TableShape.TIME) < time
                || (word(TableShape.TIME) == time && word(TableShape.OFFSET) < offset);
        case Condition.NotAll(List<Condition> conditions) ->
            !conditions.stream().allMatch(this::satisfies);
      };
    }
  }

  private record FoundRow(Place place, List<Integer> columns) implements Scan.Row {
    @Override
    public boolean isNull(int column) {
      return columns.get(column) != Scan.FILE && !place.has(columns.get(column));
    }

    @Override
    public long word(int column) {
      int of = columns.get(column);
      return of == Scan.FILE ? place.file() : place.word(of);
    }

    @Override
    public byte[] bytes(int column) {
      return place.bytes(columns.get(column));
    }
  }
}
