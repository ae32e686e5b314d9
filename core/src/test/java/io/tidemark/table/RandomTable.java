package io.tidemark.table;

import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Random shapes, rows and scans over few values, so that conditions often hold, and all the values
/// that are easily got wrong.
final class RandomTable {
  private static final List<String> NAMES =
      List.of(
          "a",
          "A",
          "File_Index",
          "product.price",
          "say \"hi\"",
          "o'x",
          "filename",
          "file_row_number",
          "rowid",
          "",
          "żółw",
          "file_index",
          "select",
          "_2",
          "a_2",
          "c0",
          "?",
          "--",
          "_time",
          "a b;");

  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "A",
          "bee",
          "Straße",
          "ŻÓŁW",
          "żółw",
          "İi",
          "x\0y",
          "%",
          "a_b",
          "😀 smile",
          "'; DROP TABLE x; --",
          "{\"k\":\"V\"}",
          "ΑΣ",
          "ας",
          "K",
          "long enough not to be inlined",
          "Ɤ",
          "\uA7DC",
          "\\",
          "\n",
          "\"",
          "NULL");

  private static final List<String> NEEDLES =
      List.of(
          "", "a", "ż", "i", "\0", "%", "_", "😀", "drop", "\"v\"", "ς", "σ", "k", "to be", "ɤ",
          "ƛ", "\\", "ß", "'");

  private static final long[] WORDS = {
    0,
    1,
    -1,
    2,
    3,
    Long.MAX_VALUE,
    Long.MAX_VALUE - 1,
    Long.MIN_VALUE,
    -Long.MAX_VALUE,
    -Long.MAX_VALUE + 1,
    -9223372022400000001L,
    1_700_000_000_000_000L,
    253402300800000000L
  };

  private static final double[] DOUBLES = {
    0.0,
    -0.0,
    1.5,
    -1.5,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE
  };

  private final Random random;

  RandomTable(Random random) {
    this.random = random;
  }

  /// A shape of events, with some columns of each type.
  TableShape shape() {
    List<ColumnSpec> columns = new ArrayList<>();
    columns.add(new ColumnSpec("_time", Type.TIMESTAMP));
    columns.add(new ColumnSpec("_offset", Type.LONG));
    List<String> names = new ArrayList<>(NAMES);
    for (int i = random.nextInt(8); i >= 0; i--) {
      String name = names.remove(random.nextInt(names.size()));
      columns.add(new ColumnSpec(name, pick(List.of(Type.values()))));
    }
    return new TableShape(columns);
  }

  /// A shape none of whose columns is stored under another name since it has a neighbour.
  TableShape plainShape() {
    Set<String> folded = new HashSet<>(Set.of("", "_", "a_2", "_2"));
    List<ColumnSpec> columns = new ArrayList<>(shape().columns());
    columns.removeIf(c -> !folded.add(c.name().toLowerCase(Locale.ROOT)));
    return new TableShape(columns);
  }

  /// A shape that may have been before: some columns are missing, others were narrower, and they
  /// stand in another order.
  TableShape earlier(TableShape later) {
    List<ColumnSpec> columns = new ArrayList<>();
    for (ColumnSpec column : later.columns().subList(TableShape.FIRST_FIELD, later.size())) {
      if (random.nextInt(3) > 0) {
        boolean narrower = column.type() == Type.DOUBLE && random.nextBoolean();
        columns.add(narrower ? new ColumnSpec(column.name(), Type.LONG) : column);
      }
    }
    Collections.shuffle(columns, random);
    columns.addAll(0, later.columns().subList(0, TableShape.FIRST_FIELD));
    return new TableShape(columns);
  }

  ListRows rows(TableShape shape, int count, long firstOffset) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      @Nullable Object[] row = new Object[shape.size()];
      row[TableShape.TIME] = word(Type.TIMESTAMP);
      row[TableShape.OFFSET] = firstOffset + i;
      for (int c = TableShape.FIRST_FIELD; c < row.length; c++) {
        row[c] = random.nextInt(5) == 0 ? null : value(shape.columns().get(c).type());
      }
      rows.add(row);
    }
    return new ListRows(shape, rows);
  }

  Scan scan(TableShape shape, int rows) {
    List<Integer> columns = new ArrayList<>();
    for (int i = random.nextInt(shape.size() + 1); i > 0; i--) {
      columns.add(random.nextInt(8) == 0 ? Scan.FILE : random.nextInt(shape.size()));
    }
    List<Condition> conditions = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      conditions.add(condition(shape, rows));
    }
    int limit = random.nextBoolean() ? Scan.ALL : random.nextInt(rows + 2);
    return new Scan(columns, conditions, Scan.Order.values()[random.nextInt(3)], limit);
  }

  private Condition condition(TableShape shape, int rows) {
    if (random.nextInt(6) == 0) {
      return new Condition.OlderThan(word(Type.TIMESTAMP), random.nextInt(rows + 1));
    }
    if (random.nextInt(6) == 0) {
      return new Condition.NotAll(List.of(condition(shape, rows), condition(shape, rows)));
    }
    int column = random.nextInt(shape.size());
    Type type = shape.columns().get(column).type();
    return switch (type) {
      case BOOLEAN, LONG, DOUBLE, TIMESTAMP ->
          switch (random.nextInt(3)) {
            case 0 -> new Condition.WordRange(column, word(type), word(type));
            case 1 -> new Condition.WordIs(column, word(type));
            default ->
                new Condition.WordIn(
                    column,
                    random.longs(random.nextInt(4), 0, 9).map(_ -> word(type)).boxed().toList());
          };
      case TEXT ->
          random.nextBoolean()
              ? new Condition.TextIn(
                  column, random.ints(random.nextInt(4)).mapToObj(_ -> wantedText()).toList())
              : new Condition.AnyContains(
                  random.nextInt(9) == 0 ? List.of() : texts(shape), pick(NEEDLES));
      case BYTES -> new Condition.WordIs(TableShape.OFFSET, random.nextInt(rows + 1));
    };
  }

  private byte[] wantedText() {
    return random.nextInt(9) == 0 ? new byte[] {(byte) 0xff} : utf8(pick(TEXTS));
  }

  private static List<Integer> texts(TableShape shape) {
    List<Integer> columns = new ArrayList<>();
    for (int c = 0; c < shape.size(); c++) {
      if (shape.columns().get(c).type() == Type.TEXT) {
        columns.add(c);
      }
    }
    return columns;
  }

  private Object value(Type type) {
    return switch (type) {
      case TEXT -> utf8(pick(TEXTS));
      case BYTES -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        yield bytes;
      }
      default -> word(type);
    };
  }

  private long word(Type type) {
    return switch (type) {
      case BOOLEAN -> random.nextInt(2);
      case DOUBLE -> Double.doubleToRawLongBits(DOUBLES[random.nextInt(DOUBLES.length)]);
      default -> WORDS[random.nextInt(WORDS.length)];
    };
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
