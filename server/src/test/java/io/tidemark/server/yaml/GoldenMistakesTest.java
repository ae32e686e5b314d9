package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A declaration with about every mistake at once, and all that is said of it.
class GoldenMistakesTest {
  @TempDir Path temp;

  @Test
  void everyMistakeIsReportedInOrder() throws IOException {
    var folder = new Folder(temp).write(resource("broken.yaml"));
    assertThat(String.join("\n", folder.shortProblems()) + "\n").isEqualTo(resource("broken.txt"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = GoldenMistakesTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
