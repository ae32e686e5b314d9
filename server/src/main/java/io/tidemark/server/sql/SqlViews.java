package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.TimeBounds;
import io.tidemark.query.TimeRanges;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.server.duckdb.FileShapes;
import io.tidemark.server.duckdb.RowsFunction;
import io.tidemark.server.duckdb.Task;
import io.tidemark.server.sql.TablePart.Counted;
import io.tidemark.server.sql.TablePart.Files;
import io.tidemark.server.sql.TablePart.Group;
import io.tidemark.server.sql.TablePart.Grouped;
import io.tidemark.shard.HeldShards;
import io.tidemark.table.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// The tables of one question, as views over what shards that are held have of them and what other
/// nodes have sent: of the files only those that meet the range of time that the question looks at.
final class SqlViews implements AutoCloseable {
  private final RowsFunction memory;
  private final List<ExcerptReader.Taken> taken;
  private final boolean onlyFiles;
  private final List<TablePart> parts = new ArrayList<>();
  private final List<Long> numbers = new ArrayList<>();
  private final Map<StreamPartition, Long> next = new LinkedHashMap<>();
  private int files;
  private int groupsLeft = TablePart.MAX_GROUPS;

  private SqlViews(RowsFunction memory, List<ExcerptReader.Taken> taken, boolean onlyFiles) {
    this.memory = memory;
    this.taken = taken;
    this.onlyFiles = onlyFiles;
  }

  /// Looks up what a question needs. Throws [Groups.TooMany] where rollups have too many groups.
  ///
  /// @param taken what other nodes have sent
  /// @param needs by table, its times
  /// @param onlyFiles whether nothing but the files is wanted: rollups have no rows then
  static SqlViews of(
      HeldShards held,
      List<ExcerptReader.Taken> taken,
      Map<SqlTable, TimeRanges> needs,
      RowsFunction memory,
      boolean onlyFiles)
      throws IOException {
    SqlViews views = new SqlViews(memory, taken, onlyFiles);
    taken.forEach(t -> t.mark().next().forEach(views::seen));
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
    add(table, times, groups, Files.of(shards, all), tails, tails.count(), Optional.empty());
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
    Group group = new Group(wanted, files, count, notBefore, counted);
    files += count;
    return group;
  }

  private void addRollup(HeldShards held, SqlTable table, TimeRanges times) throws IOException {
    var rollup = table.rollup().orElseThrow();
    RollupQuery query = TablePart.query(table, times, groupsLeft);
    TimeRanges read = TimeRanges.of(TablePart.buckets(times.whole(), rollup.everyMicros()));
    String stream = table.stream().name();
    String definition = table.definition();
    List<HeldShards.Table> shards = held.rollup(stream, table.name(), definition);
    shards.forEach(s -> seen(s.id(), s.next()));
    List<Grouped> elsewhere = taken.stream().flatMap(t -> of(t, table).groups().stream()).toList();
    // What one of them has forgotten is asked of none.
    long oldest =
        LongStream.concat(
                shards.stream().mapToLong(HeldShards.Table::notBefore),
                elsewhere.stream().mapToLong(Grouped::notBefore))
            .max()
            .orElse(Long.MIN_VALUE);
    TimeRanges kept = read.and(TimeRanges.of(new TimeBounds(oldest, Long.MAX_VALUE)));
    Files files = Files.of(shards, shards.stream().map(s -> wanted(s, needed(s, kept))).toList());
    long inMemory =
        shards.stream().flatMap(s -> s.tails().stream()).mapToLong(t -> t.last() - t.first()).sum();
    Groups groups = new Rollup(rollup, table.stream().type()).answer(query);
    if (!onlyFiles) {
      elsewhere.forEach(e -> groups.merge(e.groups(), oldest));
      if (!shards.isEmpty()) {
        groups.merge(held.rollup(stream, table.name(), definition, query).groups(), oldest);
      }
    }
    groupsLeft -= groups.count();
    add(
        table,
        read,
        List.of(),
        files,
        new GroupRows(table.shape(), groups),
        inMemory,
        Optional.of(new Grouped(groups, oldest)));
  }

  private static ExcerptReader.Table of(ExcerptReader.Taken taken, SqlTable table) {
    return Objects.requireNonNull(taken.tables().get(table.name()));
  }

  private void add(
      SqlTable table,
      TimeRanges times,
      List<Group> groups,
      Files files,
      Rows rows,
      long inMemory,
      Optional<Grouped> grouped) {
    long number = memory.add(rows);
    numbers.add(number);
    List<TablePart.Elsewhere> elsewhere = new ArrayList<>();
    for (ExcerptReader.Taken one : taken) {
      ExcerptReader.Table its = of(one, table);
      elsewhere.add(new TablePart.Elsewhere(one.node(), its.files(), its.inMemory(), its.rows()));
    }
    parts.add(
        new TablePart(table, times, groups, files, number, rows, inMemory, grouped, elsewhere));
  }

  /// A view that is ahead of another one of its shard has that one's events, too.
  private void seen(StreamPartition id, long position) {
    next.merge(id, position, Math::min);
  }

  /// What an answer contains.
  Mark mark() {
    return new Mark(next);
  }

  /// Whether one of them is a rollup as it was declared before.
  boolean areOfEarlier() {
    return parts.stream().anyMatch(p -> p.table().isEarlier());
  }

  List<TablePart> parts() {
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
  /// @param fields of structs, those that the question names
  /// @param sent by table, the places of the columns that other nodes have sent
  /// @param paths of the files that are needed
  /// @param shapes knows which of them are of an earlier shape
  List<String> statements(
      StructFields fields,
      Map<String, List<Integer>> sent,
      Task task,
      FileShapes shapes,
      List<Path> paths)
      throws SQLException {
    List<String> statements = new ArrayList<>();
    for (TablePart part : parts) {
      List<Integer> columns = sent.getOrDefault(part.table().name(), List.of());
      statements.add(part.view(fields, columns, task, shapes, paths));
    }
    return statements;
  }

  /// Forgets the rows in memory.
  @Override
  public void close() {
    numbers.forEach(memory::remove);
  }
}
