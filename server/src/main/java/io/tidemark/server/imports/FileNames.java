package io.tidemark.server.imports;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What people name: files, folders of them, and patterns of names, as a shell has them.
public final class FileNames {
  private FileNames() {}

  /// The files that are named, those of a folder or pattern in the order of their paths.
  ///
  /// @param names files as they are; of folders, all that lies in them and has the name of a
  ///   format; anything else is a pattern such as `2026-*/*.csv`
  /// @throws IOException where one of them is nothing
  public static List<Path> files(List<String> names) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : names) {
      List<Path> found = named(name);
      if (found.isEmpty()) {
        throw new IOException("there is no file " + name);
      }
      files.addAll(found);
    }
    return files;
  }

  private static List<Path> named(String name) throws IOException {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        return walk(path, file -> FileFormat.of(file).isPresent());
      }
      if (Files.exists(path)) {
        return List.of(path);
      }
    } catch (InvalidPathException _) {
      // Not all patterns can be paths everywhere.
    }
    int wild = firstWild(name);
    if (wild < 0) {
      return List.of();
    }
    int slash = name.lastIndexOf('/', wild);
    Path base = Path.of(slash < 0 ? "" : slash == 0 ? "/" : name.substring(0, slash));
    if (!Files.isDirectory(base)) {
      return List.of();
    }
    PathMatcher pattern =
        FileSystems.getDefault().getPathMatcher("glob:" + name.substring(slash + 1));
    return walk(base, file -> pattern.matches(base.relativize(file)));
  }

  private static int firstWild(String name) {
    for (int i = 0; i < name.length(); i++) {
      if ("*?[{".indexOf(name.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static List<Path> walk(Path base, PathMatcher wanted) throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      return all.filter(f -> Files.isRegularFile(f) && wanted.matches(f)).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
