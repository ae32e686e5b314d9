package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.query.Shards.ViewFillingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// A rollup that has changed is a table as it was before, until all shards have it as it is now.
class ChangedRollupTest {
  /// 2022-03-22T12:00:00Z.
  private static final long NOON = 1_647_950_400_000_000L;

  private static final int SHARDS = 2;
  private static final int EVENTS = 600;
  private static final Measure MOST = new Measure("most", Measure.Kind.MAX, SqlLab.PRICE, 0);

  private static final List<String> SUMS =
      List.of(
          "SELECT sum(\"count\"), sum(total) FROM per_minute",
          "SELECT _time, action, sum(\"count\"), sum(total) FROM per_minute GROUP BY ALL ORDER BY ALL",
          "SELECT sum(p.total), (SELECT sum(product_info.price) FROM tags) FROM per_minute p WHERE _time < TIMESTAMP '2022-03-22 12:03:00'");

  private static final String ALL = "SELECT * FROM per_minute ORDER BY ALL";
  private static final String LARGEST = "SELECT max(most) FROM per_minute";

  @TempDir private Path folder;
  private SqlLab lab;

  @BeforeEach
  void change() throws Exception {
    lab = new SqlLab(folder, SHARDS, Optional.empty());
    for (int n = 0; n < EVENTS; n++) {
      int i = n;
      lab.add(
          n % SHARDS,
          NOON + n * 600_000L,
          row -> {
            row.setText(SqlLab.ACTION, i % 3 == 0 ? "BUY" : "VIEW");
            row.setText(SqlLab.BRAND, "b" + i % 5);
            row.setWord(SqlLab.PRICE, i);
          });
    }
    for (int p = 0; p < SHARDS; p++) {
      lab.checkpoint(p);
    }
    before = answers();
    lab.redeclare(MOST);
  }

  private List<JsonNode> before = List.of();

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  private List<JsonNode> answers() throws Exception {
    List<JsonNode> answers = new ArrayList<>();
    for (String sql : SUMS) {
      answers.add(lab.json(sql));
    }
    return answers;
  }

  private void answersAsBefore() throws Exception {
    assertThat(answers()).isEqualTo(before);
    assertThat(lab.isOfEarlierView()).isTrue();
    assertThat(lab.json(ALL).get("columns").findValuesAsString("name"))
        .containsExactly("_time", "action", "product_info", "count", "total", "mean", "last");
    assertThatThrownBy(() -> lab.json(LARGEST))
        .cause()
        .isInstanceOf(ViewFillingException.class)
        .hasMessageContaining("view per_minute is being filled")
        .hasMessageContaining("as it was declared before, it cannot answer this")
        .hasMessageContaining("most");
    assertThat(lab.json("EXPLAIN " + SUMS.getFirst()).has("plan")).isTrue();
    assertThat(lab.isOfEarlierView()).isTrue();
    // Of others nothing has changed.
    assertThat(lab.rows("SELECT count(*) FROM tags").get(0).get(0).asInt()).isEqualTo(EVENTS);
    assertThat(lab.isOfEarlierView()).isFalse();
  }

  private void answersAsDeclared() throws Exception {
    assertThat(answers()).isEqualTo(before);
    assertThat(lab.rows(LARGEST).get(0).get(0).asInt()).isEqualTo(EVENTS - 1);
    assertThat(lab.isOfEarlierView()).isFalse();
    assertThat(lab.json(ALL).get("columns").findValuesAsString("name")).contains("most");
  }

  @Test
  void itIsOneTableOnAllShards() throws Exception {
    answersAsBefore();
    lab.fill(0);
    answersAsBefore();
    lab.fill(1);
    answersAsDeclared();
    lab.retire(0);
    lab.retire(1);
    answersAsDeclared();
  }

  @Test
  void itIsOneTableOnAllNodes() throws Exception {
    lab.moveElsewhere(Set.of(1));
    answersAsBefore();
    lab.fill(0);
    answersAsBefore();
    lab.moveElsewhere(Set.of(0));
    answersAsBefore();
    lab.fill(1);
    answersAsDeclared();
    lab.moveElsewhere(Set.of(0, 1));
    answersAsDeclared();
  }

  @Test
  void itIsTheDeclaredOneAgainWhereTheOtherHasJustGone() throws Exception {
    lab.beforeReads(
        () -> {},
        () -> {
          for (int p = 0; p < SHARDS; p++) {
            lab.fill(p);
            lab.retire(p);
          }
        });
    assertThat(lab.json(SUMS.getFirst())).isEqualTo(before.getFirst());
    assertThat(lab.isOfEarlierView()).isFalse();
    answersAsDeclared();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nodesOfDifferentDeclarationsUnderstandEachOther(boolean isHere) throws Exception {
    lab.redeclare();
    lab.moveElsewhere(Set.of(1));
    lab.redeclareOne(isHere, MOST);
    assertThat(answers()).isEqualTo(before);
    assertThat(lab.isOfEarlierView()).isEqualTo(isHere);
    lab.fill(0);
    lab.fill(1);
    assertThat(answers()).isEqualTo(before);
    // The other node has not heard of it yet.
    assertThat(lab.isOfEarlierView()).isEqualTo(isHere);
  }
}
