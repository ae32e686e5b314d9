package io.tidemark.server.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.shard.FolderStorage;
import io.tidemark.table.Condition;
import io.tidemark.table.ListRows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.SegmentStoreContract;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ParquetSegmentsTest extends SegmentStoreContract {
  private static final TableShape SHAPE =
      new TableShape(
          List.of(
              new ColumnSpec("_time", Type.TIMESTAMP),
              new ColumnSpec("_offset", Type.LONG),
              new ColumnSpec("user.Name", Type.TEXT),
              new ColumnSpec("user.name", Type.TEXT)));

  @TempDir Path disk;
  private ParquetSegments segments;
  private @Nullable FolderStorage storage;

  @BeforeEach
  void start() throws IOException {
    segments =
        ParquetSegments.open(
            new DuckDbOptions(disk.resolve("tmp"), DuckDbOptions.MIN_MEMORY_BYTES, 1, 2));
  }

  @AfterEach
  void stop() throws IOException {
    segments.close();
    if (storage != null) {
      storage.close();
    }
  }

  @Override
  protected SegmentStore store() throws IOException {
    // A folder whose name is full of what SQL, patterns of file names and partitioning know.
    return store(disk.resolve("it's [a-z]*?/name=7/{x}"));
  }

  private SegmentStore store(Path folder) throws IOException {
    storage =
        FolderStorage.open(
            folder,
            segments,
            _ -> {
              throw new IOException("no sorted stores here");
            });
    return storage.segments();
  }

  private static ListRows rows(int count) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new @Nullable Object[] {(long) i, (long) i, utf8("A" + i % 7), utf8("b" + i % 7)});
    }
    return new ListRows(SHAPE, rows);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void filesHaveTheColumnsThatOthersExpect() throws Exception {
    SegmentStore store = store(disk.resolve("plain"));
    store.write("s", rows(10));
    Path file = disk.resolve("plain/segments/s.parquet");
    List<String> columns = new ArrayList<>();
    try (var database = DriverManager.getConnection("jdbc:duckdb:");
        var statement = database.createStatement();
        var result = statement.executeQuery("DESCRIBE SELECT * FROM '" + file + "'")) {
      while (result.next()) {
        columns.add(result.getString(1) + " " + result.getString(2));
      }
    }
    assertThat(columns)
        .containsExactly(
            "_time TIMESTAMP", "_offset BIGINT", "user.Name VARCHAR", "user.name_2 VARCHAR");
  }

  /// A column of this name hides which file a row is of.
  @Test
  void filesAreNumberedWhateverTheirColumnsAreCalledAndHoweverTheyAreOrdered() throws IOException {
    ColumnSpec index = new ColumnSpec("file_index", Type.LONG);
    ColumnSpec a = new ColumnSpec("a", Type.TEXT);
    ColumnSpec b = new ColumnSpec("b", Type.TEXT);
    TableShape before = new TableShape(List.of(index, a, b));
    TableShape now = new TableShape(List.of(index, b, a));
    SegmentStore store = store();
    store.write(
        "before",
        new ListRows(
            before, List.<@Nullable Object[]>of(new Object[] {7L, utf8("a1"), utf8("b1")})));
    store.write(
        "now",
        new ListRows(now, List.<@Nullable Object[]>of(new Object[] {8L, utf8("b2"), utf8("a2")})));
    List<String> found = new ArrayList<>();
    store.scan(
        now,
        List.of("now", "before"),
        new Scan(List.of(Scan.FILE, 0, 1, 2), List.of(), Scan.Order.ANY, Scan.ALL),
        row ->
            found.add(
                "%d %d %s %s"
                    .formatted(
                        row.word(0),
                        row.word(1),
                        new String(row.bytes(2), StandardCharsets.UTF_8),
                        new String(row.bytes(3), StandardCharsets.UTF_8))));
    assertThat(found).containsExactlyInAnyOrder("0 8 b2 a2", "1 7 b1 a1");
  }

  @Test
  void rowsKeepTheirOrderInTheFile() throws Exception {
    SegmentStore store = store(disk.resolve("plain"));
    store.write("s", rows(200_000));
    Path file = disk.resolve("plain/segments/s.parquet");
    try (var database = DriverManager.getConnection("jdbc:duckdb:");
        var statement = database.createStatement();
        var result =
            statement.executeQuery(
                "SELECT count(*) FROM read_parquet('%s', file_row_number = true) WHERE file_row_number <> _offset"
                    .formatted(file))) {
      result.next();
      assertThat(result.getLong(1)).isZero();
    }
  }

  @Test
  void valuesCannotBecomeSql() throws IOException {
    SegmentStore store = store();
    store.write("s", rows(10));
    for (String attack :
        List.of(
            "' OR 1=1 --",
            "'; COPY (SELECT 1) TO 'x'; --",
            "\\' OR ''='",
            "$$",
            "?",
            "a\0' OR 1=1")) {
      for (Condition condition :
          List.of(
              new Condition.TextIn(2, List.of(utf8(attack))),
              new Condition.TextIn(2, List.of(utf8(attack), utf8("x"))),
              new Condition.AnyContains(List.of(2, 3), attack.toLowerCase(Locale.ROOT)))) {
        List<Long> found = new ArrayList<>();
        store.scan(
            SHAPE,
            List.of("s"),
            new Scan(List.of(1), List.of(condition), Scan.Order.ANY, Scan.ALL),
            row -> found.add(row.word(0)));
        assertThat(found).as(condition.toString()).isEmpty();
      }
    }
  }

  @Test
  void duckDbLowersAsJavaDoesOrNotAtAll() throws SQLException {
    // What LowerCase relies on.
    List<String> wrong = new ArrayList<>();
    try (var database = DriverManager.getConnection("jdbc:duckdb:");
        var statement = database.createStatement();
        var result =
            statement.executeQuery(
                "SELECT i, lower(chr(i::INT)) FROM range(1, 1114112) t(i)"
                    + " WHERE i NOT BETWEEN 55296 AND 57343")) {
      while (result.next()) {
        int c = result.getInt(1);
        int lowered = result.getString(2).codePointAt(0);
        if (lowered != Character.toLowerCase(c) && (lowered != c || c < 0x80)) {
          wrong.add(Integer.toHexString(c));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void allLettersAreFoundBySmallOnes() throws IOException {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (Character.toLowerCase(c) != c) {
        byte[] text = utf8(Character.toString(c));
        rows.add(new @Nullable Object[] {0L, (long) c, text, null});
      }
    }
    SegmentStore store = store();
    store.write("capitals", new ListRows(SHAPE, rows));
    for (String needle :
        List.of("ɤ", "ƛ", "\ua7cd", "k", "å", "ω", "i", "ß", "я", Character.toString(0x10d70))) {
      List<Long> expected =
          rows.stream()
              .map(r -> (Long) Objects.requireNonNull(r[1]))
              .filter(c -> Character.toLowerCase(c.intValue()) == needle.codePointAt(0))
              .toList();
      List<Long> found = new ArrayList<>();
      store.scan(
          SHAPE,
          List.of("capitals"),
          new Scan(
              List.of(1),
              List.of(new Condition.AnyContains(List.of(2), needle)),
              Scan.Order.ANY,
              Scan.ALL),
          row -> found.add(row.word(0)));
      assertThat(found).as(needle).isNotEmpty().containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void anInterruptedCallerCutsItsScanShort() throws Exception {
    SegmentStore store = store();
    store.write("s", rows(100_000));
    Thread caller = Thread.currentThread();
    List<Long> seen = new ArrayList<>();
    assertThatThrownBy(
            () ->
                store.scan(
                    SHAPE,
                    List.of("s"),
                    new Scan(List.of(1), List.of(), Scan.Order.ANY, Scan.ALL),
                    row -> {
                      seen.add(row.word(0));
                      caller.interrupt();
                    }))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(seen).isNotEmpty().hasSizeLessThan(100_000);
  }

  @Test
  @Timeout(60)
  void anInterruptedCallerStopsASearchThatFindsNothing() throws Exception {
    SegmentStore store = store();
    store.write("s", rows(100_000));
    // It would take minutes.
    List<String> names = Collections.nCopies(100_000, "s");
    Scan hopeless =
        new Scan(
            List.of(1),
            List.of(new Condition.AnyContains(List.of(2, 3), "none")),
            Scan.Order.ANY,
            Scan.ALL);
    List<Throwable> thrown = new ArrayList<>();
    Thread caller =
        Thread.startVirtualThread(
            () -> {
              try {
                store.scan(SHAPE, names, hopeless, _ -> {});
              } catch (IOException e) {
                thrown.add(e);
              }
            });
    while (!isSearching()) {
      Thread.onSpinWait();
    }
    caller.interrupt();
    caller.join();
    assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
  }

  private static boolean isSearching() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Arrays::stream)
        .anyMatch(frame -> frame.getMethodName().equals("duckdb_jdbc_execute_capi"));
  }

  @Test
  void aFileDamagedInTheMiddleFailsHoweverMuchWasFoundBefore() throws IOException {
    SegmentStore store = store(disk.resolve("plain"));
    List<@Nullable Object[]> large = new ArrayList<>();
    byte[] text = utf8("x".repeat(10_000));
    for (long i = 0; i < 4000; i++) {
      large.add(new @Nullable Object[] {i, i, text, null});
    }
    store.write("large", new ListRows(SHAPE, large));
    store.write("damaged", rows(200_000));
    Path file = disk.resolve("plain/segments/damaged.parquet");
    byte[] content = Files.readAllBytes(file);
    Arrays.fill(content, content.length / 4, content.length * 3 / 4, (byte) 7);
    Files.write(file, content);
    Scan all = new Scan(List.of(0, 1, 2), List.of(), Scan.Order.ANY, Scan.ALL);
    for (List<String> names : List.of(List.of("damaged"), List.of("large", "damaged"))) {
      assertThatThrownBy(() -> store.scan(SHAPE, names, all, _ -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(names.getFirst() + ".parquet");
    }
  }

  @Test
  void moreCallersThanThreadsAllGetTheirAnswer() throws Exception {
    SegmentStore store = store();
    store.write("s", rows(1000));
    List<Integer> counts = Collections.synchronizedList(new ArrayList<>());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      callers.add(
          Thread.startVirtualThread(
              () -> {
                int[] count = new int[1];
                try {
                  store.scan(
                      SHAPE,
                      List.of("s"),
                      new Scan(List.of(), List.of(), Scan.Order.ANY, Scan.ALL),
                      _ -> count[0]++);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                counts.add(count[0]);
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(counts).hasSize(100).containsOnly(1000);
  }

  @Test
  void aTornFileFailsAndIsNamed() throws IOException {
    SegmentStore store = store(disk.resolve("plain"));
    store.write("s", rows(1000));
    Path file = disk.resolve("plain/segments/s.parquet");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(
            () ->
                store.scan(
                    SHAPE,
                    List.of("s"),
                    new Scan(List.of(1), List.of(), Scan.Order.ANY, Scan.ALL),
                    _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("s.parquet");
  }

  @Test
  void aClosedOneSaysSo() throws IOException {
    SegmentStore store = store();
    store.write("s", rows(10));
    segments.close();
    assertThatThrownBy(() -> store.write("t", rows(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }
}
