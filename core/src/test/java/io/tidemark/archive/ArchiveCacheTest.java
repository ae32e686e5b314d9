package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveCacheTest {
  private static final int BYTES = 100;

  @TempDir private Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();
  private ArchiveCache cache;

  @BeforeEach
  void open() throws IOException {
    cache = ArchiveCache.open(store, folder.resolve("cache"), 3 * BYTES, Runnable::run);
  }

  /// An object of [#BYTES] bytes.
  private ArchivedFile put(String key) throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, key.substring(key.length() - 1).repeat(BYTES));
    FileSum sum = FileSum.of(file);
    boolean _ = store.put(new ObjectKey(key), file, sum);
    return new ArchivedFile(new ObjectKey(key), 1, sum, 0, 0);
  }

  private String read(ArchivedFile... files) throws IOException {
    return cache.reading(
        List.of(files),
        paths -> {
          StringBuilder all = new StringBuilder();
          for (Path path : paths) {
            String content = Files.readString(path);
            assertThat(content).hasSize(BYTES);
            all.append(content.charAt(0));
          }
          return all.toString();
        });
  }

  private List<String> there() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> f.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void whatWasReadLongestAgoMakesRoom() throws IOException {
    ArchivedFile a = put("x/a");
    ArchivedFile b = put("x/b");
    ArchivedFile c = put("y/c");
    assertThat(read(b, a)).isEqualTo("ba");
    assertThat(read(c)).isEqualTo("c");
    assertThat(read(b)).isEqualTo("b");
    assertThat(cache.fetched()).isEqualTo(3);
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(read(put("x/d"))).isEqualTo("d");
    assertThat(there()).containsExactly("b", "c", "d");
    assertThat(cache.bytes()).isEqualTo(3 * BYTES);
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingIsFetched() throws IOException {
    ArchivedFile[] four = {put("x/a"), put("x/b"), put("x/c"), put("x/d")};
    assertThatThrownBy(() -> read(four))
        .isInstanceOf(CacheTooSmallException.class)
        .hasMessageContaining("4 files")
        .hasMessageContaining("--archive-cache");
    assertThat(there()).isEmpty();
  }

  @Test
  void whatSomebodyHasChangedIsFetchedAgain() throws IOException {
    ArchivedFile a = put("x/a");
    assertThat(read(a)).isEqualTo("a");
    Files.writeString(folder.resolve("cache/x/a"), "b".repeat(BYTES));
    assertThat(read(a)).isEqualTo("a");
    Files.delete(folder.resolve("cache/x/a"));
    assertThat(read(a)).isEqualTo("a");
    assertThat(cache.fetched()).isEqualTo(3);
  }

  @Test
  void whatAnEarlierLifeHasLeftIsTakenWhereItIsRight() throws IOException {
    ArchivedFile a = put("x/a");
    ArchivedFile b = put("x/b");
    assertThat(read(a, b)).isEqualTo("ab");
    Files.writeString(folder.resolve("cache/x/b"), "torn");
    Files.writeString(folder.resolve("cache/x/c.tmp"), "half");
    open();
    assertThat(there()).containsExactly("a", "b");
    assertThat(read(a, b)).isEqualTo("ab");
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(cache.fetched()).isEqualTo(1);
    assertThat(cache.bytes()).isEqualTo(2 * BYTES);
  }

  @Test
  void whatCannotBeFetchedLeavesNothing() throws IOException {
    ArchivedFile a = put("x/a");
    ArchivedFile b = put("x/b");
    store.delete(b.key());
    assertThatThrownBy(() -> read(a, b)).isInstanceOf(ObjectMissingException.class);
    assertThat(there()).containsExactly("a");
    assertThat(cache.bytes()).isEqualTo(BYTES);
    ArchivedFile again = put("x/b");
    assertThat(read(a, again, put("x/c"))).isEqualTo("abc");
  }

  @Test
  void whoNeedsMoreThanOthersLeaveWaitsForThem() throws Exception {
    ArchivedFile a = put("x/a");
    ArchivedFile b = put("x/b");
    ArchivedFile[] others = {put("x/c"), put("x/d")};
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    String _ =
                        cache.reading(
                            List.of(a, b),
                            paths -> {
                              reading.countDown();
                              awaitQuietly(enough);
                              return Files.readString(paths.getFirst())
                                  + Files.readString(paths.getLast());
                            });
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
    CountDownLatch ended = new CountDownLatch(1);
    Thread second =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    assertThat(read(others)).isEqualTo("cd");
                    ended.countDown();
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThat(ended.await(100, TimeUnit.MILLISECONDS)).isFalse();
    enough.countDown();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    first.join();
    second.join();
    assertThat(cache.bytes()).isLessThanOrEqualTo(3 * BYTES);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
