package io.tidemark.shard;

import io.tidemark.files.DurableFiles;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Segments as files of a folder, `<name><extension>`.
final class FolderSegments implements SegmentStore {
  private final Path folder;
  private final SegmentFormat format;

  FolderSegments(Path folder, SegmentFormat format) {
    this.folder = folder;
    this.format = format;
  }

  @Override
  public FileSum write(String name, Rows rows) throws IOException {
    return write(name, file -> format.write(file, rows));
  }

  @Override
  public FileSum merge(String name, List<String> parts, Merge merge, Rows more) throws IOException {
    List<Path> files = parts.stream().map(this::file).toList();
    return write(name, file -> format.merge(file, files, merge, more));
  }

  private FileSum write(String name, DurableFiles.Content content) throws IOException {
    FileSum[] sum = new FileSum[1];
    DurableFiles.write(
        file(name),
        temporary -> {
          content.writeTo(temporary);
          sum[0] = FileSum.of(temporary);
        });
    return sum[0];
  }

  @Override
  public Optional<FileStamp> stamp(String name) throws IOException {
    return FileStamp.of(file(name));
  }

  @Override
  public FileSum sum(String name) throws IOException {
    return FileSum.of(file(name));
  }

  @Override
  public Segments select(List<String> names) {
    return new Selected(format, names.stream().map(this::file).toList());
  }

  private record Selected(SegmentFormat format, List<Path> files) implements Segments {
    @Override
    public Segments and(Segments others) {
      Selected those = (Selected) others;
      return new Selected(format, Stream.of(this, those).flatMap(s -> s.files.stream()).toList());
    }

    @Override
    public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
      if (!files.isEmpty()) {
        format.scan(shape, files, scan, visitor);
      }
    }

    @Override
    public <T> T reading(FileReader<T> reader) throws IOException {
      return reader.read(files);
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
