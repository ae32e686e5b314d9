package io.tidemark.query;

import java.util.List;

/// What a question in SQL needs of shards.
///
/// @param tables each once
/// @param rows whether their rows are wanted; else only what would be read for them
public record SqlNeeds(List<Table> tables, boolean rows) {
  public SqlNeeds {
    tables = List.copyOf(tables);
  }

  /// What it needs of one table.
  ///
  /// @param name of a stream, or of a rollup as it is declared
  /// @param definition of a rollup which one of that name, see
  ///   [io.tidemark.app.RollupSpec#definition]; of a stream's table empty
  /// @param stream whose shards the table is made of
  /// @param times those of its rows that matter
  /// @param columns of a stream's table the places of the columns that matter, as they are stored;
  ///   of a rollup none
  public record Table(
      String name, String definition, String stream, TimeRanges times, List<Integer> columns) {
    public Table {
      columns = List.copyOf(columns);
    }
  }

  /// The streams of all tables, each once.
  public List<String> streams() {
    return tables.stream().map(Table::stream).distinct().toList();
  }
}
