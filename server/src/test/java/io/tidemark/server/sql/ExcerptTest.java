package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion.Parameter;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What another node sends of its shards is what they have.
class ExcerptTest {
  /// 2022-03-22T12:00:00Z.
  private static final long NOON = 1_647_950_400_000_000L;

  private static final int SHARDS = 3;
  private static final int EVENTS = 900;

  @TempDir private Path folder;
  private SqlLab lab;

  /// Ten minutes, some of them in files, of which the oldest are not answered any more.
  private static SqlLab filled(Path folder, Optional<Duration> retain) throws IOException {
    SqlLab lab = new SqlLab(folder, SHARDS, retain);
    for (int n = 0; n < EVENTS; n++) {
      int i = n;
      lab.add(
          n % SHARDS,
          NOON + n * 666_667L,
          row -> {
            if (i % 7 != 0) {
              row.setText(SqlLab.ACTION, i % 3 == 0 ? "BUY" : "VIEW");
              row.setWord(SqlLab.PRICE, (1L << 60) + i);
              row.setText(SqlLab.NOTES, "{\"n\":[" + i + ",\"é😀\"]}");
            }
            row.setText(SqlLab.BRAND, "b" + i % 5);
            row.setDouble(SqlLab.WIDTH, i % 11 == 0 ? Double.NaN : i / 3.0);
            row.setWord(SqlLab.OK, i % 2);
          });
      if (n % 250 == 249) {
        for (int p = 0; p < SHARDS - 1; p++) {
          lab.checkpoint(p);
        }
      }
    }
    lab.publish();
    return lab;
  }

