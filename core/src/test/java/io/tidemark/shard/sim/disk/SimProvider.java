package io.tidemark.shard.sim.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The operations of a [SimFileSystem]; those that a shard has no use for are refused.
final class SimProvider extends FileSystemProvider {
  private final SimFileSystem files;

  SimProvider(SimFileSystem files) {
    this.files = files;
  }

  /// What an operation is about, so that runs can be told apart: a folder's name, or the beginning
  /// of a file's.
  static String about(Path path) {
    List<String> names = ((SimPath) path).names();
    String name = names.isEmpty() ? "root" : names.getLast();
    if (name.endsWith(".tmp")) {
      return "temporary";
    }
    if (name.endsWith(".rows")) {
      return "segment";
    }
    if (name.startsWith("manifest-")) {
      return "manifest";
    }
    return Character.isDigit(name.charAt(0)) ? "shard" : name;
  }

  private @Nullable Inode find(Path path) {
    return files.disk().find(((SimPath) path).names());
  }

  Inode require(Path path) throws IOException {
    Inode inode = find(path);
    if (inode == null) {
      throw new NoSuchFileException(path.toString());
    }
    return inode;
  }

  private Inode parent(Path path) throws IOException {
    return require(Objects.requireNonNull(path.toAbsolutePath().getParent()));
  }

  private static String name(Path path) {
    return ((SimPath) path).name();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean writes = options.contains(StandardOpenOption.WRITE);
    boolean makes =
        writes
            && (options.contains(StandardOpenOption.CREATE)
                || options.contains(StandardOpenOption.CREATE_NEW));
    files.change(
        (makes ? "create " : "open ") + about(path),
        _ -> {
          Inode there = find(path);
          if (there != null && options.contains(StandardOpenOption.CREATE_NEW)) {
            throw new FileAlreadyExistsException(path.toString());
          }
          if (there == null && makes) {
            parent(path).rename("", name(path), new Inode(false));
          } else if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            require(path).truncate(0);
          }
          require(path);
        });
    return new SimChannel(files, require(path), about(path), writes);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    files.look("list " + about(folder));
    Inode inode = require(folder);
    if (!inode.isFolder()) {
      throw new NotDirectoryException(folder.toString());
    }
    List<Path> found = new ArrayList<>();
    for (String name : inode.names().keySet()) {
      Path path = folder.resolve(name);
      if (filter.accept(path)) {
        found.add(path);
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return found.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    files.change(
        "make " + about(folder),
        _ -> {
          if (find(folder) != null) {
            throw new FileAlreadyExistsException(folder.toString());
          }
          parent(folder).rename("", name(folder), new Inode(true));
        });
  }

  @Override
  public void delete(Path path) throws IOException {
    files.change(
        "delete " + about(path),
        _ -> {
          if (!require(path).names().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
          }
          parent(path).rename(name(path), "", null);
        });
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    if (!Arrays.asList(options).contains(StandardCopyOption.ATOMIC_MOVE)
        || !Objects.equals(source.getParent(), target.getParent())) {
      throw new UnsupportedOperationException("only within a folder, and at once");
    }
    files.change(
        "rename " + about(target),
        _ -> parent(target).rename(name(source), name(target), require(source)));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    files.peek("look at " + about(path));
    require(path);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    files.peek("look at " + about(path));
    return type.cast(new Attributes(require(path)));
  }

  private record Attributes(Inode inode) implements BasicFileAttributes {
    @Override
    public FileTime lastModifiedTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime lastAccessTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime creationTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public boolean isRegularFile() {
      return !inode.isFolder();
    }

    @Override
    public boolean isDirectory() {
      return inode.isFolder();
    }

    @Override
    public boolean isSymbolicLink() {
      return false;
    }

    @Override
    public boolean isOther() {
      return false;
    }

    @Override
    public long size() {
      return inode.content().length;
    }

    @Override
    public Object fileKey() {
      return inode;
    }
  }

  @Override
  public boolean isSameFile(Path a, Path b) throws IOException {
    return require(a) == require(b);
  }

  @Override
  public boolean isHidden(Path path) {
    return false;
  }

  @Override
  public String getScheme() {
    return "sim";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null;
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }
}
