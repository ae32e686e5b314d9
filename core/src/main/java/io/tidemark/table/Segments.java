package io.tidemark.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Segments that are read in one scan, of one store or of several.
public interface Segments {
  /// These and others, which lie in a store of the same kind.
  Segments and(Segments others);

  /// Visits the rows of all of them.
  ///
  /// @param shape that of each of them, or a later one; see [SegmentFormat#scan]
  /// @throws IOException also where one is not there
  void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException;

  /// Lets somebody else read their files, which must not be changed.
  ///
  /// @return what the reader returns
  /// @throws IOException also where one is not there
  default <T> T reading(FileReader<T> reader) throws IOException {
    throw new UnsupportedOperationException("these segments are not files");
  }

  /// Reads files.
  @FunctionalInterface
  interface FileReader<T> {
    /// @param files in the order in which the segments were selected
    T read(List<Path> files) throws IOException;
  }
}
