package io.tidemark.rollup;

import io.tidemark.app.Measure;
import io.tidemark.event.FieldType;
import io.tidemark.table.Column;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The partials of one measure for many groups, numbered from 0.
///
/// A partial is stored as one or more columns; [#merge] adds a stored partial to a group. Merging
/// is associative and commutative, so the order of segments, shards and nodes does not matter.
abstract sealed class Accumulator
    permits CountAccumulator,
        LongSumAccumulator,
        DoubleSumAccumulator,
        ExtremeAccumulator,
        SketchAccumulator {
  /// A stored partial that is being merged: columns in the order of [#columns].
  interface Partial {
    boolean isNull(int column);

    long word(int column);

    byte[] bytes(int column);
  }

  /// The accumulator of a measure.
  ///
  /// @param type the type of the measure's field; null for a count of all events
  static Accumulator of(Measure measure, @Nullable FieldType type) {
    boolean real = type == FieldType.DOUBLE;
    return switch (measure.kind()) {
      case COUNT -> new CountAccumulator(measure.name());
      case SUM ->
          real
              ? new DoubleSumAccumulator(measure.name(), false)
              : new LongSumAccumulator(measure.name(), false);
      case AVG ->
          real
              ? new DoubleSumAccumulator(measure.name(), true)
              : new LongSumAccumulator(measure.name(), true);
      case MIN -> new ExtremeAccumulator(measure.name(), requireType(type), false);
      case MAX -> new ExtremeAccumulator(measure.name(), requireType(type), true);
      case DISTINCT ->
          new SketchAccumulator(measure.name(), requireType(type), DistinctSketch::new);
      case PERCENTILE ->
          new SketchAccumulator(
              measure.name(), requireType(type), () -> new PercentileSketch(measure.parameter()));
    };
  }

  private static FieldType requireType(@Nullable FieldType type) {
    if (type == null) {
      throw new IllegalArgumentException("the measure needs a field");
    }
    return type;
  }

  /// The columns of a stored partial.
  abstract List<ColumnSpec> columns();

  /// Makes room for groups up to this many.
  abstract void ensure(int groups);

  /// About how much memory the sketches of the groups up to this many take.
  long sketchBytes(int groups) {
    return 0;
  }

  /// Adds the value, if it is not null, of each of the first `count` rows to the row's group.
  ///
  /// @param column the measure's field; null for a count of all events
  abstract void add(int[] groups, @Nullable Column column, int[] rows, int count);

  abstract void merge(int group, Partial partial);

  /// Whether a column of a group's partial is null.
  boolean isNull(int group, int column) {
    return false;
  }

  abstract long word(int group, int column);

  byte[] bytes(int group, int column) {
    throw new IllegalStateException("no bytes");
  }

  /// What the partial comes to: a Long, BigInteger or Double, or null where there was no value.
  abstract @Nullable Number result(int group);

  /// Whether results are instants in microseconds rather than plain numbers.
  boolean isInstant() {
    return false;
  }

  static ColumnSpec longs(String name) {
    return new ColumnSpec(name, Type.LONG);
  }
}
