package io.tidemark.server.sql;

import io.tidemark.query.TimeBounds;
import io.tidemark.query.TimeRanges;
import io.tidemark.rollup.Groups;
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
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One table of a question: some of its files, rows in memory, and what other nodes have sent.
///
/// @param groups of files, each with the time before which their rows are not answered any more
/// @param number of the rows in memory
/// @param inMemory how many rows of tails are looked at
/// @param grouped of a rollup what the rows are made of
/// @param elsewhere what other nodes have
record TablePart(
    SqlTable table,
    TimeRanges times,
    List<Group> groups,
    Files files,
    long number,
    Rows rows,
    long inMemory,
    Optional<Grouped> grouped,
    List<Elsewhere> elsewhere) {
  /// Of all rollups of a question together: as many as any answer of the rollups' own has at most.
  static final int MAX_GROUPS = RollupQuery.MAX_LIMIT;

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
  record Group(
      List<HeldShards.Wanted> wanted, int first, int count, long notBefore, Counted counted) {}

  /// What of a file's rows counts.
  ///
  /// @param below records at this offset or beyond do not
  /// @param where what rows must satisfy besides
  record Counted(long below, List<Condition> where) {
    static final Counted ALL = new Counted(Long.MAX_VALUE, List.of());
  }

  /// Groups of a rollup.
  ///
  /// @param notBefore buckets before this time are not whole
  record Grouped(Groups groups, long notBefore) {}

  /// What another node has of the table.
  ///
  /// @param rows a file with rows of a stream, if there are some
  record Elsewhere(String node, Files files, long inMemory, Optional<Path> rows) {}

  /// A query for all groups of a rollup in whole buckets.
  static RollupQuery query(SqlTable table, TimeRanges times, int limit) {
    var rollup = table.rollup().orElseThrow();
    TimeBounds buckets = buckets(times.whole(), rollup.everyMicros());
    return new RollupQuery(
        Math.min(buckets.from(), buckets.to()),
        buckets.to(),
        rollup.everyMicros(),
        IntStream.range(0, rollup.by().size()).boxed().toList(),
        List.of(),
        IntStream.range(0, rollup.measures().size()).boxed().toList(),
        Math.max(1, limit));
  }

  /// Whole buckets.
  static TimeBounds buckets(TimeBounds range, long every) {
    return new TimeBounds(
        range.from() < Long.MIN_VALUE + every
            ? Long.MIN_VALUE
            : Math.floorDiv(range.from(), every) * every,
        range.to() > Long.MAX_VALUE - every
            ? Long.MAX_VALUE
            : -Math.floorDiv(-range.to(), every) * every);
  }

  /// What makes the view of the table.
  ///
  /// @param fields of structs, those that are wanted
  /// @param sent the places of the columns that other nodes have sent
  /// @param paths of all files of the question
  String view(
      StructFields fields, List<Integer> sent, Task task, FileShapes shapes, List<Path> paths)
      throws SQLException {
    // Of a union DuckDB reads the first column where it needs none, so let that one cost nothing.
    String columns = "0 AS %s, %s".formatted(table.unusedName(), table.selection(fields));
    List<String> selects = here(columns, task, shapes, paths);
    List<Path> received = elsewhere.stream().flatMap(e -> e.rows().stream()).toList();
    if (!received.isEmpty()) {
      selects.add(
          "SELECT %s FROM (SELECT *%s FROM %s)"
              .formatted(columns, table.notSent(sent), Sql.readParquet(received)));
    }
    return "CREATE OR REPLACE TEMP VIEW %s AS SELECT %s FROM (%s)"
        .formatted(
            Sql.identifier(table.name()), table.names(), String.join(" UNION ALL ", selects));
  }

  /// The rows that are here, columns as they are stored.
  ///
  /// @param wanted the places of the columns
  String stored(List<Integer> wanted, Task task, FileShapes shapes, List<Path> paths)
      throws SQLException {
    List<String> names = Sql.columnNames(table.shape());
    String columns =
        wanted.stream().map(c -> Sql.identifier(names.get(c))).collect(Collectors.joining(", "));
    return "SELECT * FROM (%s) WHERE %s"
        .formatted(String.join(" UNION ALL ", here(columns, task, shapes, paths)), within());
  }

  private List<String> here(String columns, Task task, FileShapes shapes, List<Path> paths)
      throws SQLException {
    TableShape stored = TableShape.events(table.stream().type());
    List<String> selects = new ArrayList<>();
    for (Group group : groups) {
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
    if (rows.count() > 0 || selects.isEmpty()) {
      selects.add("SELECT " + columns + " FROM (" + RowsFunction.select(number, rows) + ")");
    }
    return selects;
  }

  /// Which rows of a group count.
  private static String where(Group group, TableShape stored) {
    List<String> conditions = new ArrayList<>();
    if (group.notBefore() != Long.MIN_VALUE) {
      conditions.add("_time >= make_timestamp(%d)".formatted(group.notBefore()));
    }
    Counted counted = group.counted();
    if (counted.below() != Long.MAX_VALUE) {
      conditions.add("_offset < " + counted.below());
    }
    if (!counted.where().isEmpty()) {
      conditions.add(ConditionSql.literal(stored, counted.where()));
    }
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  /// Of the rows those at times that matter. A few more do no harm.
  private String within() {
    return times.ranges().stream()
        .map(r -> "(" + from(r) + " AND " + to(r) + ")")
        .collect(Collectors.joining(" OR ", "(false OR ", ")"));
  }

  private static String from(TimeBounds range) {
    return SqlTable.isFinite(range.from())
        ? "_time >= make_timestamp(%d)".formatted(range.from())
        : "true";
  }

  private static String to(TimeBounds range) {
    return SqlTable.isFinite(range.to())
        ? "_time < make_timestamp(%d)".formatted(range.to())
        : "true";
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
                "] AS BIGINT[]), CAST(%s AS BIGINT) + 1)".formatted(Sql.FILE_INDEX)));
  }
}
