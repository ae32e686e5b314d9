package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The source tree that the tests run in, and how its build is started.
final class Checkout {
  static final Path ROOT = root();
  static final Path ALLEZON = ROOT.resolve("apps").resolve("allezon");
  private static final Path BUILT = ROOT.resolve("server").resolve("target");
  private static final Path JAR = BUILT.resolve("tidemark.jar");
  private static final Path CACHE = BUILT.resolve("tidemark.aot");

  /// Processes of tests live for seconds; half of what a node's start takes of the processor would
  /// go into optimising code that never runs again.
  private static final String QUICK_TO_START = "-XX:TieredStopAtLevel=1";

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

  /// The command line of `tidemark ARGUMENTS` as the launcher would run it, but for
  /// [#QUICK_TO_START].
  ///
  /// @param temporary where libraries may unpack themselves
  static List<String> tidemark(Path temporary, List<String> arguments) {
    prepareFastStart();
    return java(
        List.of("-XX:AOTCache=" + CACHE, "-Djava.io.tmpdir=" + temporary, QUICK_TO_START),
        arguments);
  }

  /// A new folder; killed processes leave a hundred megabytes in it.
  static Path temporaryFolder() {
    try {
      return Files.createTempDirectory(BUILT, "run-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Makes the JVM's cache of loaded classes, as the launcher does: a node starts in half the time.
  private static synchronized void prepareFastStart() {
    assertThat(JAR).as("the packaged program").isRegularFile();
    // Tests run in two processes.
    try (FileChannel one =
            FileChannel.open(
                BUILT.resolve("warm-up.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = one.lock()) {
      if (Files.exists(CACHE)
          && Files.getLastModifiedTime(CACHE).compareTo(Files.getLastModifiedTime(JAR)) > 0) {
        return;
      }
      Files.deleteIfExists(CACHE);
      int status =
          new ProcessBuilder(
                  java(
                      List.of("-XX:AOTCacheOutput=" + CACHE, QUICK_TO_START),
                      List.of("warm-up", ALLEZON.toString())))
              .redirectErrorStream(true)
              .redirectOutput(BUILT.resolve("warm-up.log").toFile())
              .start()
              .waitFor();
      assertThat(status).as("warm-up: see %s", BUILT.resolve("warm-up.log")).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static List<String> java(List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + ROOT.resolve("server").resolve("jvm.options"));
    command.addAll(options);
    command.add("-Dtidemark.home=" + ROOT);
    command.add("-jar");
    command.add(JAR.toString());
    command.addAll(arguments);
    return command;
  }
}
