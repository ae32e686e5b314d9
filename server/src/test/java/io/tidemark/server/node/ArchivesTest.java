package io.tidemark.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.archive.ArchiveAddress;
import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
  @TempDir Path folder;

  @Test
  void aPathIsAFolder() throws IOException {
    Path archive = folder.resolve("archive");
    try (ObjectStore store = Archives.open(ArchiveAddress.parse(archive.toString()))) {
      store.putBytes(new ObjectKey("a/b"), new byte[] {1});
    }
    assertThat(archive.resolve("a/b")).hasBinaryContent(new byte[] {1});
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> Archives.open(ArchiveAddress.parse(file + "/archive")))
        .isInstanceOf(ArchiveRefusedException.class)
        .hasMessageContaining(file.toString());
  }
}
