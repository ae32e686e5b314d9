package io.tidemark.event;

import java.util.OptionalLong;

/// The type of a leaf, and how its value is held in a row and in a column.
public enum FieldType {
  /// 0 or 1 in a word.
  BOOLEAN,
  /// A signed 64-bit integer.
  LONG,
  /// An IEEE double; its raw bits are the word.
  DOUBLE,
  /// UTF-8 text.
  STRING,
  /// An instant in microseconds since 1970-01-01T00:00:00Z.
  TIMESTAMP,
  /// Any JSON value that has no single scalar type (a union, an array, a free object): its compact
  /// JSON text in UTF-8.
  JSON;

  /// Whether values are bytes (true) or one 64-bit word (false).
  public boolean isText() {
    return this == STRING || this == JSON;
  }

  /// A word as the text by which keys and the values of a split are compared: decimal digits (of a
  /// TIMESTAMP, its microseconds), `true` or `false`, or what [Double#toString(double)] says.
  public String textOf(long word) {
    return switch (this) {
      case BOOLEAN -> Boolean.toString(word != 0);
      case LONG, TIMESTAMP -> Long.toString(word);
      case DOUBLE -> Double.toString(Double.longBitsToDouble(word));
      case STRING, JSON -> throw new IllegalStateException(this + " is text");
    };
  }

  /// The word whose text this is, see [#textOf]; nothing where there is none.
  public OptionalLong wordOf(String text) {
    try {
      long word =
          switch (this) {
            case BOOLEAN -> Boolean.parseBoolean(text) ? 1 : 0;
            case LONG, TIMESTAMP -> Long.parseLong(text);
            case DOUBLE -> Double.doubleToRawLongBits(Double.parseDouble(text));
            case STRING, JSON -> throw new IllegalStateException(this + " is text");
          };
      return textOf(word).equals(text) ? OptionalLong.of(word) : OptionalLong.empty();
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }
}
