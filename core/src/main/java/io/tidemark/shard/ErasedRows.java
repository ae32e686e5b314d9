package io.tidemark.shard;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.FieldType;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.Merge;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a file of the table has of events that are to be gone.
///
/// @param erased that, by erasure; empty where there is nothing
/// @param left how many rows are left without
record ErasedRows(List<Erasure> erased, long left) {
  ErasedRows {
    erased = List.copyOf(erased);
  }

  /// Looks through a file.
  interface File {
    void scan(Scan scan, Scan.Visitor visitor) throws IOException;
  }

  /// How many rows there are of a key, and their least and greatest times.
  private static final class Found {
    private long rows;
    private long min = Long.MAX_VALUE;
    private long max = Long.MIN_VALUE;
  }

  /// Looks for it.
  ///
  /// @param ref what is known of the file
  static ErasedRows find(File file, SegmentRef ref, Erasures erasures) throws IOException {
    Map<String, Found> found = new HashMap<>();
    Optional<Condition> gone = erasures.goneFromTable(ref);
    if (gone.isPresent()) {
      List<Integer> columns = new ArrayList<>(List.of(TableShape.TIME));
      columns.addAll(erasures.tableColumns());
      file.scan(
          new Scan(columns, List.of(gone.get()), Scan.Order.ANY, Scan.ALL),
          row -> {
            Found of = found.computeIfAbsent(key(row, erasures.stream()), _ -> new Found());
            of.rows++;
            of.min = Math.min(of.min, row.word(0));
            of.max = Math.max(of.max, row.word(0));
          });
    }
    List<Erasure> erased = new ArrayList<>();
    for (Erasure erasure : found.isEmpty() ? List.<Erasure>of() : erasures.of(ref)) {
      Found of = found.get(erasure.key());
      if (of != null) {
        erased.add(Erasure.of(erasure.offset(), 0, erasure.key()).plus(of.rows, of.min, of.max));
      }
    }
    return new ErasedRows(
        erased, ref.rows() - found.values().stream().mapToLong(f -> f.rows).sum());
  }

  /// The key of a row whose first column is its time, and whose others are those of the key.
  private static String key(Scan.Row row, StreamSpec stream) {
    StringBuilder key = new StringBuilder();
    List<Integer> fields = stream.key();
    for (int i = 0; i < fields.size(); i++) {
      FieldType type = stream.type().field(fields.get(i)).type();
      if (i > 0) {
        key.append(StreamSpec.KEY_SEPARATOR);
      }
      key.append(
          type.isText()
              ? new String(row.bytes(1 + i), StandardCharsets.UTF_8)
              : type.textOf(row.word(1 + i)));
    }
    return key.toString();
  }

  /// What makes a file without, where something is left.
  Merge without(SegmentRef ref, Erasures erasures) {
    return new Merge(erasures.ofTable(ref), List.of(TableShape.TIME, TableShape.OFFSET), left);
  }
}
