package io.tidemark.rollup;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.table.Condition;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How a declared rollup is folded, stored and asked.
///
/// Stored rows: `_set` (the grouping set's bit mask), `_bucket`, the dimensions (null where the set
/// does not have them), then the columns of each measure's partial.
public final class Rollup {
  static final int SET = 0;
  static final int BUCKET = 1;
  static final int FIRST_DIMENSION = 2;

  /// The file of a rollup's partials.
  ///
  /// @param sets how many rows of each grouping set it holds
  public record Segment(String name, Map<Integer, Long> sets) {
    public Segment {
      sets = Map.copyOf(sets);
    }
  }

  private final RollupSpec spec;
  private final EventType type;
  private final TableShape shape;

  public Rollup(RollupSpec spec, EventType type) {
    this.spec = spec;
    this.type = type;
    List<ColumnSpec> columns = new ArrayList<>();
    columns.add(new ColumnSpec("_set", Type.LONG));
    columns.add(new ColumnSpec("_bucket", Type.TIMESTAMP));
    for (int dimension : spec.by()) {
      Field field = type.field(dimension);
      columns.add(new ColumnSpec(field.path(), TableShape.typeOf(field)));
    }
    for (Accumulator accumulator : groups(spec.by(), spec.measures(), 1).accumulators()) {
      columns.addAll(accumulator.columns());
    }
    this.shape = new TableShape(columns);
  }

  public RollupSpec spec() {
    return spec;
  }

  /// The shape of stored rows.
  public TableShape shape() {
    return shape;
  }

  private Groups groups(List<Integer> fields, List<Measure> measures, int limit) {
    return new Groups(type, fields, measures, limit);
  }

  /// Groups for the answer to a query, empty.
  public Groups answer(RollupQuery query) {
    return groups(
        query.by().stream().map(spec.by()::get).toList(),
        query.measures().stream().map(spec.measures()::get).toList(),
        query.limit());
  }

  /// The path of a dimension's field.
  public String dimension(int dimension) {
    return type.field(spec.by().get(dimension)).path();
  }

  /// The columns by which stored rows are sorted.
  public List<Integer> storedOrder() {
    return List.of(SET, BUCKET);
  }

  /// The columns of stored rows that have the values of some fields, in their order; none where not
  /// all of them are dimensions.
  public List<Integer> columnsOf(List<Integer> fields) {
    return spec.by().containsAll(fields)
        ? fields.stream().map(f -> FIRST_DIMENSION + spec.by().indexOf(f)).toList()
        : List.of();
  }

  /// A query for every measure of every group of a grouping set in a range of time.
  public RollupQuery everything(int set, long from, long to) {
    RollupQuery all = everythingOf(set, Integer.MAX_VALUE);
    return new RollupQuery(
        from, to, all.every(), all.by(), all.where(), all.measures(), all.limit());
  }

  /// Groups of all dimensions as those of a smaller grouping set.
  public Groups regrouped(Groups full, int set) {
    RollupQuery coarse = everythingOf(set, Integer.MAX_VALUE);
    Groups groups = answer(coarse);
    groups.regroup(full, coarse.by());
    return groups;
  }

  /// A query for all that there is of a grouping set, of every measure.
  ///
  /// @param limit how many groups it may have
  RollupQuery everythingOf(int set, int limit) {
    return new RollupQuery(
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        spec.everyMicros(),
        IntStream.range(0, spec.by().size()).filter(d -> (set & 1 << d) != 0).boxed().toList(),
        List.of(),
        IntStream.range(0, spec.measures().size()).boxed().toList(),
        limit);
  }

  /// The start of the oldest bucket that is still answered.
  public long notBefore(long streamTime) {
    if (spec.retain().isEmpty() || streamTime == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    long oldest = streamTime - spec.retain().get().toNanos() / 1000;
    return Math.floorDiv(oldest, spec.everyMicros()) * spec.everyMicros();
  }

  /// The start of the first bucket that has nothing from before a time.
  public long firstBucket(long timeMicros) {
    return timeMicros == Long.MIN_VALUE
        ? timeMicros
        : Math.ceilDiv(timeMicros, spec.everyMicros()) * spec.everyMicros();
  }

  /// Adds rows of a tail to an answer.
  public void foldTail(TailPart part, RollupQuery query, long notBefore, Groups answer) {
    List<Integer> measured =
        query.measures().stream().map(m -> spec.measures().get(m).field()).toList();
    new TailFold(part.tail(), query, notBefore, spec.by(), measured, answer)
        .fold(part.first(), part.last());
  }

  /// Adds the stored partials of segments to an answer, reading of each the smallest grouping set
  /// that can answer, and all of a set in one scan: one costs more to begin than to go on with.
  ///
  /// @param stored segments by the store they lie in
  public void foldSegments(
      Map<SegmentStore, List<Segment>> stored, RollupQuery query, long notBefore, Groups answer)
      throws IOException {
    Map<Integer, Segments> bySet = new HashMap<>();
    stored.forEach(
        (store, segments) ->
            namesBySet(segments, query)
                .forEach((set, names) -> bySet.merge(set, store.select(names), Segments::and)));
    for (Map.Entry<Integer, Segments> entry : bySet.entrySet()) {
      StoredFold fold = new StoredFold(this, query, answer);
      List<Condition> conditions = new ArrayList<>();
      conditions.add(new Condition.WordIs(SET, entry.getKey()));
      conditions.add(
          new Condition.WordRange(BUCKET, Math.max(query.from(), notBefore), query.to()));
      for (RollupQuery.Filter filter : query.where()) {
        conditions.add(condition(filter));
      }
      Scan scan = new Scan(fold.columns(), conditions, Scan.Order.ANY, Scan.ALL);
      entry.getValue().scan(shape, scan, fold);
    }
  }

  private static Map<Integer, List<String>> namesBySet(List<Segment> segments, RollupQuery query) {
    return segments.stream()
        .collect(
            Collectors.groupingBy(
                s -> smallestSet(s.sets(), query.needs()),
                Collectors.mapping(Segment::name, Collectors.toList())));
  }

  private Condition condition(RollupQuery.Filter filter) {
    int column = FIRST_DIMENSION + filter.dimension();
    return shape.columns().get(column).type().isWord()
        ? new Condition.WordIn(column, filter.words())
        : new Condition.TextIn(column, filter.texts());
  }

  /// The set with the fewest rows among those that have all needed dimensions.
  static int smallestSet(Map<Integer, Long> sets, int needs) {
    return sets.entrySet().stream()
        .filter(e -> (e.getKey() & needs) == needs)
        .min(Map.Entry.<Integer, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .orElseThrow(() -> new IllegalStateException("no grouping set has " + needs))
        .getKey();
  }

  /// Folds rows of a tail into partials to be stored.
  public SealedRollup seal(TailPart part, long notBefore) {
    return SealedRollup.of(this, type, part, notBefore);
  }

  /// The place in the shape of each measure's first column.
  int firstColumn(int measure) {
    int column = FIRST_DIMENSION + spec.by().size();
    List<Accumulator> all = groups(spec.by(), spec.measures(), 1).accumulators();
    for (int m = 0; m < measure; m++) {
      column += all.get(m).columns().size();
    }
    return column;
  }
}
