package io.tidemark.server.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.table.Condition;
import io.tidemark.table.ListRows;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that cannot have a text are not read, and nothing else is left out.
class FileChoiceTest {
  private static final int FILES = 6;
  private static final int ROWS = 10_000;

  private static final TableShape SHAPE =
      new TableShape(
          List.of(
              new ColumnSpec("_time", Type.TIMESTAMP),
              new ColumnSpec("_offset", Type.LONG),
              new ColumnSpec("id", Type.TEXT),
              new ColumnSpec("kind", Type.TEXT)));

  @TempDir Path disk;
  private ParquetSegments segments;
  private final FileChoice choice = new FileChoice();
  private final List<Path> files = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    segments =
        ParquetSegments.open(
            new DuckDbOptions(disk.resolve("tmp"), DuckDbOptions.MIN_MEMORY_BYTES, 1, 2));
    for (int f = 0; f < FILES; f++) {
      files.add(disk.resolve("f" + f + ".parquet"));
      segments.write(files.get(f), rows(f));
    }
  }

  @AfterEach
  void stop() throws IOException {
    segments.close();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] id(int file, int row) {
    return utf8("id-" + (file * ROWS + row) * 7919L);
  }

  private static ListRows rows(int file) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          new @Nullable Object[] {
            (long) i, (long) i, i % 10 == 0 ? null : id(file, i), utf8("kind-" + i % 9)
          });
    }
    return new ListRows(SHAPE, rows);
  }

  private static Condition is(int column, byte[]... texts) {
    return new Condition.TextIn(column, List.of(texts));
  }

  private List<Integer> choose(List<Path> some, List<Condition> conditions) {
    return choice.mayHave(SHAPE, some, conditions, () -> {});
  }

  @Test
  void onlyTheFilesThatMayHaveItAreChosen() {
    int others = 0;
    for (int f = 0; f < FILES; f++) {
      for (int row = 1; row < 100; row += 3) {
        if (row % 10 != 0) {
          List<Integer> chosen = choose(files, List.of(is(2, id(f, row))));
          assertThat(chosen).contains(f);
          others += chosen.size() - 1;
        }
      }
    }
    // One in a hundred.
    assertThat(others).isLessThan(FILES * 30 * (FILES - 1) / 20);
    assertThat(choose(files, List.of(is(2, id(1, 7), id(4, 7)))))
        .contains(1, 4)
        .hasSizeLessThan(FILES);
    assertThat(choose(files, List.of(is(2, id(1, 7)), is(2, id(4, 7))))).isEmpty();
    // Of what all files have there is nothing to be asked.
    assertThat(choose(files, List.of(is(3, utf8("kind-3"))))).hasSize(FILES);
    assertThat(choose(files, List.of())).hasSize(FILES);
  }

  @Test
  void anotherFileInThePlaceOfOneIsAskedAnew() throws IOException {
    List<Condition> wanted = List.of(is(2, id(FILES, 7)));
    assertThat(choose(files.subList(2, 3), wanted)).isEmpty();
    Path other = disk.resolve("other.parquet");
    segments.write(other, rows(FILES));
    Files.move(other, files.get(2), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(choose(files.subList(2, 3), wanted)).containsExactly(0);
    // What is no file of Parquet is for others to complain of.
    Files.writeString(files.get(2), "nothing of that kind");
    assertThat(choose(files.subList(2, 3), wanted)).containsExactly(0);
    assertThat(choose(List.of(disk.resolve("none")), wanted)).containsExactly(0);
  }

  @Test
  void aScanSaysOfWhichFileARowIs() throws IOException {
    Scan scan =
        new Scan(
            List.of(TableShape.OFFSET, Scan.FILE),
            List.of(is(2, id(1, 7), id(4, 9))),
            Scan.Order.NEWEST_FIRST,
            10);
    List<String> found = new ArrayList<>();
    segments.scan(SHAPE, files, scan, row -> found.add(row.word(0) + " of " + row.word(1)));
    assertThat(found).containsExactly("9 of 4", "7 of 1");
    segments.scan(
        SHAPE,
        files,
        new Scan(List.of(TableShape.OFFSET), List.of(is(2, utf8("no"))), Scan.Order.ANY, Scan.ALL),
        row -> found.add("one"));
    assertThat(found).hasSize(2);
  }
}
