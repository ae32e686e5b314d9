package io.tidemark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TailTest {
  private static final EventType TYPE =
      new EventType(
          "t",
          List.of(
              new Field("n", FieldType.LONG, false),
              new Field("s", FieldType.STRING, false),
              new Field("b", FieldType.BOOLEAN, false)));

  private final Tail tail = new Tail(TYPE, List.of(0, 1), 100, Long.MIN_VALUE);

  @Test
  void rowsAreInvisibleUntilTheyArePublished() {
    append(100, 5, 1L, "a");
    assertThat(tail.view()).isEqualTo(new Tail.View(0, 100, Long.MIN_VALUE));
    tail.publish(101, 5);
    Tail.View view = tail.view();
    append(105, 3, null, null);
    assertThat(tail.view()).isEqualTo(view).isEqualTo(new Tail.View(1, 101, 5));
    tail.publish(106, 5);
    assertThat(tail.view()).isEqualTo(new Tail.View(2, 106, 5));
  }

  @Test
  void positionAndStreamTimeOfAViewNeverGoBack() {
    tail.publish(110, 7);
    tail.publish(110, 7);
    assertThatThrownBy(() -> tail.publish(109, 7)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tail.publish(111, 6)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void offsetsAscend() {
    append(100, 1, 1L, "a");
    assertThatThrownBy(() -> append(100, 1, 1L, "a")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theFirstRowAtOrBeyondAnOffsetIsFound() {
    for (long offset : new long[] {100, 103, 104, 110}) {
      append(offset, 1, offset, "a");
    }
    assertThat(tail.firstRow(0, 4)).isZero();
    assertThat(tail.firstRow(100, 4)).isZero();
    assertThat(tail.firstRow(101, 4)).isEqualTo(1);
    assertThat(tail.firstRow(104, 4)).isEqualTo(2);
    assertThat(tail.firstRow(110, 3)).isEqualTo(3);
    assertThat(tail.firstRow(111, 4)).isEqualTo(4);
  }

  @Test
  void rowsComeBackAsTheyWereWithTheirNulls() {
    SplittableRandom random = new SplittableRandom(4);
    List<byte[]> values = new ArrayList<>();
    while (values.size() < 3 * Tail.BLOCK) {
      RowBatch batch = new RowBatch(TYPE, 1 + random.nextInt(RowBatch.SIZE));
      while (!batch.isFull()) {
        EventRow row = batch.next();
        fill(row, random, values.size());
        batch.add(100 + values.size(), values.size());
        values.add(EventCodec.encodeValue(row, 1));
      }
      tail.append(batch);
    }
    RowBatch back = new RowBatch(TYPE, RowBatch.SIZE);
    for (int round = 0; round < 1000; round++) {
      int[] wanted = random.ints(RowBatch.SIZE, 0, values.size()).toArray();
      int first = random.nextInt(RowBatch.SIZE);
      tail.read(wanted, first, RowBatch.SIZE - first, back);
      assertThat(back.count()).isEqualTo(RowBatch.SIZE - first);
      for (int i = 0; i < back.count(); i++) {
        assertThat(EventCodec.encodeValue(back.row(i), 1)).isEqualTo(values.get(wanted[first + i]));
      }
    }
  }

  /// Few texts are new, some are new twice in a batch.
  private static void fill(EventRow row, SplittableRandom random, int number) {
    if (random.nextInt(3) > 0) {
      row.setWord(0, random.nextLong());
    }
    if (random.nextInt(3) > 0) {
      row.setText(1, "text " + random.nextInt(1 + number / 4));
    }
    if (random.nextInt(2000) == 0) {
      row.setWord(2, 1);
    }
    if (random.nextInt(5) == 0) {
      byte[] extra = ("{\"e\":" + number / 2 + "}").getBytes(StandardCharsets.UTF_8);
      row.setExtra(extra, 0, extra.length);
    }
  }

  @Test
  void aBlockIsSkippedOnlyIfItHasNoRowInTheRange() {
    SplittableRandom random = new SplittableRandom(5);
    int rows = 40 * Tail.BLOCK + 17;
    for (int i = 0; i < rows; i++) {
      append(100 + i, i + random.nextInt(500), (long) i, "a");
    }
    for (int run = 0; run < 500; run++) {
      long from = random.nextLong(rows);
      long to = from + random.nextInt(3 * Tail.BLOCK);
      for (int block = 0; block <= rows / Tail.BLOCK; block++) {
        boolean any = false;
        for (int r = block * Tail.BLOCK; r < Math.min(rows, (block + 1) * Tail.BLOCK); r++) {
          any |= tail.time(r) >= from && tail.time(r) < to;
        }
        if (any) {
          assertThat(tail.blockMisses(block, from, to)).isFalse();
        }
      }
    }
    assertThat(tail.blockMisses(0, 30 * Tail.BLOCK, 31 * Tail.BLOCK)).isTrue();
  }

  @Test
  void theRowsOfAKeyAreFoundFromTheNewestThatIsVisible() {
    append(100, 1, 7L, "a");
    append(101, 1, 8L, "a");
    append(102, 1, 7L, null);
    append(103, 1, null, "a");
    append(104, 1, 7L, "b");
    KeyIndex numbers = tail.index(0);
    assertThat(rows(numbers, "7", 5)).containsExactly(4, 2, 0);
    assertThat(rows(numbers, "7", 4)).containsExactly(2, 0);
    assertThat(rows(numbers, "7", 0)).isEmpty();
    assertThat(rows(numbers, "9", 5)).isEmpty();
    KeyIndex texts = tail.index(1);
    assertThat(rows(texts, "a", 5)).containsExactly(3, 1, 0);
    assertThat(rows(texts, "b", 4)).isEmpty();
  }

  private static List<Integer> rows(KeyIndex index, String key, int visible) {
    List<Integer> rows = new ArrayList<>();
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    for (int row = index.lastRow(text, visible); row != KeyIndex.NONE; row = index.rowBefore(row)) {
      rows.add(row);
    }
    return rows;
  }

  private void append(
      long offset,
      long time,
      @org.jspecify.annotations.Nullable Long number,
      @org.jspecify.annotations.Nullable String text) {
    RowBatch batch = new RowBatch(TYPE, 1);
    EventRow row = batch.next();
    if (number != null) {
      row.setWord(0, number);
    }
    if (text != null) {
      row.setText(1, text);
    }
    batch.add(offset, time);
    tail.append(batch);
  }
}
