package io.tidemark.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are there whole, or not at all.
final class DurableFilesTest {
  @TempDir private Path folder;

  private void create(String temporary, String content) throws IOException {
    DurableFiles.create(
        folder.resolve("f"), folder.resolve(temporary), t -> Files.writeString(t, content));
  }

  @Test
  void whoCreatesAFileFirstStays() throws IOException {
    // Both have seen that it is not there, and write.
    assertThatThrownBy(
            () ->
                DurableFiles.create(
                    folder.resolve("f"),
                    folder.resolve("late.tmp"),
                    temporary -> {
                      Files.writeString(temporary, "late");
                      create("first.tmp", "first");
                    }))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("f")).hasContent("first");
    assertThat(names()).containsExactly("f");
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}
