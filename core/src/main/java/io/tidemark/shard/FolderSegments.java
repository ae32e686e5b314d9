package io.tidemark.shard;

import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Segments as files of a folder, `<name><extension>`.
final class FolderSegments implements SegmentStore {
  private final Path folder;
  private final SegmentFormat format;

  FolderSegments(Path folder, SegmentFormat format) {
    this.folder = folder;
    this.format = format;
  }

  @Override
  public long write(String name, Rows rows) throws IOException {
    Path file = file(name);
    DurableFiles.write(file, temporary -> format.write(temporary, rows));
    return Files.size(file);
  }

  @Override
  public void scan(TableShape shape, List<String> names, Scan scan, Scan.Visitor visitor)
      throws IOException {
    if (!names.isEmpty()) {
      format.scan(shape, names.stream().map(this::file).toList(), scan, visitor);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            folder, f -> f.getFileName().toString().endsWith(format.extension()))) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        names.add(name.substring(0, name.length() - format.extension().length()));
      }
    }
    names.sort(null);
    return names;
  }

  private Path file(String name) {
    return folder.resolve(FileNames.checked(name) + format.extension());
  }
}
