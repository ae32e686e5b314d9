package io.tidemark.archive;

import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// Segments that lie in an archive, and are in the cache while they are read. A scan of many takes
/// them one group after the other.
public record ArchivedSegments(ArchiveCache cache, SegmentFormat format, List<ArchivedFile> files)
    implements Segments {
  public ArchivedSegments {
    files = List.copyOf(files);
  }

  @Override
  public ArchivedSegments and(Segments others) {
    ArchivedSegments those = (ArchivedSegments) others;
    return new ArchivedSegments(
        cache, format, Stream.of(this, those).flatMap(s -> s.files.stream()).toList());
  }

  @Override
  public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
    int at = 0;
    while (at < files.size()) {
      // In an order they come all together or not at all.
      int end = scan.order() == Scan.Order.BY_OFFSET ? files.size() : endOfGroup(at);
      int _ =
          cache.reading(
              files.subList(at, end),
              paths -> {
                format.scan(shape, paths, scan, visitor);
                return paths.size();
              });
      at = end;
    }
  }

  /// Where a group of files ends that take up half of the cache at most: others read, too.
  private int endOfGroup(int first) {
    long bytes = files.get(first).sum().bytes();
    int at = first + 1;
    while (at < files.size() && bytes + files.get(at).sum().bytes() <= cache.maxBytes() / 2) {
      bytes += files.get(at).sum().bytes();
      at++;
    }
    return at;
  }

  @Override
  public <T> T reading(FileReader<T> reader) throws IOException {
    return cache.reading(files, reader);
  }
}
