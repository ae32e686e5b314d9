package io.tidemark.archive;

import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file of an archive that is here for as long as somebody looks at it, and writes it again. It
/// goes past the cache, which has what is asked for: all files there are come by here.
public final class FetchedFile implements AutoCloseable {
  private final SegmentFormat format;
  private final Path file;
  private final Path written;

  /// @param written where it is written again
  FetchedFile(SegmentFormat format, Path file, Path written) {
    this.format = format;
    this.file = file;
    this.written = written;
  }

  /// Visits its rows.
  ///
  /// @param shape that of the file, or a later one
  public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
    format.scan(shape, List.of(file), scan, visitor);
  }

  /// Writes some of its rows to another file.
  ///
  /// @param shape what the other file gets
  public FileSum rewrite(TableShape shape, Merge merge) throws IOException {
    Files.deleteIfExists(written);
    format.merge(written, List.of(file), merge, Rows.none(shape));
    return FileSum.of(written);
  }

  /// The other file.
  Path written() {
    return written;
  }

  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(file);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
