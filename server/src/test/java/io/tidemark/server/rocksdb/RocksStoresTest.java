package io.tidemark.server.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.sorted.CorruptStoreException;
import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RocksStoresTest extends SortedStoreContract {
  @TempDir Path disk;
  private final RocksMemory memory = new RocksMemory(16 << 20, 4 << 20, 1);
  private final List<RocksStores> opened = new ArrayList<>();

  private RocksStores open(Path folder) throws IOException {
    RocksStores stores = RocksStores.open(folder, memory);
    opened.add(stores);
    return stores;
  }

  private void closeAll() throws IOException {
    for (RocksStores stores : opened) {
      stores.close();
    }
    opened.clear();
  }

  @AfterEach
  void stop() throws IOException {
    closeAll();
    memory.close();
  }

  @Override
  protected SortedStore store() throws IOException {
    return open(disk).open("store");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(SortedStore store, String key) throws IOException {
    store.ingest(List.of(new SortedStore.Entry(utf8(key), utf8("value"))).iterator());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void mergingGivesWayToOthers() throws IOException {
    List<Integer> niceness = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          String stat = Files.readString(task.resolve("stat"));
          if (stat.contains("(rocksdb:low)")) {
            // The 19th field of all, see proc_pid_stat(5).
            niceness.add(Integer.parseInt(stat.split(" ", -1)[18]));
          }
        } catch (NoSuchFileException _) {
          // The thread has ended; those of the database stay.
        }
      }
    }
    assertThat(niceness).isNotEmpty().allMatch(n -> n >= 5);
  }

  @Test
  void noFileHasWhatIsPurgedAndItStaysSoInACrash(@TempDir Path elsewhere) throws IOException {
    SortedStore store = store();
    // What is random cannot be compressed.
    Random random = new Random(1);
    List<SortedStore.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      byte[] value = new byte[300];
      random.nextBytes(value);
      entries.add(new SortedStore.Entry(utf8("key%03d".formatted(i)), value));
    }
    store.ingest(entries.subList(0, 70).iterator());
    store.ingest(entries.subList(70, 100).iterator());
    assertThat(isInFiles(entries.get(40).value())).isTrue();
    List<byte[]> purged = new ArrayList<>();
    for (int i = 30; i < 80; i += 5) {
      purged.add(entries.get(i).key());
    }
    // What was removed without its being said that no file may have it.
    store.delete(entries.get(33).key());
    store.purge(utf8("key030"), utf8("key080"), purged);
    assertThat(isInFiles(entries.get(33).value())).isFalse();
    for (int i = 0; i < 100; i++) {
      boolean gone = i == 33 || (i >= 30 && i < 80 && i % 5 == 0);
      assertThat(isInFiles(entries.get(i).value())).as("value %d", i).isEqualTo(!gone);
      assertThat(store.get(entries.get(i).key()) == null).isEqualTo(gone);
    }
    // As a crash would leave it: what is not in files yet is not there.
    Path copy = elsewhere.resolve("copy");
    copy(disk, copy);
    SortedStore again = open(copy).open("store");
    assertThat(again.get(entries.get(40).key())).isNull();
    assertThat(again.get(entries.get(41).key())).isEqualTo(entries.get(41).value());
  }

  private boolean isInFiles(byte[] value) throws IOException {
    String wanted = new String(value, StandardCharsets.ISO_8859_1);
    try (Stream<Path> files = Files.walk(disk)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (content.contains(wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void storesOfManyFoldersShareMemory() throws IOException {
    for (int i = 0; i < 8; i++) {
      Path folder = Files.createDirectory(disk.resolve("shard" + i));
      put(open(folder).open("timeline"), "key" + i);
    }
    closeAll();
    for (int i = 0; i < 8; i++) {
      SortedStore store = open(disk.resolve("shard" + i)).open("timeline");
      assertThat(store.get(utf8("key" + i))).isEqualTo(utf8("value"));
      assertThat(store.get(utf8("key" + (i + 1)))).isNull();
    }
  }

  @Test
  void ingestionsLastWithoutAProperClose() throws IOException {
    // A copy of the folder as it is while the database is open is what a crash would leave.
    SortedStore store =
        open(disk.resolve("a").toFile().mkdir() ? disk.resolve("a") : disk).open("s");
    put(store, "one");
    put(store, "two");
    Path crashed = disk.resolve("crashed");
    try (var files = Files.walk(disk.resolve("a"))) {
      for (Path file : files.toList()) {
        Files.copy(file, crashed.resolve(disk.resolve("a").relativize(file)));
      }
    }
    SortedStore recovered = open(crashed).open("s");
    assertThat(recovered.get(utf8("one"))).isEqualTo(utf8("value"));
    assertThat(recovered.get(utf8("two"))).isEqualTo(utf8("value"));
  }

  @Test
  void leftoversOfInterruptedIngestionsAreDeletedOnOpening() throws IOException {
    put(open(disk).open("s"), "key");
    closeAll();
    Path leftover = Files.write(disk.resolve("ingest/9.sst"), new byte[10]);
    assertThat(open(disk).open("s").get(utf8("key"))).isEqualTo(utf8("value"));
    assertThat(leftover).doesNotExist();
  }

  @Test
  void aSecondUserOfAFolderIsRefused() throws IOException {
    open(disk);
    assertThatThrownBy(() -> RocksStores.open(disk, memory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(disk.toString());
  }

  @Test
  void aStoreThatWasRemovedIsEmptyWhenMadeAgain() throws IOException {
    RocksStores stores = open(disk);
    put(stores.open("s"), "key");
    stores.retain(List.of());
    assertThat(stores.open("s").get(utf8("key"))).isNull();
  }

  /// What RocksDB itself cannot tell, being left with fewer files than it had, is what
  /// [io.tidemark.shard.SortedMark] is for.
  @Test
  void damageOfEntriesIsFoundAndNeverRead() throws IOException {
    Path whole = Files.createDirectory(disk.resolve("whole"));
    RocksStores stores = open(whole);
    for (int i = 0; i < 500; i++) {
      put(stores.open("s" + i % 2), "key" + i);
    }
    closeAll();
    List<Path> files;
    try (var all = Files.list(whole.resolve("db"))) {
      files = all.filter(f -> f.toString().endsWith(".sst")).toList();
    }
    assertThat(files).isNotEmpty();
    int number = 0;
    for (Path file : files.subList(0, Math.min(5, files.size()))) {
      byte[] bytes = Files.readAllBytes(file);
      byte[] flipped = bytes.clone();
      flipped[bytes.length / 3] ^= 1;
      for (byte[] harmed : new byte[][] {flipped, Arrays.copyOf(bytes, bytes.length - 1), {}}) {
        Path copy = disk.resolve("copy" + number++);
        copy(whole, copy);
        Files.write(copy.resolve(whole.relativize(file)), harmed);
        assertThatThrownBy(
                () -> {
                  RocksStores damaged = open(copy);
                  for (String each : damaged.files()) {
                    damaged.verify(each);
                  }
                })
            .isInstanceOf(CorruptStoreException.class)
            .hasMessageContaining(copy.toString());
        closeAll();
      }
    }
  }

  @Test
  void aListOfFilesThatIsDamagedIsFound() throws IOException {
    Path whole = Files.createDirectory(disk.resolve("whole"));
    put(open(whole).open("s"), "key");
    closeAll();
    Path list;
    try (var all = Files.list(whole.resolve("db"))) {
      list =
          all.filter(f -> f.getFileName().toString().startsWith("MANIFEST"))
              .findAny()
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(list);
    bytes[bytes.length / 2] ^= 1;
    Files.write(list, bytes);
    assertThatThrownBy(() -> open(whole)).isInstanceOf(CorruptStoreException.class);
    Files.delete(list);
    assertThatThrownBy(() -> open(whole)).isInstanceOf(CorruptStoreException.class);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  @Test
  void prefixesAreRecognised() {
    byte[] prefix = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    byte[] next = "0123456789abcdeg".getBytes(StandardCharsets.US_ASCII);
    byte[] longer = utf8("0123456789abcdef-more");
    assertThat(RocksStore.haveOnePrefix(prefix, longer)).isTrue();
    assertThat(RocksStore.haveOnePrefix(longer, next)).isTrue();
    assertThat(RocksStore.haveOnePrefix(longer, utf8("0123456789abcdeg-more"))).isFalse();
    assertThat(RocksStore.haveOnePrefix(utf8("0123"), next)).isFalse();
    assertThat(RocksStore.haveOnePrefix(prefix, utf8("0123"))).isFalse();
  }
}
