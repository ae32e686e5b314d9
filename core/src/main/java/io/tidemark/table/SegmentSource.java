package io.tidemark.table;

import java.io.IOException;
import java.util.List;

/// Where segments are found by their names.
public interface SegmentSource {
  /// Segments to be read; whether they are there shows when they are.
  Segments select(List<String> names);

  /// Visits the rows of segments, all of the given shape or an earlier one.
  default void scan(TableShape shape, List<String> names, Scan scan, Scan.Visitor visitor)
      throws IOException {
    select(names).scan(shape, scan, visitor);
  }
}
