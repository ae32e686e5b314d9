package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `./tidemark` and the demo, from a fresh clone, as a new user runs them.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("alone")
class LauncherIT {
  private static final Duration BUILD = Duration.ofMinutes(6);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration STARTED = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static Path clone;

  @BeforeAll
  static void cloneTheRepository() {
    clone = folder.resolve("clone");
    List<String> git =
        List.of(
            "git",
            "-c",
            "safe.directory=*",
            "clone",
            "-q",
            "--no-hardlinks",
            Checkout.ROOT.toString(),
            clone.toString());
    try (Command command = Command.start(folder, Map.of(), git)) {
      assertThat(command.exitCode(Duration.ofMinutes(1))).as(command.toString()).isZero();
    }
  }

  private static Command tidemark(Map<String, String> environment, String... arguments) {
    List<String> words = new ArrayList<>(List.of(clone.resolve("tidemark").toString()));
    words.addAll(List.of(arguments));
    return Command.start(folder, environment, words);
  }

  /// An environment whose `PATH` has what the launcher itself uses, and nothing else.
  private static Map<String, String> barePath(Map<String, String> more) throws IOException {
    Path bin = Files.createTempDirectory(folder, "bin");
    for (String tool :
        List.of(
            "bash",
            "env",
            "dirname",
            "readlink",
            "grep",
            "find",
            "mkdir",
            "touch",
            "tail",
            "sleep",
            "rm",
            "flock",
            "mktemp")) {
      Path found =
          Stream.of(System.getenv("PATH").split(":"))
              .map(d -> Path.of(d, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      Files.createSymbolicLink(bin.resolve(tool), found);
    }
    Map<String, String> environment = new HashMap<>(more);
    environment.put("PATH", bin.toString());
    return environment;
  }

  @Test
  @Order(1)
  void withoutAJdkItSaysWhichAndHowToGetIt() throws IOException {
    Map<String, String> none =
        barePath(Map.of("JAVA_HOME", "", "TIDEMARK_JDK_SEARCH", folder.resolve("none").toString()));
    try (Command command = tidemark(none, "--version")) {
      assertThat(command.exitCode(SOON)).isEqualTo(1);
      assertThat(command.err()).contains("needs JDK 25", "apt-get install openjdk-25-jdk");
      assertThat(command.out()).isEmpty();
    }
  }

  @Test
  @Order(2)
  void withoutMavenItSaysSo() throws IOException {
    Map<String, String> noMaven = barePath(Map.of("JAVA_HOME", System.getProperty("java.home")));
    try (Command command = tidemark(noMaven, "--version")) {
      assertThat(command.exitCode(SOON)).isEqualTo(1);
      assertThat(command.err()).contains("needs Maven 3.8.7 or newer", "apt-get install maven");
    }
  }

  @Test
  @Order(3)
  void theFirstStartBuildsAndRunsAndTheSecondIsFast() {
    try (Command command = tidemark(Map.of(), "--version")) {
      assertThat(command.exitCode(BUILD)).as(command.toString()).isZero();
      assertThat(command.err()).contains("building", "Building … done", "Preparing a fast start");
      assertThat(command.out()).startsWith("tidemark ");
    }
    try (Command command = tidemark(Map.of(), "--version")) {
      assertThat(command.exitCode(SOON)).as(command.toString()).isZero();
      assertThat(command.err()).isEmpty();
      assertThat(command.out()).startsWith("tidemark ");
    }
  }

  @Test
  @Order(4)
  void itBecomesTheJvmSoThatSignalsAndExitCodesAreRight() {
    try (Command command = tidemark(Map.of(), "no-such-command")) {
      assertThat(command.exitCode(SOON)).as(command.toString()).isEqualTo(2);
    }
    String app = clone.resolve("apps").resolve("allezon").toString();
    String data = folder.resolve("data").toString();
    try (Command command =
        tidemark(Map.of(), "run", app, "--http", "127.0.0.1:0", "--data", data)) {
      String address = command.awaitLine("ready at ", STARTED).substring("ready at ".length());
      assertThat(command.process().info().command().orElseThrow()).endsWith("/bin/java");
      assertThat(command.process().children()).isEmpty();
      new Http(address).get("/health/ready").expect(200);
      command.signal("TERM");
      assertThat(command.exitCode(SOON)).isIn(0, 143);
    }
  }

  @Test
  @Order(5)
  void whatLibrariesUnpackGoesWithTheProcessOrWithTheNext() throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("unpacked"));
    Map<String, String> environment = Map.of("TMPDIR", temporary.toString());
    String app = clone.resolve("apps").resolve("allezon").toString();
    String data = folder.resolve("killed").toString();
    try (Command node =
        tidemark(environment, "run", app, "--http", "127.0.0.1:0", "--data", data)) {
      node.awaitLine("ready at ", STARTED);
      String own = "tidemark-run-[0-9]+-%d-.{6}".formatted(node.process().pid());
      assertThat(names(temporary)).singleElement().asString().matches(own);
      Path folderOfNode = temporary.resolve(names(temporary).getFirst());
      assertThat(names(folderOfNode)).anyMatch(n -> n.startsWith("libduckdb"));
      try (Command beside = tidemark(environment, "--version")) {
        assertThat(beside.exitCode(SOON)).as(beside.toString()).isZero();
      }
      assertThat(names(temporary)).singleElement().asString().matches(own);
      node.kill();
      assertThat(names(folderOfNode)).anyMatch(n -> n.startsWith("libduckdb"));
    }
    String space = names(temporary).getFirst().split("-")[2];
    String alike = "tidemark-run-" + space + "-mine";
    Files.createDirectory(temporary.resolve(alike));
    try (Command next =
        tidemark(environment, "run", app, "--http", "127.0.0.1:0", "--data", data)) {
      next.awaitLine("ready at ", STARTED);
      assertThat(names(temporary)).hasSize(2).contains(alike);
      next.signal("TERM");
      assertThat(next.exitCode(SOON)).isIn(0, 143);
    }
    assertThat(names(temporary)).containsExactly(alike);
  }

