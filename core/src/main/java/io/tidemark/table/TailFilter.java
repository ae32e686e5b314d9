package io.tidemark.table;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Conditions on events, ready for the rows of one tail.
final class TailFilter {
  private final Tail tail;
  private final List<IntPredicate> tests = new ArrayList<>();

  /// Whether some condition is about texts of which the tail has none.
  private boolean passesNone;

  TailFilter(Tail tail, List<Condition> conditions) {
    this.tail = tail;
    conditions.forEach(c -> tests.add(test(c)));
  }

  /// Whether it is known beforehand that no row passes.
  boolean passesNone() {
    return passesNone;
  }

  boolean passes(int row) {
    for (int i = 0; i < tests.size(); i++) {
      if (!tests.get(i).test(row)) {
        return false;
      }
    }
    return true;
  }

  private IntPredicate test(Condition condition) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          row -> !isNull(column, row) && word(column, row) >= from && word(column, row) < to;
      case Condition.WordIs(int column, long word) ->
          row -> !isNull(column, row) && word(column, row) == word;
      case Condition.WordIn(int column, List<Long> words) ->
          row -> !isNull(column, row) && words.contains(word(column, row));
      case Condition.TextIn(int column, List<byte[]> texts) -> textIn(column, texts);
      case Condition.AnyContains(List<Integer> columns, String needle) ->
          row -> columns.stream().anyMatch(c -> contains(c, row, needle));
      case Condition.OlderThan(long time, long offset) ->
          row -> tail.time(row) < time || (tail.time(row) == time && tail.offset(row) < offset);
      case Condition.NotAll(List<Condition> conditions) -> {
        TailFilter all = new TailFilter(tail, conditions);
        yield row -> !all.passes(row);
      }
    };
  }

  private IntPredicate textIn(int column, List<byte[]> texts) {
    Column.Text text = text(column);
    int[] codes =
        texts.stream()
            .mapToInt(t -> text.dictionary().find(t))
            .filter(code -> code != Dictionary.NONE)
            .toArray();
    passesNone |= codes.length == 0;
    return row -> {
      int code = text.codes()[row];
      for (int wanted : codes) {
        if (code == wanted) {
          return true;
        }
      }
      return false;
    };
  }

  private boolean contains(int column, int row, String needle) {
    Column.Text text = text(column);
    return !text.isNull(row)
        && Texts.lower(text.dictionary().value(text.codes()[row])).contains(needle);
  }

  private boolean isNull(int column, int row) {
    return column >= TableShape.FIRST_FIELD
        && tail.column(column - TableShape.FIRST_FIELD).isNull(row);
  }

  private long word(int column, int row) {
    return switch (column) {
      case TableShape.TIME -> tail.time(row);
      case TableShape.OFFSET -> tail.offset(row);
      default -> ((Column.Words) tail.column(column - TableShape.FIRST_FIELD)).word(row);
    };
  }

  private Column.Text text(int column) {
    int field = column - TableShape.FIRST_FIELD;
    return field == tail.type().size() ? tail.extras() : (Column.Text) tail.column(field);
  }
}
