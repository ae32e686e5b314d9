package io.tidemark.table;

import java.io.IOException;

/// Segments that are read in one scan, of one store or of several.
public interface Segments {
  /// These and others, which lie in a store of the same kind.
  Segments and(Segments others);

  /// Visits the rows of all of them.
  ///
  /// @param shape that of each of them
  /// @throws IOException also where one is not there
  void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException;
}
