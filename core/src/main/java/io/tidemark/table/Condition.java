package io.tidemark.table;

import java.util.List;

/// What a row must satisfy. Columns are indexes into the shape of the rows. Null satisfies none.
public sealed interface Condition {
  /// `from <= word < to`.
  record WordRange(int column, long from, long to) implements Condition {}

  /// The word is this one; of a DOUBLE, the raw bits.
  record WordIs(int column, long word) implements Condition {}

  /// The word is one of these.
  record WordIn(int column, List<Long> words) implements Condition {
    public WordIn {
      words = List.copyOf(words);
    }
  }

  /// The text is one of these.
  record TextIn(int column, List<byte[]> texts) implements Condition {
    public TextIn {
      texts = List.copyOf(texts);
    }
  }

  /// One of the columns contains the needle; both sides in lower case, code point by code point.
  record AnyContains(List<Integer> columns, String needle) implements Condition {
    public AnyContains {
      columns = List.copyOf(columns);
    }
  }

  /// One of these does not hold, at least.
  record NotAll(List<Condition> conditions) implements Condition {
    public NotAll {
      conditions = List.copyOf(conditions);
    }
  }

  /// The event comes strictly after this place when newest events come first: it is older, or as
  /// old and of a lower offset. For shapes of events only.
  record OlderThan(long time, long offset) implements Condition {}
}
