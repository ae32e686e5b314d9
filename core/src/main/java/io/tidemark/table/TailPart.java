package io.tidemark.table;

/// The rows `first` to `last - 1` of a tail: what one view may see of it.
public record TailPart(Tail tail, int first, int last) {
  public TailPart {
    if (first < 0 || first > last) {
      throw new IllegalArgumentException("rows " + first + " to " + last);
    }
  }
}
