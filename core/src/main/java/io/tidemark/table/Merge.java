package io.tidemark.table;

import java.util.List;

/// How the rows of some files become those of one.
///
/// @param conditions what rows of the files must satisfy to come along
/// @param order the columns, each of words, by which the result is sorted, ascending
public record Merge(List<Condition> conditions, List<Integer> order) {
  public Merge {
    conditions = List.copyOf(conditions);
    order = List.copyOf(order);
  }
}
