package io.tidemark.table;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Port: a shard's segments, immutable named files of rows.
public interface SegmentStore extends SegmentSource {
  /// Writes a segment; when this returns it survives a crash, before that it may be missing but
  /// never torn. A segment of this name that is there already is replaced.
  ///
  /// @return what it must be ever after
  FileSum write(String name, Rows rows) throws IOException;

  /// Writes a segment with rows of others, and some more; otherwise like [#write].
  ///
  /// @param parts the others, which stay as they are
  /// @param more rows of the shape that the new one gets; the others have it, or an earlier one
  FileSum merge(String name, List<String> parts, Merge merge, Rows more) throws IOException;

  /// What can be told of a segment without reading it; nothing where it is not there.
  Optional<FileStamp> stamp(String name) throws IOException;

  /// Reads all of a segment as it is now.
  ///
  /// @throws IOException also where it is not there
  FileSum sum(String name) throws IOException;

  /// Removes a segment; one that is not there is fine.
  void delete(String name) throws IOException;

  /// All segments there are.
  List<String> names() throws IOException;
}
