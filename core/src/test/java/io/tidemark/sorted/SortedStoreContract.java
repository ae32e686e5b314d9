package io.tidemark.sorted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.sorted.SortedStore.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every sorted store does.
public abstract class SortedStoreContract {
  private static final HexFormat HEX = HexFormat.of();

  /// An empty store.
  protected abstract SortedStore store() throws IOException;

  @Test
  void randomOperationsAgreeWithASortedMap() throws IOException {
    long seed = Long.getLong("seed", 1);
    System.out.println(getClass().getSimpleName() + " -Dseed=" + seed);
    Random random = new Random(seed);
    SortedStore store = store();
    TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 600; i++) {
      switch (random.nextInt(6)) {
        case 0 -> {
          TreeMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
          for (int n = random.nextInt(40); n > 0; n--) {
            batch.put(key(random), key(random));
          }
          store.ingest(
              batch.entrySet().stream().map(e -> new Entry(e.getKey(), e.getValue())).iterator());
          model.putAll(batch);
        }
        case 1 -> {
          byte[] from = key(random);
          if (random.nextInt(3) == 0) {
            store.delete(from);
            model.remove(from);
          }
          if (random.nextInt(10) == 0) {
            List<byte[]> some =
                model.keySet().stream().filter(_ -> random.nextInt(4) == 0).toList();
            store.purge(new byte[0], next(new byte[] {(byte) 0xff, (byte) 0xff}), some);
            some.forEach(model::remove);
          }
          byte[] to = random.nextBoolean() ? key(random) : next(from);
          store.deleteRange(from, to);
          if (Arrays.compareUnsigned(from, to) < 0) {
            model.subMap(from, to).clear();
          }
        }
        case 2, 3 -> {
          byte[] key = key(random);
          assertThat(store.get(key)).as("seed %d, step %d", seed, i).isEqualTo(model.get(key));
        }
        default -> {
          byte[] from = key(random);
          byte[] to = random.nextBoolean() ? key(random) : next(from);
          int limit = random.nextInt(60) + 1;
          List<String> expected =
              Arrays.compareUnsigned(from, to) >= 0
                  ? List.of()
                  : model.subMap(from, to).entrySet().stream()
                      .limit(limit)
                      .map(e -> text(e.getKey(), e.getValue()))
                      .toList();
          assertThat(scan(store, from, to, limit))
              .as("seed %d, step %d: %s to %s", seed, i, HEX.formatHex(from), HEX.formatHex(to))
              .isEqualTo(expected);
        }
      }
    }
  }

  /// Short keys, and keys of few prefixes of 16 bytes, with the greatest and the least bytes.
  private static byte[] key(Random random) {
    byte[] bytes = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff};
    byte[] key = new byte[random.nextInt(3) == 0 ? random.nextInt(4) : 14 + random.nextInt(6)];
    Arrays.fill(key, 0, Math.min(key.length, 15), bytes[random.nextInt(bytes.length)]);
    for (int i = Math.min(key.length, 15); i < key.length; i++) {
      key[i] = bytes[random.nextInt(bytes.length)];
    }
    if (key.length > 0 && key.length < 4) {
      random.nextBytes(key);
    }
    return key;
  }

  /// The first key behind all that begin with this one's first 16 bytes, or with itself.
  private static byte[] next(byte[] key) {
    byte[] next = Arrays.copyOf(key, Math.min(key.length, 16));
    for (int i = next.length - 1; i >= 0; i--) {
      if (++next[i] != 0) {
        return next;
      }
    }
    return new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff};
  }

  private static String text(byte[] key, byte[] value) {
    return HEX.formatHex(key) + "=" + HEX.formatHex(value);
  }

  private static List<String> scan(SortedStore store, byte[] from, byte[] to, int limit)
      throws IOException {
    List<String> found = new ArrayList<>();
    store.scan(
        from,
        to,
        (key, value) -> {
          found.add(text(key, value));
          return found.size() < limit;
        });
    return found;
  }

  @Test
  void anIngestionOfNothingChangesNothing() throws IOException {
    SortedStore store = store();
    store.ingest(List.<Entry>of().iterator());
    assertThat(store.entries()).isZero();
    assertThat(scan(store, new byte[0], new byte[] {(byte) 0xff}, 9)).isEmpty();
  }

  @Test
  void keysThatDoNotAscendAreRefusedWhole() throws IOException {
    SortedStore store = store();
    for (List<Entry> wrong :
        List.of(
            List.of(entry("b", "1"), entry("a", "2")), List.of(entry("b", "1"), entry("b", "2")))) {
      assertThatThrownBy(() -> store.ingest(wrong.iterator())).isInstanceOf(Exception.class);
      assertThat(store.get(utf8("b"))).isNull();
    }
    store.ingest(List.of(entry("a", "1"), entry("b", "2")).iterator());
    assertThat(store.get(utf8("b"))).isEqualTo(utf8("2"));
  }

  @Test
  void anIteratorThatFailsLeavesNothing() throws IOException {
    SortedStore store = store();
    var failing =
        new Iterator<Entry>() {
          private int given;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Entry next() {
            if (given == 5) {
              throw new IllegalStateException("no more");
            }
            return entry("key" + given++, "v");
          }
        };
    assertThatThrownBy(() -> store.ingest(failing)).hasMessage("no more");
    assertThat(store.get(utf8("key0"))).isNull();
  }

  @Test
  void aLaterIngestionReplaces() throws IOException {
    SortedStore store = store();
    store.ingest(List.of(entry("a", "1"), entry("b", "1")).iterator());
    store.ingest(List.of(entry("b", "2"), entry("c", "2")).iterator());
    assertThat(scan(store, new byte[0], new byte[] {(byte) 0xff}, 9))
        .containsExactly(
            text(utf8("a"), utf8("1")), text(utf8("b"), utf8("2")), text(utf8("c"), utf8("2")));
  }

  @Test
  void whatIsIngestedAfterARemovalIsThere() throws IOException {
    SortedStore store = store();
    store.ingest(List.of(entry("a", "1"), entry("b", "1")).iterator());
    store.deleteRange(utf8("a"), utf8("z"));
    store.ingest(List.of(entry("b", "2")).iterator());
    assertThat(scan(store, new byte[0], new byte[] {(byte) 0xff}, 9))
        .containsExactly(text(utf8("b"), utf8("2")));
  }

  @Test
  void entriesAreCountedRoughly() throws IOException {
    SortedStore store = store();
    List<Entry> many = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      many.add(new Entry(ByteBuffer.allocate(4).putInt(i).array(), utf8("v")));
    }
    store.ingest(many.iterator());
    assertThat(store.entries()).isBetween(5_000L, 20_000L);
  }

  @Test
  void aReaderSeesAnIngestionWholeOrNotAtAll() throws Exception {
    SortedStore store = store();
    store.ingest(batch(0));
    AtomicBoolean stop = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> readers = new ArrayList<>();
    for (int r = 0; r < 3; r++) {
      readers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (!stop.get()) {
                        assertOneVersion(store);
                      }
                    } catch (Throwable t) {
                      failures.add(t);
                    }
                  }));
    }
    for (int version = 1; version < 40; version++) {
      store.ingest(batch(version));
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void ofTwoWhoIngestAtTheSameTimeBothAreThere() throws Exception {
    SortedStore store = store();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> writers = new ArrayList<>();
    for (String writer : List.of("a", "b", "c")) {
      writers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 20; i++) {
                        store.ingest(List.of(entry("%s%03d".formatted(writer, i), "")).iterator());
                      }
                    } catch (Throwable t) {
                      failures.add(t);
                    }
                  }));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(failures).isEmpty();
    int[] count = new int[1];
    store.scan(new byte[0], new byte[] {(byte) 0xff}, (_, _) -> ++count[0] > 0);
    assertThat(count[0]).isEqualTo(60);
  }

  private static void assertOneVersion(SortedStore store) throws IOException {
    Set<String> versions = new HashSet<>();
    int[] count = new int[1];
    store.scan(
        new byte[0],
        new byte[] {(byte) 0xff},
        (_, value) -> {
          versions.add(new String(value, StandardCharsets.UTF_8));
          count[0]++;
          return true;
        });
    assertThat(versions).hasSize(1);
    assertThat(count[0]).isEqualTo(2000);
  }

  private static Iterator<Entry> batch(int version) {
    return IntStream.range(0, 2000)
        .mapToObj(i -> entry("%06d".formatted(i), "version " + version))
        .iterator();
  }

  private static Entry entry(String key, String value) {
    return new Entry(utf8(key), utf8(value));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
