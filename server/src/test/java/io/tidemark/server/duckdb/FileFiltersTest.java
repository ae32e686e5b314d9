package io.tidemark.server.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.table.ListRows;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bloom filters of columns whose values come once, as DuckDB sees them.
class FileFiltersTest {
  private static final int ROWS = 200_000;

  private static final TableShape SHAPE =
      new TableShape(
          List.of(
              new ColumnSpec("_time", Type.TIMESTAMP),
              new ColumnSpec("id", Type.TEXT),
              new ColumnSpec("kind", Type.TEXT),
              new ColumnSpec("story", Type.TEXT),
              new ColumnSpec("never", Type.TEXT),
              new ColumnSpec("seldom", Type.TEXT),
              new ColumnSpec("mixed", Type.TEXT)));

  @TempDir Path disk;
  private ParquetSegments segments;
  private Connection duckDb;

  @BeforeEach
  void start() throws IOException, SQLException {
    segments =
        ParquetSegments.open(
            new DuckDbOptions(disk.resolve("tmp"), DuckDbOptions.MIN_MEMORY_BYTES, 1, 2));
    duckDb = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterEach
  void stop() throws IOException, SQLException {
    duckDb.close();
    segments.close();
  }

  private static byte[] id(int row) {
    return switch (row % 1_000) {
      case 1 -> utf8("grün-" + row);
      // Not UTF-8.
      case 2 -> ("\u00ff" + row).getBytes(StandardCharsets.ISO_8859_1);
      case 3 -> new byte[0];
      default -> utf8("id-" + row * 7919L);
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ListRows rows(int first, int count) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      rows.add(
          new @Nullable Object[] {
            (long) i,
            i % 10 == 0 ? null : id(i),
            utf8("kind-" + i % 9),
            utf8("once upon a time ".repeat(5) + i),
            null,
            // With the nulls its mean length would be that of an id.
            i % 5 < 3 ? utf8("seldom to be seen ".repeat(4) + 1_000_000 + i) : null,
            // DuckDB makes a dictionary for the first row group, and none for the second.
            utf8("m" + (i < 122_880 ? i % 50 : i))
          });
    }
    return new ListRows(SHAPE, rows);
  }

  @Test
  void aFileKnowsWhichIdsItHas() throws Exception {
    Path file = disk.resolve("written.parquet");
    segments.write(file, rows(0, ROWS));
    requireFilters(file);
  }

  @Test
  void aMergedFileKnowsThem() throws Exception {
    List<Path> parts = new ArrayList<>();
    for (int part = 0; part < 4; part++) {
      Path file = disk.resolve("part-" + part + ".parquet");
      segments.write(file, rows(part * ROWS / 4, ROWS / 4));
      parts.addFirst(file);
    }
    Path file = disk.resolve("merged.parquet");
    segments.merge(file, parts, new Merge(List.of(), List.of(0), ROWS), Rows.none(SHAPE));
    requireFilters(file);
  }

  @Test
  void aFileOfFewRowsAndOneOfNoneCanBeRead() throws Exception {
    for (int count : List.of(0, 1, 5)) {
      Path file = disk.resolve("of-" + count + ".parquet");
      segments.write(file, rows(1, count));
      assertThat(number("SELECT count(id) FROM '" + file + "'")).isEqualTo(count);
    }
    Path file = disk.resolve("of-5.parquet");
    assertThat(number("SELECT count(*) FROM '" + file + "' WHERE id = 'grün-1'")).isEqualTo(1);
    assertThat(number("SELECT count(*) FROM '" + file + "' WHERE id = 'grün-2'")).isZero();
  }

  private void requireFilters(Path file) throws SQLException {
    assertThat(number("SELECT count(*) FROM '" + file + "'")).isEqualTo(ROWS);
    // Of two row groups; one that DuckDB makes, and none of what nobody looks for.
    String filters =
        "SELECT count(bloom_filter_offset) FROM parquet_metadata('%s') WHERE path_in_schema = '%s'";
    assertThat(number(filters.formatted(file, "id"))).isEqualTo(2);
    assertThat(number(filters.formatted(file, "kind"))).isEqualTo(2);
    assertThat(number(filters.formatted(file, "story"))).isZero();
    assertThat(number(filters.formatted(file, "never"))).isZero();
    // The second row group has so few that DuckDB makes a dictionary, and a filter of it.
    assertThat(number(filters.formatted(file, "seldom") + " AND row_group_id = 0")).isZero();
    assertThat(number(filters.formatted(file, "mixed"))).isEqualTo(2);
    assertThat(number("SELECT count(*) FROM '" + file + "' WHERE mixed IN ('m7', 'm150000')"))
        .isEqualTo(122_880 / 50 + 2);
    for (int row = 100_000; row < 100_100; row++) {
      String id = new String(id(row), StandardCharsets.UTF_8);
      // The group that has it is not excluded; the empty text is in both.
      int may = row % 1_000 == 3 ? 2 : 1;
      if (row % 10 != 0) {
        assertThat(2 - excluding(file, id)).as(id).isBetween(may, 2);
        assertThat(found(file, id)).as(id).isEqualTo(row % 1_000 == 3 ? ROWS / 1_000 : 1);
      }
    }
    int wrong = 0;
    for (int i = 0; i < 500; i++) {
      wrong += 2 - excluding(file, "nowhere-" + i);
    }
    // One in a hundred is meant; none would be a filter of more bits than it needs.
    assertThat(wrong).isBetween(1, 30);
  }

  private int excluding(Path file, String id) throws SQLException {
    return (int)
        number(
            "SELECT count(*) FROM parquet_bloom_probe('%s', 'id', '%s') WHERE bloom_filter_excludes"
                .formatted(file, id));
  }

  private long found(Path file, String id) throws SQLException {
    return number("SELECT count(*) FROM '%s' WHERE id = '%s'".formatted(file, id));
  }

  private long number(String sql) throws SQLException {
    try (var statement = duckDb.createStatement();
        var result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }
}