  @BeforeEach
  void fill() throws IOException {
    lab = filled(folder, Optional.empty());
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private static final List<String> QUESTIONS =
      List.of(
          "SELECT * FROM tags ORDER BY _time",
          "SELECT count(*) FROM tags",
          "SELECT 1",
          "SELECT _partition, min(_offset), max(_offset), count(*) FROM tags GROUP BY 1 ORDER BY 1",
          "SELECT product_info FROM tags WHERE product_info.brand_id = 'b3' ORDER BY _time",
          "SELECT product_info.size.width, notes.n[0] FROM tags WHERE ok ORDER BY _time",
          "SELECT sum(product_info.price) FROM tags WHERE _time < TIMESTAMP '2022-03-22 12:04:10'",
          "SELECT count(*) FROM tags WHERE _time BETWEEN TIMESTAMP '2022-03-22 12:01:00' AND TIMESTAMP '2022-03-22 12:01:59' OR _time > TIMESTAMP '2022-03-22 12:09:00'",
          "SELECT count(*) FROM tags WHERE _time < TIMESTAMP '2021-01-01'",
          "SELECT * FROM per_minute ORDER BY ALL",
          "SELECT action, sum(total), sum(count), max(last) FROM per_minute WHERE _time >= TIMESTAMP '2022-03-22 12:03:30' GROUP BY 1 ORDER BY 1",
          "SELECT r._time, r.action, r.count, count(t._offset) FROM per_minute r LEFT JOIN tags t ON date_trunc('minute', t._time) = r._time AND t.action IS NOT DISTINCT FROM r.action AND t.product_info.brand_id IS NOT DISTINCT FROM r.product_info.brand_id GROUP BY ALL ORDER BY ALL",
          "SELECT count(*) FROM tags a JOIN tags b ON a._offset = b._offset AND a._partition < b._partition",
          "FROM (SELECT seen AS _time, _offset, action FROM tags) ORDER BY ALL LIMIT 20",
          "WITH x AS (SELECT * FROM tags) SELECT count(*), (SELECT max(product_info.price) FROM x) FROM x",
          "SELECT tags FROM tags ORDER BY tags._time LIMIT 3");

  @Test
  void makesNoDifference() throws Exception {
    sameEverywhere();
  }

  @Test
  void makesNoDifferenceWhereEventsAreNotAnsweredAnyMore() throws Exception {
    lab.close();
    lab = filled(folder.resolve("retained"), Optional.of(Duration.ofMinutes(4)));
    assertThat(lab.rows("SELECT count(*) FROM tags").get(0).get(0).asInt()).isBetween(1, 500);
    sameEverywhere();
  }

  private void sameEverywhere() throws Exception {
    for (String question : QUESTIONS) {
      lab.moveElsewhere(Set.of());
      JsonNode expected = lab.json(question);
      for (Set<Integer> elsewhere : List.of(Set.of(1), Set.of(0, 2), Set.of(0, 1, 2))) {
        lab.moveElsewhere(elsewhere);
        assertThat(lab.json(question)).as(question + " " + elsewhere).isEqualTo(expected);
      }
    }
    assertThat(left("sql")).isEmpty();
    assertThat(left("other")).isEmpty();
    assertThat(lab.sql().excerptBytes()).isZero();
  }

  private List<Path> left(String node) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().contains("/" + node + "/excerpt-")).toList();
    }
  }

  @Test
  void countsOnceThoughItComesTwice() throws Exception {
    lab.sendLate();
    sameEverywhere();
  }

  @Test
  void hasOnlyWhatMatters() throws Exception {
    lab.moveElsewhere(Set.of(0, 1, 2));
    long all = sent("SELECT * FROM tags");
    assertThat(sent("SELECT max(ok) FROM tags")).isLessThan(all / 2);
    assertThat(sent("SELECT count(product_info.brand_id) FROM tags")).isLessThan(all / 2);
    assertThat(sent("SELECT * FROM tags WHERE _time < TIMESTAMP '2022-03-22 12:02:00'"))
        .isLessThan(all / 2);
    assertThat(sent("EXPLAIN SELECT * FROM tags")).isLessThan(all / 20);
  }

  private long sent(String question) throws Exception {
    lab.sentBytes();
    assertThat(lab.json(question, new Parameter[0])).isNotNull();
    return lab.sentBytes();
  }

  @Test
  void isExplained() throws Exception {
    lab.moveElsewhere(Set.of(1, 2));
    JsonNode table =
        lab.json("EXPLAIN SELECT * FROM tags WHERE _time > TIMESTAMP '2022-03-22 12:05:00'")
            .get("tables")
            .get(0);
    assertThat(table.get("files").asInt()).isEqualTo(3);
    assertThat(table.get("nodes")).hasSize(2);
    JsonNode files = table.get("nodes").get(0);
    assertThat(files.get("node").asString()).isEqualTo("node-1");
    assertThat(files.get("files").asInt()).isEqualTo(3);
    assertThat(files.get("files_read")).hasSize(2);
    assertThat(files.get("files_read").get(0).asString()).startsWith("1/");
    assertThat(files.get("rows_in_memory").asInt()).isEqualTo(50);
    JsonNode memory = table.get("nodes").get(1);
    assertThat(memory.get("files_read")).isEmpty();
    assertThat(memory.get("rows_in_memory").asInt()).isEqualTo(150);
    lab.moveElsewhere(Set.of());
    assertThat(lab.json("EXPLAIN SELECT * FROM tags").get("tables").get(0).get("nodes")).isEmpty();
  }

  /// Every byte counts, wherever it is.
  @ParameterizedTest
  @ValueSource(strings = {"SELECT * FROM tags", "SELECT * FROM per_minute"})
  void whatHasBeenChangedOnItsWayIsNotTaken(String question) throws Exception {
    lab.moveElsewhere(Set.of(2));
    assertThat(sent(question)).isPositive();
    int length = (int) sent(question);
    for (int i = 0; i < 40; i++) {
      int at = i < 20 ? i : length - 1 - (i - 20) * (length / 40);
      lab.onTheWay(
          bytes -> {
            bytes[Math.min(at, bytes.length - 1)] ^= 0x10;
            return bytes;
          });
      assertThatThrownBy(() -> lab.json(question, new Parameter[0]))
          .as("byte " + at)
          .isInstanceOf(IOException.class);
      lab.onTheWay(bytes -> Arrays.copyOf(bytes, Math.max(0, bytes.length - 1 - at)));
      assertThatThrownBy(() -> lab.json(question, new Parameter[0]))
          .as("without " + at)
          .isInstanceOf(IOException.class);
    }
    assertThat(left("sql")).isEmpty();
    assertThat(lab.sql().excerptBytes()).isZero();
  }

  @Test
  void whatIsOfOtherShardsIsNotTaken() throws Exception {
    lab.moveElsewhere(Set.of(0, 1));
    byte[][] first = new byte[1][];
    lab.onTheWay(
        bytes -> {
          first[0] = first[0] == null ? bytes : first[0];
          return first[0];
        });
    assertThatThrownBy(() -> lab.json("SELECT count(*) FROM tags", new Parameter[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tags/0");
    assertThat(left("sql")).isEmpty();
  }

  @Test
  void hasALimit() throws Exception {
    // Texts that no encoding makes small.
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 24; i++) {
      byte[] noise = new byte[1 << 20];
      random.nextBytes(noise);
      String text = java.util.Base64.getEncoder().encodeToString(noise);
      lab.add(0, NOON, row -> row.setText(SqlLab.ACTION, text));
    }
    lab.publish();
    lab.moveElsewhere(Set.of(0));
    assertThatThrownBy(
            () -> lab.text(SqlLab.question("SELECT max(length(action)) FROM tags"), SqlFormat.JSON))
        .isInstanceOfSatisfying(
            SqlRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MUCH_MEMORY));
    assertThat(left("sql")).isEmpty();
    assertThat(left("other")).isEmpty();
    // What does not need them has room.
    assertThat(lab.rows("SELECT count(*) FROM tags").toString()).isEqualTo("[[924]]");
  }
}
