package io.tidemark.server.imports;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.PatternSyntaxException;

/// What people name: files, folders of them, and patterns of names, as a shell has them.
public final class FileNames {
  private FileNames() {}

  /// The files that are named, those of a folder or pattern in the order of their paths.
  ///
  /// @param names files as they are; of folders, all that lies in them and has the name of a
  ///   format; anything else is a pattern such as `2026-*/*.csv`
  /// @param unreadable hears of folders that cannot be read, and so are left out
  /// @throws IOException where one of them is nothing
  public static List<Path> files(List<String> names, Consumer<String> unreadable)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : names) {
      List<Path> found = named(name, unreadable);
      if (found.isEmpty()) {
        throw new IOException("there is no file " + name);
      }
      files.addAll(found);
    }
    return files;
  }

  private static List<Path> named(String name, Consumer<String> unreadable) throws IOException {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        return walk(path, Integer.MAX_VALUE, file -> FileFormat.of(file).isPresent(), unreadable);
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
    String pattern = name.substring(slash + 1);
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      return walk(base, depth(pattern), matcher, unreadable);
    } catch (PatternSyntaxException e) {
      throw new IOException("%s is no pattern: %s".formatted(name, e.getDescription()), e);
    }
  }

  /// How deep what a pattern matches can be: only `**` goes into any number of folders.
  private static int depth(String pattern) {
    return pattern.contains("**")
        ? Integer.MAX_VALUE
        : 1 + (int) pattern.chars().filter(c -> c == '/').count();
  }

  private static int firstWild(String name) {
    for (int i = 0; i < name.length(); i++) {
      if ("*?[{".indexOf(name.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /// @param wanted matches paths within the base
  private static List<Path> walk(
      Path base, int depth, PathMatcher wanted, Consumer<String> unreadable) throws IOException {
    // A link is walked only as the folder it is.
    Path real = base.toRealPath();
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        real,
        Set.of(),
        depth,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            Path within = real.relativize(file);
            if (wanted.matches(within) && Files.isRegularFile(file)) {
              found.add(base.resolve(within));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            unreadable.accept(
                "cannot read %s, which is left out: %s"
                    .formatted(base.resolve(real.relativize(file)), e));
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(found);
    return found;
  }
}
