package io.tidemark.table;

/// A range of a tail's rows, in the order of their times (then offsets), as stored rows.
public final class TailRows implements Rows {
  private final Tail tail;
  private final TableShape shape;
  private final int[] order;
  private final int extra;

  public TailRows(TailPart part) {
    this.tail = part.tail();
    this.shape = TableShape.events(tail.type());
    this.order = RowOrder.ascending(tail.times(), part.first(), part.last());
    this.extra = shape.size() - 1;
  }

  @Override
  public TableShape shape() {
    return shape;
  }

  @Override
  public int count() {
    return order.length;
  }

  @Override
  public boolean isNull(int column, int row) {
    if (column < TableShape.FIRST_FIELD) {
      return false;
    }
    return columnOf(column).isNull(order[row]);
  }

  @Override
  public long word(int column, int row) {
    return switch (column) {
      case TableShape.TIME -> tail.time(order[row]);
      case TableShape.OFFSET -> tail.offset(order[row]);
      default -> ((Column.Words) columnOf(column)).word(order[row]);
    };
  }

  @Override
  public byte[] bytes(int column, int row) {
    Column.Text text = (Column.Text) columnOf(column);
    return text.dictionary().value(text.codes()[order[row]]);
  }

  private Column columnOf(int column) {
    return column == extra ? tail.extras() : tail.column(column - TableShape.FIRST_FIELD);
  }
}
