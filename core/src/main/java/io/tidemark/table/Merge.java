package io.tidemark.table;

import java.util.List;

/// How the rows of some files become those of one.
///
/// @param conditions what rows of the files must satisfy to come along
/// @param order the columns, each of words, by which the result is sorted, ascending
/// @param rows how many the result must have: a merge that comes to another number has failed
public record Merge(List<Condition> conditions, List<Integer> order, long rows) {
  public Merge {
    conditions = List.copyOf(conditions);
    order = List.copyOf(order);
  }
}
