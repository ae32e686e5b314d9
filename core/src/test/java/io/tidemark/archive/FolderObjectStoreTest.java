package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderObjectStoreTest extends ObjectStoreContract {
  @TempDir Path disk;

  @Override
  protected ObjectStore open() throws IOException {
    return FolderObjectStore.open(root(), "node-1");
  }

  private Path root() {
    return disk.resolve("some/archive");
  }

  @Test
  void keysArePaths() throws IOException {
    byte[] content = noise(10, 1);
    try (ObjectStore store = open()) {
      store.put(key("stream=s/date=2026-11-21/3.parquet"), file(content), sum(content));
      assertThat(root().resolve("stream=s/date=2026-11-21/3.parquet")).hasBinaryContent(content);
      store.delete(key("stream=s/date=2026-11-21/3.parquet"));
    }
    assertThat(root()).isEmptyDirectory();
  }

  @Test
  void theRestOfAnInterruptedPutIsNoObjectAndGoesWhenItIsOld() throws IOException {
    byte[] content = noise(10, 1);
    try (ObjectStore store = open()) {
      store.put(key("a/b"), file(content), sum(content));
      Path torn = Files.write(root().resolve("a/.c.node-2-7.tmp"), new byte[3]);
      Files.setLastModifiedTime(torn, FileTime.fromMillis(1_000_000));
      store.list(
          "",
          "",
          o -> {
            assertThat(o.key()).isEqualTo(key("a/b"));
            return true;
          });
      assertThat(store.tidy(1_000_000)).isZero();
      assertThat(torn).exists();
      assertThat(store.tidy(1_000_001)).isEqualTo(1);
      assertThat(torn).doesNotExist();
      assertThat(store.stat(key("a/b"))).isPresent();
    }
  }

  @Test
  void aDamagedObjectIsNotTakenForTheRightOne() throws IOException {
    byte[] content = noise(10_000, 1);
    try (ObjectStore store = open()) {
      store.put(key("a"), file(content), sum(content));
      Path object = root().resolve("a");
      byte[] bad = content.clone();
      bad[5000] ^= 1;
      Files.write(object, bad);
      FileSum sum = sum(content);
      assertThatThrownBy(() -> store.get(key("a"), local.resolve("f"), sum))
          .isInstanceOf(ObjectDiffersException.class)
          .hasMessageContaining(object.toString());
      assertThatThrownBy(() -> store.put(key("a"), file(content), sum))
          .isInstanceOf(ObjectDiffersException.class)
          .hasMessageContaining(object.toString());
    }
  }

  @Test
  void aFolderThatIsGoneIsNoEmptyArchive() throws IOException {
    try (ObjectStore store = open()) {
      Files.delete(root());
      assertThatThrownBy(() -> store.stat(key("a")))
          .isInstanceOf(ArchiveUnavailableException.class)
          .hasMessageContaining("mounted");
      assertThatThrownBy(() -> store.list("", "", _ -> true))
          .isInstanceOf(ArchiveUnavailableException.class);
      assertThatThrownBy(() -> store.putBytes(key("a"), new byte[1]))
          .isInstanceOf(ArchiveUnavailableException.class);
    }
  }

  @Test
  void aFileInTheWaySaysSo() throws IOException {
    try (ObjectStore store = open()) {
      store.putBytes(key("a"), new byte[1]);
      assertThatThrownBy(() -> store.putBytes(key("a/b"), new byte[1]))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining(root().resolve("a").toString());
    }
    Path file = Files.write(disk.resolve("file"), new byte[1]);
    assertThatThrownBy(() -> FolderObjectStore.open(file.resolve("archive"), "x"))
        .isInstanceOf(ArchiveRefusedException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void ownersCanBePartsOfNames() {
    for (String owner : List.of("", "a/b", "../x", "a".repeat(41))) {
      assertThatThrownBy(() -> FolderObjectStore.open(root(), owner))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void putsLeaveNothingElse() throws IOException {
    byte[] content = noise(10, 1);
    try (ObjectStore store = open()) {
      store.put(key("x/a"), file(content), sum(content));
      Path wrong = file(noise(10, 2));
      assertThatThrownBy(() -> store.put(key("x/b"), wrong, sum(content)))
          .isInstanceOf(LocalFileException.class);
    }
    try (Stream<Path> files = Files.walk(root())) {
      assertThat(files.filter(Files::isRegularFile).map(f -> root().relativize(f).toString()))
          .containsExactly("x/a");
    }
  }
}
