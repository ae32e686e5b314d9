package io.tidemark.table;

import java.util.ArrayList;
import java.util.List;

/// A question to segments: the rows that satisfy all conditions.
///
/// @param columns what of each row is given to the visitor, as indexes into the shape, or [#FILE]
/// @param conditions all must hold
/// @param order in which rows come
/// @param limit how many rows at most; [#ALL] for all
public record Scan(List<Integer> columns, List<Condition> conditions, Order order, int limit) {
  public static final int ALL = Integer.MAX_VALUE;

  /// In place of a column: which of the segments a row is of, by their order, from 0 on.
  public static final int FILE = -1;

  /// In which order rows come.
  public enum Order {
    ANY,
    /// By descending time, then descending offset; shapes of events only.
    NEWEST_FIRST,
    /// By ascending offset; shapes of events only.
    BY_OFFSET
  }

  public Scan {
    columns = List.copyOf(columns);
    conditions = List.copyOf(conditions);
  }

  /// The same with further conditions.
  public Scan also(List<Condition> more) {
    List<Condition> all = new ArrayList<>(conditions);
    all.addAll(more);
    return new Scan(columns, all, order, limit);
  }

  /// A row found by a scan; valid only during the visit. Columns are numbered as in the scan.
  public interface Row {
    boolean isNull(int column);

    long word(int column);

    byte[] bytes(int column);
  }

  /// Takes the rows.
  @FunctionalInterface
  public interface Visitor {
    void visit(Row row);
  }
}
