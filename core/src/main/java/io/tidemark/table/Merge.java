package io.tidemark.table;

import java.util.List;
import java.util.Optional;

/// How the rows of some files become those of one.
///
/// @param conditions what rows of the files must satisfy to come along
/// @param order the columns, each of words, by which the result is sorted, ascending
/// @param rows how many the result must have: a merge that comes to another number has failed
/// @param blank what of some rows does not come along
public record Merge(
    List<Condition> conditions, List<Integer> order, long rows, Optional<Blank> blank) {
  public Merge {
    conditions = List.copyOf(conditions);
    order = List.copyOf(order);
  }

  public Merge(List<Condition> conditions, List<Integer> order, long rows) {
    this(conditions, order, rows, Optional.empty());
  }

  /// These columns become null in the rows that do not satisfy all of these conditions.
  public record Blank(List<Integer> columns, List<Condition> unless) {
    public Blank {
      columns = List.copyOf(columns);
      unless = List.copyOf(unless);
    }
  }
}
