package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.SegmentStoreContract;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStorageTest extends ShardStorageContract {
  @TempDir Path disk;

  @Override
  protected ShardStorage open() throws IOException {
    return open(disk.resolve("data/user_tags/3"));
  }

  private static FolderStorage open(Path folder) throws IOException {
    return FolderStorage.open(folder, new PlainFiles(), PlainFiles::openSorted);
  }

  @Nested
  class Segments extends SegmentStoreContract {
    @Override
    protected SegmentStore store() throws IOException {
      return FolderStorageTest.this.open().segments();
    }
  }

  @Test
  void liesInFilesOfKnownNames() throws IOException {
    try (ShardStorage storage = open(disk)) {
      storage.writeManifest(7, new byte[] {1});
      storage.segments().write("_events-0-5", rows("a"));
      storage.sorted("ids");
    }
    try (Stream<Path> files = Files.walk(disk)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> disk.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              "lock", "manifest-00000000000000000007", "segments/_events-0-5.rows", "sorted/ids");
    }
  }

  @Test
  void leftoversOfInterruptedWritesAreDeletedOnOpening() throws IOException {
    try (ShardStorage storage = open(disk)) {
      storage.writeManifest(1, new byte[] {1});
      storage.segments().write("kept", rows("a"));
    }
    Path manifest = Files.write(disk.resolve("manifest-00000000000000000002.tmp"), new byte[3]);
    Path segment = Files.write(disk.resolve("segments/torn.rows.tmp"), new byte[3]);
    try (ShardStorage storage = open(disk)) {
      assertThat(manifest).doesNotExist();
      assertThat(segment).doesNotExist();
      assertThat(storage.manifests()).containsExactly(1L);
      assertThat(storage.segments().names()).containsExactly("kept");
    }
  }

  @Test
  void aWriteThatFailsLeavesWhatWasThere() throws IOException {
    try (ShardStorage storage = open(disk)) {
      storage.segments().write("s", rows("good"));
    }
    SegmentFormat full =
        new SegmentFormat() {
          @Override
          public String extension() {
            return ".rows";
          }

          @Override
          public void write(Path file, Rows rows) throws IOException {
            Files.write(file, new byte[10]);
            throw new IOException("No space left on device");
          }

          @Override
          public void merge(Path file, List<Path> files, Merge merge, Rows more)
              throws IOException {
            write(file, more);
          }

          @Override
          public void scan(TableShape shape, List<Path> files, Scan scan, Scan.Visitor visitor) {}
        };
    byte[] before = Files.readAllBytes(disk.resolve("segments/s.rows"));
    try (ShardStorage storage = FolderStorage.open(disk, full, PlainFiles::openSorted)) {
      for (String name : List.of("s", "new")) {
        assertThatThrownBy(() -> storage.segments().write(name, rows("x")))
            .isInstanceOf(IOException.class)
            .hasMessageContaining(disk.resolve("segments").resolve(name + ".rows").toString())
            .hasMessageContaining("No space left");
        assertThatThrownBy(
                () ->
                    storage
                        .segments()
                        .merge(
                            name, List.of("s"), new Merge(List.of(), List.of(0), 2), rows("more")))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("No space left");
      }
      assertThat(storage.segments().names()).containsExactly("s");
    }
    assertThat(disk.resolve("segments/s.rows")).hasBinaryContent(before);
    assertThat(disk.resolve("segments")).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void everyChangeOfASegmentShows() throws IOException {
    try (ShardStorage storage = open(disk)) {
      FileSum sum = storage.segments().write("s", rows("a", "b"));
      Path file = disk.resolve("segments/s.rows");
      byte[] good = Files.readAllBytes(file);
      assertThat(sum.bytes()).isEqualTo(good.length);
      for (int at = 0; at < good.length; at++) {
        byte[] bad = good.clone();
        bad[at] ^= 1;
        Files.write(file, bad);
        assertThat(storage.segments().sum("s")).isNotEqualTo(sum);
        Files.write(file, Arrays.copyOf(good, at));
        assertThat(storage.segments().stamp("s")).map(FileStamp::bytes).hasValue((long) at);
      }
      Files.write(file, good);
      assertThat(storage.segments().sum("s")).isEqualTo(sum);
      Files.delete(file);
      assertThat(storage.segments().stamp("s")).isEmpty();
      assertThatThrownBy(() -> storage.segments().sum("s")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whoWritesToASegmentChangesItsStampThoughHePutsItsTimeBack() throws IOException {
    try (ShardStorage storage = open(disk)) {
      FileSum _ = storage.segments().write("s", rows("a", "b"));
      Optional<FileStamp> before = storage.segments().stamp("s");
      assertThat(storage.segments().stamp("s")).isEqualTo(before).isPresent();
      Path file = disk.resolve("segments/s.rows");
      byte[] content = Files.readAllBytes(file);
      FileTime written = Files.getLastModifiedTime(file);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      do {
        // Until the clock of the file system has ticked.
        Files.write(file, content);
        Files.setLastModifiedTime(file, written);
      } while (storage.segments().stamp("s").equals(before) && System.nanoTime() < deadline);
      assertThat(storage.segments().stamp("s")).isPresent().isNotEqualTo(before);
    }
  }

  @Test
  void namesThatCannotBeFilesAreRefused() throws IOException {
    try (ShardStorage storage = open(disk)) {
      for (String name :
          List.of(
              "", ".", "..", ".hidden", "a/b", "../a", "a\\b", "a\0b", "a b", "ż", "-a", "a\n")) {
        assertThatThrownBy(() -> storage.segments().write(name, rows("x")))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> storage.segments().delete(name))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> storage.sorted(name)).isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> storage.sorted("a".repeat(201)))
          .isInstanceOf(IllegalArgumentException.class);
      storage.segments().write("a".repeat(200), rows("x"));
      storage.segments().write("x.tmp", rows("x"));
    }
    try (ShardStorage storage = open(disk)) {
      assertThat(storage.segments().names()).containsExactlyInAnyOrder("a".repeat(200), "x.tmp");
    }
  }

  @Test
  void aFolderHasOneUserInAProcess() throws IOException {
    Path alias = Files.createSymbolicLink(disk.resolve("alias"), disk.resolve("shard"));
    try (ShardStorage storage = open(disk.resolve("shard"))) {
      for (Path same : List.of(disk.resolve("shard"), alias)) {
        assertThatThrownBy(() -> open(same))
            .isInstanceOf(FolderInUseException.class)
            .hasMessageContaining(disk.resolve("shard").toRealPath() + " is in use");
      }
      storage.writeManifest(1, new byte[1]);
    }
    open(alias).close();
  }

  @Test
  void aFolderHasOneUserAmongProcesses() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process other =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                disk.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (InputStream out = other.getInputStream()) {
      assertThat(out.read()).isEqualTo('o');
      assertThatThrownBy(() -> open(disk)).isInstanceOf(FolderInUseException.class);
    } finally {
      other.destroyForcibly().waitFor();
    }
    open(disk).close();
  }

  /// Another process that has a folder open until it is killed.
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      open(Path.of(args[0]));
      System.out.print('o');
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
