package io.tidemark.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Port: how rows are written to and found in files. Safe for use by many threads.
public interface SegmentFormat {
  /// How the names of such files end, with the dot.
  String extension();

  /// Writes rows to a new file, in their order; making it durable is the caller's part. Words and
  /// bytes come back as they were, with two exceptions: every NaN is stored as Java's [Double#NaN],
  /// and text that is not valid UTF-8 as Java decodes it, with U+FFFD for what is malformed.
  ///
  /// @throws IOException where that fails; what is in the file then is of no use
  void write(Path file, Rows rows) throws IOException;

  /// Writes rows of other files, and some more, to a new file; otherwise like [#write].
  ///
  /// @param more rows of the shape that the new file gets; the files have it, or an earlier one
  void merge(Path file, List<Path> files, Merge merge, Rows more) throws IOException;

  /// Visits rows of files, each of the given shape or an earlier one: columns are known by their
  /// names, one that a file does not have is null, and integers are doubles where those are wanted.
  /// The visitor is called by one thread, not always the caller's, and never after this has
  /// returned; what it throws is thrown here. An interrupted caller gets a
  /// [java.io.InterruptedIOException].
  ///
  /// @param files for a scan that wants newest rows first best given newest first
  void scan(TableShape shape, List<Path> files, Scan scan, Scan.Visitor visitor) throws IOException;
}
