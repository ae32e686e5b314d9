package io.tidemark.server.structure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The project's files, as the rules see them.
final class Project {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final List<String> MODULES =
      List.of("core", "server", "bench", "bench/yardsticks", "testing-s3", "testing-readers");

  /// Folders that hold nothing that was written by hand.
  private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", "data");

  private Project() {}

  /// Java sources that are shipped.
  static List<JavaSource> mainSources() {
    return sources("main");
  }

  static List<JavaSource> testSources() {
    return sources("test");
  }

  static List<JavaSource> allSources() {
    List<JavaSource> all = new ArrayList<>(mainSources());
    all.addAll(testSources());
    return all;
  }

  private static List<JavaSource> sources(String kind) {
    List<JavaSource> sources = new ArrayList<>();
    for (String module : MODULES) {
      Path folder = ROOT.resolve(module).resolve("src").resolve(kind).resolve("java");
      if (Files.isDirectory(folder)) {
        files(folder).stream()
            .filter(f -> f.toString().endsWith(".java"))
            .forEach(f -> sources.add(new JavaSource(module, relative(f), read(f))));
      }
    }
    return sources;
  }

  /// Documents in Markdown.
  static List<Path> documents() {
    return files(ROOT).stream().filter(f -> f.toString().endsWith(".md")).toList();
  }

  /// All files of the project, in the order of their names.
  static List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              Path name = dir.getFileName();
              return name != null && NOT_OURS.contains(name.toString())
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.stream().sorted().toList();
  }

  /// A file as people name it: from the project's root, with slashes.
  static String relative(Path file) {
    return ROOT.relativize(file.toAbsolutePath().normalize()).toString().replace('\\', '/');
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
