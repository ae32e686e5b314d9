package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.server.duckdb.ConditionSql;
import io.tidemark.server.duckdb.FileShapes;
import io.tidemark.server.duckdb.RowsFunction;
import io.tidemark.server.duckdb.Sql;
import io.tidemark.server.duckdb.Task;
import io.tidemark.shard.HeldShards;
import io.tidemark.table.Condition;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The tables of one question, as views over what shards that are held have of them: of the files
/// only those that meet the range of time that the question looks at.
final class SqlViews implements AutoCloseable {
  /// Of all rollups of a question together: as many as any answer of the rollups' own has at most.
  private static final int MAX_GROUPS = RollupQuery.MAX_LIMIT;

  private final RowsFunction memory;
  private final StructFields fields;
  private final boolean onlyFiles;
  private final List<Part> parts = new ArrayList<>();
  private final List<Long> numbers = new ArrayList<>();
  private final Map<StreamPartition, Long> next = new LinkedHashMap<>();
  private int files;
  private int groupsLeft = MAX_GROUPS;

  /// One table: some of the files, and rows in memory.
  ///
  /// @param groups of files, each with the time before which their rows are not answered any more
  /// @param inMemory how many rows of tails are looked at
  record Part(
      SqlTable table,
      TimeRanges times,
      List<Group> groups,
      Files files,
      long number,
      Rows rows,
      long inMemory) {}

  /// The files of one table, or of a rollup.
  ///
  /// @param segments how many there are, needed or not
  /// @param needed the names of those that are needed
  record Files(int segments, List<String> needed) {
    static Files of(List<HeldShards.Table> shards, List<HeldShards.Wanted> needed) {
      return new Files(
          shards.stream().mapToInt(s -> s.segments().size()).sum(),
          needed.stream()
              .flatMap(w -> w.segments().stream().map(s -> w.id().partition() + "/" + s))
              .toList());
    }
  }

  /// Files of one table.
  ///
  /// @param first the place of the first one among all files of the question
  /// @param notBefore what happened before this time does not count
  /// @param below nor do records at this offset or beyond
  /// @param where what rows must satisfy besides
  record Group(
      List<HeldShards.Wanted> wanted,
      int first,
      int count,
      long notBefore,
      long below,
      List<Condition> where) {}

  /// What of a file's rows counts.
  private record Counted(long below, List<Condition> where) {
    static final Counted ALL = new Counted(Long.MAX_VALUE, List.of());
  }

  private SqlViews(RowsFunction memory, StructFields fields, boolean onlyFiles) {
    this.memory = memory;
    this.fields = fields;
    this.onlyFiles = onlyFiles;
  }

