package io.tidemark.server.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs every command of the documents that is marked `sh`, as it stands, from the project's
/// folder, against a node with the allezon app; only the node's address is replaced.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("alone")
class DocsCommandsIT {
  private static final String ADDRESS = "http://127.0.0.1:8080";
  private static final String READY = "ready at ";
  private static final Path JAR = Project.ROOT.resolve("server/target/tidemark.jar");

  private Process node;
  private String address = "";

  @BeforeAll
  void startNode(@TempDir Path data) throws IOException {
    // The launcher builds where a source is newer than the jar; this jar was built just now.
    Files.setLastModifiedTime(JAR, FileTime.from(Instant.now()));
    node =
        new ProcessBuilder(
                "./tidemark", "run", "apps/allezon", "--http", "127.0.0.1:0", "--data", "" + data)
            .directory(Project.ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null && address.isEmpty(); line = out.readLine()) {
      if (line.startsWith(READY)) {
        address = line.substring(READY.length());
        return;
      }
    }
    throw new AssertionError("the node ended before it was ready");
  }

  @AfterAll
  void stopNode() throws IOException, InterruptedException {
    node.destroy();
    assertThat(node.waitFor(20, TimeUnit.SECONDS)).as("the node ends").isTrue();
    // What a command has exported.
    Files.deleteIfExists(Project.ROOT.resolve("tags.ndjson"));
  }

  static Stream<Path> documents() {
    return Project.documents().stream()
        .filter(d -> Markdown.read(d).blocks().stream().anyMatch(b -> b.language().equals("sh")));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void commandsWork(Path document) throws Exception {
    List<Markdown.Block> blocks = Markdown.read(document).blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Markdown.Block block = blocks.get(i);
      if (!block.language().equals("sh")) {
        continue;
      }
      String place = Project.relative(document) + ":" + block.line();
      String output = run(block.content().replace(ADDRESS, address), place);
      assertThat(output).as(place).doesNotContain("urn:tidemark:");
      boolean shown = i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
      if (shown && block.content().startsWith("./tidemark")) {
        assertThat(output.strip()).as(place).isEqualTo(blocks.get(i + 1).content().strip());
      }
    }
  }

  private static String run(String commands, String place)
      throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", commands)
            .directory(Project.ROOT.toFile())
            .redirectErrorStream(true)
            .start();
    bash.getOutputStream().close();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(place + "\n" + output).isZero();
    return output;
  }
}
