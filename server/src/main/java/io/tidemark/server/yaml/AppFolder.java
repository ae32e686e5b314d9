package io.tidemark.server.yaml;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folder of an app as the user named it.
final class AppFolder {
  private static final int MAX_FOLDERS_SEEN = 1000;

  private AppFolder() {}

  static String display(Path folder) {
    return slashed(folder);
  }

  static String display(String folder, String file) {
    String slashed = file.replace(File.separatorChar, '/');
    return folder.isEmpty()
        ? slashed
        : folder.endsWith("/") ? folder + slashed : folder + "/" + slashed;
  }

  static String slashed(Path path) {
    return path.toString().replace(File.separatorChar, '/');
  }

  /// Whether the folder has a file with declarations; what is wrong is reported.
  static boolean check(Path folder, Problems problems) {
    String name = display(folder);
    if (!Files.exists(folder)) {
      List<String> others = appsBeside(folder);
      problems.add(name, 1, 1, "no such folder" + nearest(folder, others));
      return false;
    }
    if (!Files.isDirectory(folder)) {
      boolean isFile = folder.endsWith(AppReader.FILE);
      Path parent = folder.getParent();
      String right = parent == null ? "." : slashed(parent);
      String advice = isFile ? "; name its folder, " + right : "; an app is a folder";
      problems.add(name, 1, 1, "not a folder" + advice);
      return false;
    }
    if (!Files.exists(folder.resolve(AppReader.FILE)) && Files.exists(folder.resolve("app.yml"))) {
      problems.add(display(name, "app.yml"), 1, 1, "rename this file to " + AppReader.FILE);
      return false;
    }
    return true;
  }

  private static String nearest(Path folder, List<String> others) {
    Optional<String> nearest =
        Nearest.to(String.valueOf(folder.getFileName()), others).map(n -> sibling(folder, n));
    if (nearest.isPresent()) {
      return "; did you mean " + nearest.get() + "?";
    }
    return others.isEmpty()
        ? ""
        : Words.known(others.stream().map(n -> sibling(folder, n)).toList());
  }

  private static String sibling(Path folder, String name) {
    return slashed(folder.resolveSibling(name));
  }

  /// The names of the folders with declarations that lie where the folder should be.
  private static List<String> appsBeside(Path folder) {
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> beside = Files.list(parent)) {
      return beside
          .limit(MAX_FOLDERS_SEEN)
          .filter(other -> Files.exists(other.resolve(AppReader.FILE)))
          .map(other -> String.valueOf(other.getFileName()))
          .sorted()
          .toList();
    } catch (IOException _) {
      return List.of();
    }
  }
}
