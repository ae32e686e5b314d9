package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The source tree that the tests run in, and how its build is started.
final class Checkout {
  static final Path ROOT = root();
  static final Path ALLEZON = ROOT.resolve("apps").resolve("allezon");

  private Checkout() {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(folder.resolve("tidemark"))) {
      Path above = folder.getParent();
      if (above == null) {
        throw new AssertionError("no folder above has the launcher");
      }
      folder = above;
    }
    return folder;
  }

  /// The command line of `tidemark ARGUMENTS` as the launcher would run it.
  static List<String> tidemark(List<String> arguments) {
    Path jar = ROOT.resolve("server").resolve("target").resolve("tidemark.jar");
    assertThat(jar).as("the packaged program").isRegularFile();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + ROOT.resolve("server").resolve("jvm.options"));
    command.add("-Dtidemark.home=" + ROOT);
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(arguments);
    return command;
  }
}
