package io.tidemark.rollup;

import io.tidemark.event.FieldType;
import io.tidemark.event.Hashing;
import io.tidemark.table.Column;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A sketch per group: a distinct count or a percentile. Stored as bytes.
final class SketchAccumulator extends Accumulator {
  private final String name;
  private final FieldType type;
  private final Supplier<Sketch> maker;
  private @Nullable Sketch[] sketches = new Sketch[16];

  SketchAccumulator(String name, FieldType type, Supplier<Sketch> maker) {
    this.name = name;
    this.type = type;
    this.maker = maker;
  }

  @Override
  List<ColumnSpec> columns() {
    return List.of(new ColumnSpec(name, Type.BYTES));
  }

  @Override
  void ensure(int groups) {
    if (groups > sketches.length) {
      sketches = Arrays.copyOf(sketches, Math.max(groups, sketches.length * 2));
    }
  }

  @Override
  void add(int[] groups, @Nullable Column column, int[] rows, int count) {
    for (int i = 0; i < count; i++) {
      if (column != null && !column.isNull(rows[i])) {
        add(groups[i], column, rows[i]);
      }
    }
  }

  private void add(int group, Column column, int row) {
    switch (column) {
      case Column.Words words -> {
        long word = words.word(row);
        sketch(group).add(hash(word), number(word));
      }
      case Column.Text text -> {
        byte[] value = text.dictionary().value(text.codes()[row]);
        sketch(group).add(Hashing.hash64(value), 0);
      }
    }
  }

  private double number(long word) {
    return type == FieldType.DOUBLE ? Double.longBitsToDouble(word) : word;
  }

  /// A bijection, so that different words never collide.
  private static long hash(long word) {
    long h = word * 0x9E3779B97F4A7C15L;
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
    return h ^ h >>> 32;
  }

  @Override
  void merge(int group, Partial partial) {
    if (!partial.isNull(0)) {
      sketch(group).merge(partial.bytes(0));
    }
  }

  private Sketch sketch(int group) {
    Sketch sketch = sketches[group];
    if (sketch == null) {
      sketch = maker.get();
      sketches[group] = sketch;
    }
    return sketch;
  }

  @Override
  long sketchBytes(int groups) {
    long bytes = 0;
    for (int group = 0; group < groups; group++) {
      Sketch sketch = sketches[group];
      bytes += sketch == null ? 0 : sketch.bytes();
    }
    return bytes;
  }

  @Override
  boolean isNull(int group, int column) {
    return sketches[group] == null;
  }

  @Override
  long word(int group, int column) {
    throw new IllegalStateException("a sketch is bytes");
  }

  @Override
  byte[] bytes(int group, int column) {
    return sketch(group).store();
  }

  @Override
  @Nullable Number result(int group) {
    return sketch(group).result();
  }
}