  @Test
  @Order(6)
  void theDemoShowsWhatItSaysAndLeavesNothing() throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Map<String, String> environment = Map.of("TIDEMARK_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
    // A build that runs in the background ignores SIGINT, and what it starts would, too.
    List<String> words =
        List.of(
            "/usr/bin/env",
            "--default-signal=INT",
            clone.resolve("tidemark").toString(),
            "demo",
            "--http",
            "127.0.0.1:0",
            "--minutes",
            "1");
    try (Command demo = Command.start(folder, environment, words)) {
      String address =
          demo.awaitLine("Tidemark is ready at ", STARTED)
              .substring("Tidemark is ready at ".length());
      assertThat(demo.awaitLine("1000 events a second", SOON)).contains("for 1 minutes");
      Poll.until(
          "three commands to try",
          SOON,
          () -> demo.outLines().stream().filter(l -> l.startsWith("  curl ")).count() == 3);
      Poll.until(
          "a line of figures",
          Duration.ofSeconds(15),
          () -> demo.outLines().stream().anyMatch(l -> l.matches(" *[0-9,]+ events stored .*")));
      for (String line : demo.outLines()) {
        if (line.startsWith("  curl ")) {
          assertThat(line).contains(address);
          answersWithSomething(line.strip());
        }
      }
      assertThat(names(temporary)).anyMatch(n -> n.startsWith("tidemark-demo-"));
      demo.signal("INT");
      assertThat(demo.exitCode(SOON)).as(demo.toString()).isIn(0, 130);
      assertThat(names(temporary)).noneMatch(n -> n.startsWith("tidemark-demo-"));
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  /// Pastes a command into a shell.
  private static void answersWithSomething(String line) {
    try (Command shell = Command.start(folder, Map.of(), List.of("bash", "-c", line))) {
      assertThat(shell.exitCode(Duration.ofSeconds(10))).as(shell.toString()).isZero();
      JsonNode answer = Http.JSON.readTree(shell.out());
      JsonNode list =
          answer.has("rows")
              ? answer.get("rows")
              : answer.has("events") ? answer.get("events") : answer.get("views");
      assertThat(list).as(line).isNotEmpty();
    }
  }
}
