package io.tidemark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The leaf values of one event: filled by a parser or a decoder, read by columns, encoders and
/// writers. Made once and reused for many events; not for use by two threads at once.
///
/// A leaf is null (absent), a 64-bit *word* (BOOLEAN, LONG, TIMESTAMP, and DOUBLE as raw bits), or
/// *text*: a range of UTF-8 bytes in [#text()]. Besides the leaves there is *extra*: null, or the
/// UTF-8 text of a JSON object with everything the leaves cannot hold exactly:
/// - properties that the schema does not name, at their place
///   (`{"product_info":{"colour":"red"}}`);
/// - the original of a leaf whose value was written in a way the leaf would not give back (a
///   date-time with an offset, `10.0` for an integer, an explicit null, an empty object).
///
/// To give an event back, write the leaves and let extra override and complete them, recursively.
public final class EventRow {
  private final EventType type;
  private final int extra;
  private final long[] words;
  private final int[] starts;
  private final int[] lengths;
  private final boolean[] present;
  private byte[] own = new byte[256];
  private byte[] text = own;
  private int ownLength;
  private boolean borrowed;

  public EventRow(EventType type) {
    this.type = type;
    this.extra = type.size();
    this.words = new long[extra];
    this.starts = new int[extra + 1];
    this.lengths = new int[extra + 1];
    this.present = new boolean[extra + 1];
  }

  public EventType type() {
    return type;
  }

  /// Makes every leaf and extra null.
  public void clear() {
    Arrays.fill(present, false);
    text = own;
    borrowed = false;
    ownLength = 0;
  }

  public boolean isNull(int field) {
    return !present[field];
  }

  /// The word of a BOOLEAN, LONG or TIMESTAMP leaf, or the raw bits of a DOUBLE; undefined for
  /// null.
  public long word(int field) {
    return words[field];
  }

  public double doubleValue(int field) {
    return Double.longBitsToDouble(words[field]);
  }

  /// The array in which texts lie; valid until the row changes.
  public byte[] text() {
    return text;
  }

  public int textStart(int field) {
    return starts[field];
  }

  public int textLength(int field) {
    return lengths[field];
  }

  /// A STRING or JSON leaf as a string; for tests and slow paths.
  public String string(int field) {
    return new String(text, starts[field], lengths[field], StandardCharsets.UTF_8);
  }

  public boolean hasExtra() {
    return present[extra];
  }

  public int extraStart() {
    return starts[extra];
  }

  public int extraLength() {
    return lengths[extra];
  }

  public void setNull(int field) {
    present[field] = false;
  }

  public void setWord(int field, long word) {
    words[field] = word;
    present[field] = true;
  }

  public void setDouble(int field, double value) {
    setWord(field, Double.doubleToRawLongBits(value));
  }

  /// Copies UTF-8 bytes into the row as the value of a STRING or JSON leaf.
  public void setText(int field, byte[] source, int start, int length) {
    if (borrowed) {
      throw new IllegalStateException("a decoded row cannot be changed before clear()");
    }
    if (own.length - ownLength < length) {
      own = Arrays.copyOf(own, Math.max(own.length * 2, ownLength + length));
      text = own;
    }
    System.arraycopy(source, start, own, ownLength, length);
    place(field, ownLength, length);
    ownLength += length;
  }

  public void setText(int field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    setText(field, bytes, 0, bytes.length);
  }

  /// Copies the UTF-8 text of a JSON object into the row as its extra.
  public void setExtra(byte[] source, int start, int length) {
    setText(extra, source, start, length);
  }

  /// Makes texts be ranges of somebody else's array, which must not change while the row is in use.
  void borrow(byte[] source) {
    text = source;
    borrowed = true;
  }

  void place(int slot, int start, int length) {
    starts[slot] = start;
    lengths[slot] = length;
    present[slot] = true;
  }

  /// A value as the text by which keys are compared: that of a text is itself, of a word what
  /// [FieldType#textOf] says.
  public byte[] keyText(int field) {
    FieldType fieldType = type().field(field).type();
    if (fieldType.isText()) {
      int start = textStart(field);
      return Arrays.copyOfRange(text(), start, start + textLength(field));
    }
    return fieldType.textOf(word(field)).getBytes(StandardCharsets.US_ASCII);
  }
}
