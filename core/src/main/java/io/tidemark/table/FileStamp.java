package io.tidemark.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What a file system says of a file without reading it.
///
/// @param bytes its length
/// @param writes equal to what it was before only where nobody has written to the file, or put
///   another one in its place
public record FileStamp(long bytes, Object writes) {
  /// What it says just now; nothing where there is no such file.
  ///
  /// The time at which an inode has changed cannot be set by anybody, unlike that of the last
  /// writing; not all systems have it.
  public static Optional<FileStamp> of(Path file) throws IOException {
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
        Map<String, Object> now = Files.readAttributes(file, "unix:size,ino,ctime");
        return Optional.of(
            new FileStamp((Long) of(now, "size"), List.of(of(now, "ino"), of(now, "ctime"))));
      }
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new FileStamp(now.size(), now.lastModifiedTime()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static Object of(Map<String, Object> attributes, String name) {
    return Objects.requireNonNull(attributes.get(name));
  }
}
