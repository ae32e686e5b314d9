package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.sorted.SortedStore;
import io.tidemark.table.ListRows;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every storage of a shard does.
public abstract class ShardStorageContract {
  private static final TableShape SHAPE =
      new TableShape(List.of(new ColumnSpec("n", Type.LONG), new ColumnSpec("t", Type.TEXT)));

  /// Opens the storage of one test; empty at first, and after closing with what it had.
  protected abstract ShardStorage open() throws IOException;

  @Test
  void isEmptyAtFirst() throws IOException {
    try (ShardStorage storage = open()) {
      assertThat(storage.manifests()).isEmpty();
      assertThat(storage.segments().names()).isEmpty();
      assertThat(storage.sorted("s").entries()).isZero();
    }
  }

  @Test
  void keepsManifestsInTheirOrder() throws IOException {
    try (ShardStorage storage = open()) {
      for (long number : new long[] {10, 9, 100, Long.MAX_VALUE}) {
        storage.writeManifest(number, utf8("manifest " + number));
      }
      storage.writeManifest(9, utf8("again"));
      storage.deleteManifest(100);
      storage.deleteManifest(100);
    }
    try (ShardStorage storage = open()) {
      assertThat(storage.manifests()).containsExactly(9L, 10L, Long.MAX_VALUE);
      assertThat(storage.readManifest(9)).isEqualTo(utf8("again"));
      assertThat(storage.readManifest(10)).isEqualTo(utf8("manifest 10"));
      assertThatThrownBy(() -> storage.readManifest(100)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void keepsSegments() throws IOException {
    try (ShardStorage storage = open()) {
      storage.segments().write("a", rows("one", "two"));
      storage.segments().write("b", rows("three"));
      storage.segments().delete("b");
    }
    try (ShardStorage storage = open()) {
      assertThat(storage.segments().names()).containsExactly("a");
      List<String> found = new ArrayList<>();
      storage
          .segments()
          .scan(
              SHAPE,
              List.of("a"),
              new Scan(List.of(1), List.of(), Scan.Order.ANY, Scan.ALL),
              row -> found.add(new String(row.bytes(0), StandardCharsets.UTF_8)));
      assertThat(found).containsExactlyInAnyOrder("one", "two");
    }
  }

  @Test
  void keepsSortedStores() throws IOException {
    try (ShardStorage storage = open()) {
      put(storage.sorted("profile-1a2b"), "key", "value");
      put(storage.sorted("_ids"), "key", "other");
    }
    try (ShardStorage storage = open()) {
      assertThat(storage.sorted("profile-1a2b").get(utf8("key"))).isEqualTo(utf8("value"));
      assertThat(storage.sorted("_ids").get(utf8("key"))).isEqualTo(utf8("other"));
    }
  }

  @Test
  void givesTheSameStoreForTheSameName() throws IOException {
    try (ShardStorage storage = open()) {
      put(storage.sorted("s"), "key", "value");
      assertThat(storage.sorted("s").get(utf8("key"))).isEqualTo(utf8("value"));
      put(storage.sorted("s"), "key", "newer");
      assertThat(storage.sorted("s").get(utf8("key"))).isEqualTo(utf8("newer"));
    }
  }

  @Test
  void removesTheStoresThatAreNotRetained() throws IOException {
    try (ShardStorage storage = open()) {
      storage.retainSorted(List.of("nothing yet"));
      put(storage.sorted("kept"), "key", "value");
      put(storage.sorted("gone"), "key", "value");
      put(storage.sorted("gone-before-reopening"), "key", "value");
      storage.retainSorted(List.of("kept", "gone", "never-made"));
    }
    try (ShardStorage storage = open()) {
      storage.retainSorted(List.of("kept"));
      assertThat(storage.sorted("gone-before-reopening").entries()).isZero();
      assertThat(storage.sorted("gone").get(utf8("key"))).isNull();
      assertThat(storage.sorted("kept").get(utf8("key"))).isEqualTo(utf8("value"));
    }
  }

  @Test
  void growsWithWhatIsInIt() throws IOException {
    try (ShardStorage storage = open()) {
      long before = storage.sizeBytes();
      storage.writeManifest(1, new byte[1000]);
      long withManifest = storage.sizeBytes();
      assertThat(withManifest).isGreaterThanOrEqualTo(before + 1000);
      storage.segments().write("s", rows("a"));
      assertThat(storage.sizeBytes()).isGreaterThan(withManifest);
    }
  }

  @Test
  void canBeClosedWithoutHavingBeenUsed() throws IOException {
    open().close();
    try (ShardStorage storage = open()) {
      assertThat(storage.manifests()).isEmpty();
    }
  }

  static ListRows rows(String... texts) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (String text : texts) {
      rows.add(new @Nullable Object[] {(long) rows.size(), utf8(text)});
    }
    return new ListRows(SHAPE, rows);
  }

  private static void put(SortedStore store, String key, String value) throws IOException {
    store.ingest(List.of(new SortedStore.Entry(utf8(key), utf8(value))).iterator());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
