package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.server.duckdb.RowsFunction;
import io.tidemark.server.duckdb.Sql;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.RollupAnswer;
import io.tidemark.table.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The tables of one question, as views over what shards that are held have of them: of the files
/// only those that meet the range of time that the question looks at.
final class SqlViews implements AutoCloseable {
  /// As many as any answer of the rollups' own has at most.
  private static final int MAX_GROUPS = RollupQuery.MAX_LIMIT;

  private final RowsFunction memory;
  private final List<Part> parts = new ArrayList<>();
  private final List<Long> numbers = new ArrayList<>();
  private final Map<StreamPartition, Long> next = new LinkedHashMap<>();
  private int files;

  /// One table: some of the files, and rows in memory.
  ///
  /// @param groups of files, each with the time before which their rows are not answered any more
  /// @param segments how many files there are, needed or not
  record Part(
      SqlTable table, TimeBounds bounds, List<Group> groups, int segments, long number, Rows rows) {
    /// The names of the files that are needed.
    List<String> names() {
      return groups.stream()
          .flatMap(
              g ->
                  g.wanted().stream()
                      .flatMap(w -> w.segments().stream().map(s -> w.id().partition() + "/" + s)))
          .toList();
    }
  }

  /// Files of one table.
  ///
  /// @param first the place of the first one among all files of the question
  record Group(List<HeldShards.Wanted> wanted, int first, int count, long notBefore) {}

  private SqlViews(RowsFunction memory) {
    this.memory = memory;
  }

  /// Looks up what a question needs.
  ///
  /// @param needs by table, the range of time
  static SqlViews of(HeldShards held, Map<SqlTable, TimeBounds> needs, RowsFunction memory)
      throws IOException {
    SqlViews views = new SqlViews(memory);
    try {
      for (Map.Entry<SqlTable, TimeBounds> need : needs.entrySet()) {
        if (need.getKey().rollup().isPresent()) {
          views.addRollup(held, need.getKey(), need.getValue());
        } else {
          views.addStream(held, need.getKey(), need.getValue());
        }
      }
      return views;
    } catch (IOException | RuntimeException e) {
      views.close();
      throw e;
    }
  }

  private void addStream(HeldShards held, SqlTable table, TimeBounds bounds) {
    List<HeldShards.Table> shards = held.tables(table.stream().name());
    int segments = 0;
    // Where nothing is cut off, one scan reads the files of all shards.
    List<HeldShards.Wanted> whole = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    for (HeldShards.Table shard : shards) {
      seen(shard.id(), shard.next());
      segments += shard.segments().size();
      TimeBounds wanted = bounds.and(new TimeBounds(shard.notBefore(), Long.MAX_VALUE));
      List<HeldShards.Segment> needed =
          shard.segments().stream().filter(s -> wanted.meets(s.minTime(), s.maxTime())).toList();
      List<String> names = needed.stream().map(HeldShards.Segment::name).toList();
      HeldShards.Wanted one = new HeldShards.Wanted(shard.id(), names);
      if (needed.stream().anyMatch(s -> s.minTime() < shard.notBefore())) {
        groups.add(group(List.of(one), shard.notBefore()));
      } else if (!names.isEmpty() && table.hidesFiles()) {
        groups.add(group(List.of(one), Long.MIN_VALUE));
      } else if (!names.isEmpty()) {
        whole.add(one);
      }
    }
    if (!whole.isEmpty()) {
      groups.add(group(whole, Long.MIN_VALUE));
    }
    add(table, bounds, groups, segments, new TailsOfStream(table.shape(), shards, bounds));
  }

  private Group group(List<HeldShards.Wanted> wanted, long notBefore) {
    int count = wanted.stream().mapToInt(w -> w.segments().size()).sum();
    Group group = new Group(wanted, files, count, notBefore);
    files += count;
    return group;
  }

  private void addRollup(HeldShards held, SqlTable table, TimeBounds bounds) throws IOException {
    var rollup = table.rollup().orElseThrow();
    long every = rollup.everyMicros();
    // Whole buckets.
    TimeBounds buckets =
        new TimeBounds(
            bounds.from() < Long.MIN_VALUE + every
                ? Long.MIN_VALUE
                : Math.floorDiv(bounds.from(), every) * every,
            bounds.to() > Long.MAX_VALUE - every
                ? Long.MAX_VALUE
                : -Math.floorDiv(-bounds.to(), every) * every);
    RollupQuery query =
        new RollupQuery(
            Math.min(buckets.from(), buckets.to()),
            buckets.to(),
            every,
            IntStream.range(0, rollup.by().size()).boxed().toList(),
            List.of(),
            IntStream.range(0, rollup.measures().size()).boxed().toList(),
            MAX_GROUPS);
    RollupAnswer answer = held.rollup(table.stream().name(), rollup.name(), query);
    answer.next().forEach(this::seen);
    add(table, buckets, List.of(), 0, new GroupRows(table.shape(), answer.groups()));
  }

  private void add(SqlTable table, TimeBounds bounds, List<Group> groups, int segments, Rows rows) {
    long number = memory.add(rows);
    numbers.add(number);
    parts.add(new Part(table, bounds, groups, segments, number, rows));
  }

  /// A view that is ahead of another one of its shard has that one's events, too.
  private void seen(StreamPartition id, long position) {
    next.merge(id, position, Math::min);
  }

  /// What an answer contains.
  Mark mark() {
    return new Mark(next);
  }

  List<Part> parts() {
    return parts;
  }

  /// The files that are needed, in the order in which [#statements] wants them.
  List<HeldShards.Wanted> wanted() {
    return parts.stream()
        .flatMap(p -> p.groups().stream())
        .flatMap(g -> g.wanted().stream())
        .toList();
  }

  /// What makes the views.
  ///
  /// @param paths of the files that are needed
  List<String> statements(List<Path> paths) {
    return parts.stream().map(part -> statement(part, paths)).toList();
  }

  private static String statement(Part part, List<Path> paths) {
    SqlTable table = part.table();
    StringBuilder sql = new StringBuilder("CREATE OR REPLACE TEMP VIEW ");
    sql.append(Sql.identifier(table.name())).append(" AS ");
    for (Group group : part.groups()) {
      sql.append("SELECT ").append(table.selection()).append(" FROM (SELECT *, ");
      sql.append(partition(group))
          .append(" AS ")
          .append(Sql.identifier(table.partitionSource()))
          .append(" FROM ");
      sql.append(Sql.readParquet(paths.subList(group.first(), group.first() + group.count())));
      sql.append(')');
      if (group.notBefore() != Long.MIN_VALUE) {
        sql.append(" WHERE _time >= make_timestamp(").append(group.notBefore()).append(')');
      }
      sql.append(" UNION ALL ");
    }
    return sql.append("SELECT ")
        .append(table.selection())
        .append(" FROM (")
        .append(RowsFunction.select(part.number(), part.rows()))
        .append(')')
        .toString();
  }

  /// The partition of a row.
  private static String partition(Group group) {
    if (group.wanted().size() == 1) {
      return "CAST(%d AS BIGINT)".formatted(group.wanted().getFirst().id().partition());
    }
    return group.wanted().stream()
        .flatMap(w -> w.segments().stream().map(_ -> Integer.toString(w.id().partition())))
        .collect(
            Collectors.joining(
                ", ",
                "list_extract(CAST([",
                "] AS BIGINT[]), CAST(%s AS BIGINT) + 1)".formatted(SqlTable.FILE_INDEX)));
  }

  /// Forgets the rows in memory.
  @Override
  public void close() {
    numbers.forEach(memory::remove);
  }
}
