package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every store of objects does.
public abstract class ObjectStoreContract {
  @TempDir protected Path local;
  private ObjectStore store;

  /// Opens the store of one test; empty at first, and after closing with what it had.
  protected abstract ObjectStore open() throws IOException;

  /// Lengths of files worth trying; an adapter adds those around its own sizes.
  protected List<Integer> lengths() {
    return List.of(0, 1, 1000, 300_000);
  }

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  protected static ObjectKey key(String text) {
    return new ObjectKey(text);
  }

  protected static byte[] noise(int length, long seed) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  protected static FileSum sum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return new FileSum(content.length, crc.getValue());
  }

  protected Path file(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(local, "file", ".bin"), content);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private boolean put(String key, byte[] content) throws IOException {
    return store.put(key(key), file(content), sum(content));
  }

  private List<String> keys(String prefix, String after) throws IOException {
    List<String> keys = new ArrayList<>();
    store.list(prefix, after, o -> keys.add(o.key().text()));
    return keys;
  }

  @Test
  void givesBackTheFilesThatWerePut() throws IOException {
    for (int length : lengths()) {
      byte[] content = noise(length, length);
      ObjectKey key = key("stream=user_tags/date=2026-11-21/hour=05/" + length + ".parquet");
      assertThat(store.put(key, file(content), sum(content))).isTrue();
      assertThat(store.stat(key))
          .hasValueSatisfying(
              found -> {
                assertThat(found.key()).isEqualTo(key);
                assertThat(found.bytes()).isEqualTo(length);
                assertThat(found.crc32c())
                    .isIn(OptionalLong.empty(), OptionalLong.of(sum(content).crc32c()));
              });
      Path fetched = local.resolve("fetched");
      store.get(key, fetched, sum(content));
      assertThat(fetched).hasBinaryContent(content);
    }
  }

  @Test
  void keepsWhatItHasAfterClosing() throws IOException {
    put("a/b", utf8("one"));
    store.putBytes(key("index"), utf8("two"));
    store.close();
    store = open();
    assertThat(store.getBytes(key("a/b"))).isEqualTo(utf8("one"));
    assertThat(store.getBytes(key("index"))).isEqualTo(utf8("two"));
    assertThat(keys("", "")).containsExactly("a/b", "index");
  }

  @Test
  void theSameFileAgainIsNotSentAgain() throws IOException {
    for (int length : lengths()) {
      byte[] content = noise(length, 1);
      assertThat(put("again/" + length, content)).isTrue();
      assertThat(put("again/" + length, content)).isFalse();
    }
  }

  @Test
  void anotherFileUnderTheKeyIsRefused() throws IOException {
    byte[] first = noise(5000, 1);
    put("k", first);
    byte[] sameLength = noise(5000, 2);
    for (byte[] other : List.of(sameLength, new byte[0], noise(5001, 1))) {
      assertThatThrownBy(() -> put("k", other))
          .isInstanceOf(ObjectDiffersException.class)
          .hasMessageContaining("k");
    }
    store.get(key("k"), local.resolve("fetched"), sum(first));
    assertThat(local.resolve("fetched")).hasBinaryContent(first);
  }

  @Test
  void aFileThatIsNotWhatItsSumSaysIsNotPut() throws IOException {
    for (int length : lengths()) {
      byte[] content = noise(length, 3);
      FileSum wrong = new FileSum(length, sum(content).crc32c() ^ 1);
      FileSum longer = new FileSum(length + 1, sum(content).crc32c());
      for (FileSum sum : List.of(wrong, longer)) {
        Path file = file(content);
        assertThatThrownBy(() -> store.put(key("wrong"), file, sum))
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(ArchiveException.class)
            .hasMessageContaining(file.toString());
      }
    }
    assertThatThrownBy(() -> store.put(key("wrong"), local.resolve("nowhere"), sum(new byte[0])))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ArchiveException.class)
        .hasMessageContaining("nowhere");
    assertThat(keys("", "")).isEmpty();
  }

  @Test
  void aFetchThatFailsLeavesTheFileAsItWas() throws IOException {
    byte[] content = noise(2000, 4);
    put("k", content);
    Path old = Files.write(local.resolve("old"), utf8("old"));
    Path fresh = local.resolve("fresh");
    for (FileSum wrong :
        List.of(
            new FileSum(2000, sum(content).crc32c() ^ 1),
            new FileSum(1999, sum(content).crc32c()),
            new FileSum(0, 0))) {
      for (Path file : List.of(old, fresh)) {
        assertThatThrownBy(() -> store.get(key("k"), file, wrong))
            .isInstanceOf(ObjectDiffersException.class)
            .hasMessageContaining("k");
      }
    }
    for (Path file : List.of(old, fresh)) {
      assertThatThrownBy(() -> store.get(key("missing"), file, sum(content)))
          .isInstanceOf(ObjectMissingException.class)
          .hasMessageContaining("missing");
    }
    assertThat(old).hasContent("old");
    assertThat(fresh).doesNotExist();
    assertThat(local).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void smallObjectsAreReplaced() throws IOException {
    for (String text : List.of("first", "", "a longer second one")) {
      store.putBytes(key("x/index"), utf8(text));
      assertThat(store.getBytes(key("x/index"))).isEqualTo(utf8(text));
    }
    assertThatThrownBy(() -> store.getBytes(key("x/other")))
        .isInstanceOf(ObjectMissingException.class)
        .hasMessageContaining("x/other");
    byte[] largest = noise(ObjectStore.MAX_BYTES, 5);
    store.putBytes(key("largest"), largest);
    assertThat(store.getBytes(key("largest"))).isEqualTo(largest);
    assertThatThrownBy(() -> store.putBytes(key("x"), new byte[ObjectStore.MAX_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLargeObjectIsNotReadIntoMemory() throws IOException {
    put("large", new byte[ObjectStore.MAX_BYTES + 1]);
    assertThatThrownBy(() -> store.getBytes(key("large")))
        .isInstanceOf(ObjectDiffersException.class);
  }

  @Test
  void whatIsNotThereHasNoStat() throws IOException {
    put("folder/object", utf8("x"));
    for (String absent : List.of("object", "folder", "folder/object/more", "folder/objec")) {
      assertThat(store.stat(key(absent))).as(absent).isEmpty();
    }
  }

  @Test
  void deletingIsForGoodAndMayBeRepeated() throws IOException {
    put("a/b/c", utf8("1"));
    put("a/d", utf8("2"));
    for (String gone : List.of("a/b/c", "a/b/c", "never", "a/b")) {
      store.delete(key(gone));
    }
    assertThat(store.stat(key("a/b/c"))).isEmpty();
    assertThat(keys("", "")).containsExactly("a/d");
    put("a/b/c", utf8("another"));
    assertThat(store.getBytes(key("a/b/c"))).isEqualTo(utf8("another"));
  }

  @Test
  void listsKeysInTheirOrder() throws IOException {
    TreeSet<String> all = new TreeSet<>();
    for (String key :
        List.of("a", "a-b", "a.b/x", "a0/x", "b/a/1", "b/a/2", "b/a-/3", "b/aa", "b0", "B", "_")) {
      store.putBytes(key(key), utf8(key));
      all.add(key);
    }
    assertThat(keys("", "")).containsExactlyElementsOf(all);
    for (String prefix : List.of("a", "b/", "b/a", "b/a/", "b/a/1", "b/a/12", "c")) {
      assertThat(keys(prefix, ""))
          .as(prefix)
          .containsExactlyElementsOf(all.stream().filter(k -> k.startsWith(prefix)).toList());
      for (String after : List.of("a", "a-", "b/a/1", "b/", "zzz")) {
        assertThat(keys(prefix, after))
            .as(prefix + " after " + after)
            .containsExactlyElementsOf(
                all.tailSet(after, false).stream().filter(k -> k.startsWith(prefix)).toList());
      }
    }
    for (String prefix : List.of("no key", "/", "a//")) {
      assertThatThrownBy(() -> keys(prefix, "")).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void listsMoreThanAPageAndStopsWhenTold() throws Exception {
    int count = 253;
    inParallel(
        8,
        t -> {
          for (int i = t; i < count; i += 8) {
            store.putBytes(key("many/%05d".formatted(i)), new byte[i % 7]);
          }
        });
    List<StoredObject> found = new ArrayList<>();
    store.list("many/", "", found::add);
    assertThat(found).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(found.get(i).key().text()).isEqualTo("many/%05d".formatted(i));
      assertThat(found.get(i).bytes()).isEqualTo(i % 7);
    }
    List<StoredObject> few = new ArrayList<>();
    store.list(
        "many/",
        "many/00100",
        o -> {
          few.add(o);
          return few.size() < 3;
        });
    assertThat(few).isEqualTo(found.subList(101, 104));
  }

  @Test
  void whatAVisitorThrowsEndsTheListing() throws IOException {
    store.putBytes(key("a"), utf8("a"));
    IOException mine = new IOException("mine");
    assertThatThrownBy(
            () ->
                store.list(
                    "",
                    "",
                    _ -> {
                      throw mine;
                    }))
        .isSameAs(mine);
  }

  @Test
  void manyMayPutTheSameFileAtOnce() throws Exception {
    byte[] content = noise(400_000, 6);
    inParallel(6, _ -> put("shared", content));
    store.get(key("shared"), local.resolve("fetched"), sum(content));
    assertThat(local.resolve("fetched")).hasBinaryContent(content);
    assertThat(keys("", "")).containsExactly("shared");
  }

  @Test
  void tidyingDisturbsNothingThatIsWhole() throws IOException {
    put("a", utf8("a"));
    assertThat(store.tidy(Long.MAX_VALUE)).isZero();
    assertThat(keys("", "")).containsExactly("a");
  }

  /// A step of one of several threads.
  private interface Step {
    void run(int thread) throws Exception;
  }

  private static void inParallel(int threads, Step step) throws Exception {
    List<Callable<Boolean>> steps = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      steps.add(
          () -> {
            step.run(thread);
            return true;
          });
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (Future<Boolean> done : executor.invokeAll(steps)) {
        assertThat(done.get()).isTrue();
      }
    }
  }
}
