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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Segments as files of a folder, `<name><extension>`.
final class FolderSegments implements SegmentStore {
  private static final int READ_BYTES = 256 << 10;

  private final Path folder;
  private final SegmentFormat format;
  private final boolean hasInodes;

  FolderSegments(Path folder, SegmentFormat format) {
    this.folder = folder;
    this.format = format;
    this.hasInodes = folder.getFileSystem().supportedFileAttributeViews().contains("unix");
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
          sum[0] = sum(temporary);
        });
    return sum[0];
  }

  /// The time at which an inode has changed cannot be set by anybody, unlike that of the last
  /// writing; not all systems have it.
  @Override
  public Optional<FileStamp> stamp(String name) throws IOException {
    try {
      if (hasInodes) {
        Map<String, Object> now = Files.readAttributes(file(name), "unix:size,ino,ctime");
        return Optional.of(new FileStamp((Long) Objects.requireNonNull(now.get("size")), now));
      }
      BasicFileAttributes now = Files.readAttributes(file(name), BasicFileAttributes.class);
      return Optional.of(new FileStamp(now.size(), now.lastModifiedTime()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  @Override
  public FileSum sum(String name) throws IOException {
    return sum(file(name));
  }

  private static FileSum sum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(channel.size(), 1, READ_BYTES));
      while (channel.read(buffer) >= 0) {
        bytes += buffer.flip().remaining();
        crc.update(buffer);
        buffer.clear();
      }
    }
    return new FileSum(bytes, crc.getValue());
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
