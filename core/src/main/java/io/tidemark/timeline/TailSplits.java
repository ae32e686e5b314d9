package io.tidemark.timeline;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.FieldType;
import io.tidemark.table.Column;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Tail;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The split of each row of a tail. Each value of the split's field is hashed once, not each row:
/// there are few values, and a busy key has many rows. For one thread.
final class TailSplits {
  private static final int FIRST_CODES = 16;

  private final boolean isSplit;
  private final Column column;
  private final FieldType type;
  private int[] ofCode = new int[FIRST_CODES];
  private boolean[] known = new boolean[FIRST_CODES];

  TailSplits(TimelineSpec spec, Tail tail) {
    this.isSplit = spec.split() != TimelineSpec.NO_SPLIT;
    int field = isSplit ? spec.split() : spec.by();
    this.column = tail.column(field);
    this.type = tail.type().field(field).type();
  }

  /// The hash of the row's split value.
  int of(int row) {
    if (!isSplit || column.isNull(row)) {
      return TimelineKey.NO_SPLIT;
    }
    return switch (column) {
      case Column.Words words ->
          TimelineKey.split(type.textOf(words.word(row)).getBytes(StandardCharsets.US_ASCII));
      case Column.Text text -> ofCode(text.codes()[row], text.dictionary());
    };
  }

  private int ofCode(int code, Dictionary values) {
    if (code >= known.length) {
      int length = Math.max(code + 1, known.length * 2);
      ofCode = Arrays.copyOf(ofCode, length);
      known = Arrays.copyOf(known, length);
    }
    if (!known[code]) {
      ofCode[code] = TimelineKey.split(values.value(code));
      known[code] = true;
    }
    return ofCode[code];
  }
}
