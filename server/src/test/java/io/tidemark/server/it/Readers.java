package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Readers of Parquet that are not ours, each as a process of its own: their libraries are not
/// ours, either.
final class Readers {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path BUILT = Checkout.ROOT.resolve("testing-readers").resolve("target");

  /// What Spark reaches for in the JDK.
  private static final List<String> SPARK_OPENS =
      Stream.of(
              "java.lang",
              "java.lang.invoke",
              "java.nio",
              "java.util",
              "sun.nio.ch",
              "sun.util.calendar")
          .map(p -> "--add-opens=java.base/%s=ALL-UNNAMED".formatted(p))
          .toList();

  private Readers() {}

  /// The rows of each file as Parquet's own library for Java reads them.
  static List<List<String>> rows(List<Path> files) {
    List<String> arguments = files.stream().map(Path::toString).toList();
    return numbered(run("ParquetRows", List.of(), arguments), files.size());
  }

  /// The answers of Spark to questions about a stream in an archive, a table under its name: an
  /// object for each row without what is null.
  ///
  /// @param scratch a folder for what it leaves behind
  static List<List<String>> spark(
      Path scratch, Path archive, String stream, List<String> questions) {
    List<String> arguments =
        new ArrayList<>(List.of(scratch.toString(), archive.toString(), stream));
    arguments.addAll(questions);
    return numbered(run("SparkQueries", SPARK_OPENS, arguments), questions.size());
  }

  /// Lines by the numbers before them.
  private static List<List<String>> numbered(List<String> lines, int numbers) {
    List<List<String>> all = new ArrayList<>();
    for (int i = 0; i < numbers; i++) {
      all.add(new ArrayList<>());
    }
    for (String line : lines) {
      String[] parts = line.split("\t", 2);
      all.get(Integer.parseInt(parts[0])).add(parts[1]);
    }
    return all;
  }

  private static List<String> run(String reader, List<String> options, List<String> arguments) {
    assertThat(BUILT.resolve("lib"))
        .as("the readers' libraries: mvn -Dquick -DskipTests -pl testing-readers package")
        .isDirectory();
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    words.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    words.addAll(options);
    words.addAll(List.of("-cp", BUILT.resolve("classes") + ":" + BUILT.resolve("lib") + "/*"));
    words.add("io.tidemark.testing.readers." + reader);
    words.addAll(arguments);
    try (Command command = Command.start(Checkout.ROOT, Map.of(), words)) {
      assertThat(command.exitCode(PATIENCE)).as(command::err).isZero();
      return command.outLines();
    }
  }
}
