package io.tidemark.shard.sim.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A path of a [SimFileSystem]: absolute where it begins with a slash. There are neither links nor
/// `.` and `..`.
final class SimPath implements Path {
  private final SimFileSystem files;
  private final boolean absolute;
  private final List<String> names;

  SimPath(SimFileSystem files, String text) {
    this(files, text.startsWith("/"), names(text));
  }

  private SimPath(SimFileSystem files, boolean absolute, List<String> names) {
    this.files = files;
    this.absolute = absolute;
    this.names = names;
  }

  static List<String> names(String text) {
    List<String> names = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      int slash = text.indexOf('/', from);
      int to = slash < 0 ? text.length() : slash;
      if (to > from) {
        names.add(text.substring(from, to));
      }
      from = to + 1;
    }
    return names;
  }

  SimFileSystem files() {
    return files;
  }

  List<String> names() {
    return names;
  }

  /// The last name.
  String name() {
    return names.getLast();
  }

  @Override
  public FileSystem getFileSystem() {
    return files;
  }

  @Override
  public boolean isAbsolute() {
    return absolute;
  }

  @Override
  public @Nullable Path getRoot() {
    return absolute ? new SimPath(files, true, List.of()) : null;
  }

  @Override
  public @Nullable Path getFileName() {
    return names.isEmpty() ? null : getName(names.size() - 1);
  }

  @Override
  public @Nullable SimPath getParent() {
    return names.isEmpty() || (!absolute && names.size() == 1)
        ? null
        : new SimPath(files, absolute, names.subList(0, names.size() - 1));
  }

  @Override
  public int getNameCount() {
    return names.size();
  }

  @Override
  public Path getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public Path subpath(int begin, int end) {
    return new SimPath(files, false, names.subList(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    SimPath that = (SimPath) other;
    return absolute == that.absolute
        && names.size() >= that.names.size()
        && names.subList(0, that.names.size()).equals(that.names);
  }

  @Override
  public boolean endsWith(Path other) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path normalize() {
    return this;
  }

  @Override
  public Path resolve(Path other) {
    if (other.isAbsolute()) {
      return other;
    }
    List<String> all = new ArrayList<>(names);
    all.addAll(((SimPath) other).names);
    return new SimPath(files, absolute, all);
  }

  @Override
  public Path relativize(Path other) {
    if (!other.startsWith(this)) {
      throw new UnsupportedOperationException(this + " to " + other);
    }
    SimPath that = (SimPath) other;
    return new SimPath(files, false, that.names.subList(names.size(), that.names.size()));
  }

  @Override
  public URI toUri() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path toAbsolutePath() {
    return absolute ? this : new SimPath(files, true, names);
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    if (files.disk().find(names) == null) {
      throw new NoSuchFileException(toString());
    }
    return toAbsolutePath();
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int compareTo(Path other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SimPath that
        && files == that.files
        && absolute == that.absolute
        && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    // Locked folders of all processes there ever were lie in one set.
    return System.identityHashCode(files) * 31 + names.hashCode();
  }

  @Override
  public String toString() {
    return (absolute ? "/" : "") + String.join("/", names);
  }
}