  /// Looks up what a question needs. Throws [Groups.TooMany] where rollups have too many groups.
  ///
  /// @param plan what the question needs
  /// @param needs by table, its times
  /// @param onlyFiles whether nothing but the files is wanted: rollups have no rows then
  static SqlViews of(
      HeldShards held,
      SqlPlanner.Plan plan,
      Map<SqlTable, TimeRanges> needs,
      RowsFunction memory,
      boolean onlyFiles)
      throws IOException {
    SqlViews views = new SqlViews(memory, plan.fields(), onlyFiles);
    try {
      for (Map.Entry<SqlTable, TimeRanges> need : needs.entrySet()) {
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

  private void addStream(HeldShards held, SqlTable table, TimeRanges times) {
    List<HeldShards.Table> shards = held.tables(table.stream().name());
    List<HeldShards.Wanted> all = new ArrayList<>();
    // Where nothing is cut off, one scan reads the files of all shards.
    List<HeldShards.Wanted> whole = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    for (HeldShards.Table shard : shards) {
      seen(shard.id(), shard.next());
      List<HeldShards.Segment> needed = needed(shard, times);
      if (needed.isEmpty()) {
        continue;
      }
      all.add(wanted(shard, needed));
      // Of one batch in the archive the end may be here, too.
      Map<Counted, List<HeldShards.Segment>> byCounted =
          needed.stream()
              .collect(
                  Collectors.groupingBy(
                      s -> new Counted(s.below(), s.where()),
                      LinkedHashMap::new,
                      Collectors.toList()));
      byCounted.forEach(
          (counted, segments) -> {
            HeldShards.Wanted one = wanted(shard, segments);
            boolean isCut = segments.stream().anyMatch(s -> s.minTime() < shard.notBefore());
            if (isCut || !counted.equals(Counted.ALL) || table.hidesFiles()) {
              long notBefore = isCut ? shard.notBefore() : Long.MIN_VALUE;
              groups.add(group(List.of(one), notBefore, counted));
            } else {
              whole.add(one);
            }
          });
    }
    if (!whole.isEmpty()) {
      groups.add(group(whole, Long.MIN_VALUE, Counted.ALL));
    }
    Rows tails = new TailsOfStream(table.shape(), shards, times);
    add(table, times, groups, Files.of(shards, all), tails, tails.count());
  }

  private static List<HeldShards.Segment> needed(HeldShards.Table shard, TimeRanges times) {
    TimeRanges wanted = times.and(TimeRanges.of(new TimeBounds(shard.notBefore(), Long.MAX_VALUE)));
    return shard.segments().stream().filter(s -> wanted.meets(s.minTime(), s.maxTime())).toList();
  }

  private static HeldShards.Wanted wanted(
      HeldShards.Table shard, List<HeldShards.Segment> segments) {
    return new HeldShards.Wanted(
        shard.id(), segments.stream().map(HeldShards.Segment::name).toList());
  }

  private Group group(List<HeldShards.Wanted> wanted, long notBefore, Counted counted) {
    int count = wanted.stream().mapToInt(w -> w.segments().size()).sum();
    Group group = new Group(wanted, files, count, notBefore, counted.below(), counted.where());
    files += count;
    return group;
  }

  private void addRollup(HeldShards held, SqlTable table, TimeRanges times) throws IOException {
    var rollup = table.rollup().orElseThrow();
    TimeBounds buckets = buckets(times.whole(), rollup.everyMicros());
    TimeRanges read = TimeRanges.of(buckets);
    RollupQuery query =
        new RollupQuery(
            Math.min(buckets.from(), buckets.to()),
            buckets.to(),
            rollup.everyMicros(),
            IntStream.range(0, rollup.by().size()).boxed().toList(),
            List.of(),
            IntStream.range(0, rollup.measures().size()).boxed().toList(),
            Math.max(1, groupsLeft));
    List<HeldShards.Table> shards = held.rollup(table.stream().name(), rollup.name());
    shards.forEach(s -> seen(s.id(), s.next()));
    // What one of them has forgotten is asked of none.
    long oldest = shards.stream().mapToLong(HeldShards.Table::notBefore).max().orElseThrow();
    TimeRanges kept = read.and(TimeRanges.of(new TimeBounds(oldest, Long.MAX_VALUE)));
    Files files = Files.of(shards, shards.stream().map(s -> wanted(s, needed(s, kept))).toList());
    long inMemory =
        shards.stream().flatMap(s -> s.tails().stream()).mapToLong(t -> t.last() - t.first()).sum();
    Groups groups =
        onlyFiles
            ? new Rollup(rollup, table.stream().type()).answer(query)
            : held.rollup(table.stream().name(), rollup.name(), query).groups();
    groupsLeft -= groups.count();
    add(table, read, List.of(), files, new GroupRows(table.shape(), groups), inMemory);
  }

  /// Whole buckets.
  private static TimeBounds buckets(TimeBounds range, long every) {
    return new TimeBounds(
        range.from() < Long.MIN_VALUE + every
            ? Long.MIN_VALUE
            : Math.floorDiv(range.from(), every) * every,
        range.to() > Long.MAX_VALUE - every
            ? Long.MAX_VALUE
            : -Math.floorDiv(-range.to(), every) * every);
  }

  private void add(
      SqlTable table, TimeRanges times, List<Group> groups, Files files, Rows rows, long inMemory) {
    long number = memory.add(rows);
    numbers.add(number);
    parts.add(new Part(table, times, groups, files, number, rows, inMemory));
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
  /// @param shapes knows which of them are of an earlier shape
  List<String> statements(Task task, FileShapes shapes, List<Path> paths) throws SQLException {
    List<String> statements = new ArrayList<>();
    for (Part part : parts) {
      statements.add(statement(part, task, shapes, paths));
    }
    return statements;
  }

  private String statement(Part part, Task task, FileShapes shapes, List<Path> paths)
      throws SQLException {
    SqlTable table = part.table();
    TableShape stored = TableShape.events(table.stream().type());
    // Of a union DuckDB reads the first column where it needs none, so let that one cost nothing.
    String columns = "0 AS %s, %s".formatted(table.unusedName(), table.selection(fields));
    List<String> selects = new ArrayList<>();
    for (Group group : part.groups()) {
      StringBuilder sql = new StringBuilder("SELECT ").append(columns).append(" FROM (SELECT *, ");
      sql.append(partition(group)).append(" AS ");
      sql.append(Sql.identifier(table.partitionSource())).append(" FROM ");
      sql.append(
          shapes.table(task, stored, paths.subList(group.first(), group.first() + group.count())));
      sql.append(')');
      sql.append(where(group, stored));
      selects.add(sql.toString());
    }
    // Without an empty one DuckDB reads files in ways that it does not know for unions.
    if (part.rows().count() > 0 || selects.isEmpty()) {
      selects.add(
          "SELECT " + columns + " FROM (" + RowsFunction.select(part.number(), part.rows()) + ")");
    }
    return "CREATE OR REPLACE TEMP VIEW %s AS SELECT %s FROM (%s)"
        .formatted(
            Sql.identifier(table.name()), table.names(), String.join(" UNION ALL ", selects));
  }

  /// Which rows of a group count.
  private static String where(Group group, TableShape stored) {
    List<String> conditions = new ArrayList<>();
    if (group.notBefore() != Long.MIN_VALUE) {
      conditions.add("_time >= make_timestamp(%d)".formatted(group.notBefore()));
    }
    if (group.below() != Long.MAX_VALUE) {
      conditions.add("_offset < " + group.below());
    }
    if (!group.where().isEmpty()) {
      conditions.add(ConditionSql.literal(stored, group.where()));
    }
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
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
