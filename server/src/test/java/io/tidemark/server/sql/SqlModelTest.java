package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.query.SqlRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/// Random queries over files and tails find what they find in a plain table of the same events.
class SqlModelTest {
  private static final long START = 1_647_950_400_000_000L;
  private static final int MINUTES = 60;
  private static final int ROUNDS = Integer.getInteger("rounds", 6);
  private static final int QUERIES = 60;

  private static final List<Set<Integer>> ELSEWHERE =
      List.of(Set.of(1), Set.of(0, 2), Set.of(0, 1, 2));

  @TempDir private Path folder;

  @Test
  void randomQueriesFindWhatAPlainTableHas() throws Exception {
    long seed = Long.getLong("seed", 1);
    System.out.println("SqlModelTest -Dseed=" + seed);
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(seed + round);
      Optional<Duration> retain =
          round % 2 == 0 ? Optional.empty() : Optional.of(Duration.ofMinutes(20));
      try (SqlLab lab = new SqlLab(folder.resolve("round" + round), 3, retain);
          Connection plain = DriverManager.getConnection("jdbc:duckdb:")) {
        fill(lab, plain, retain, random);
        for (int q = 0; q < QUERIES; q++) {
          String sql = new RandomSql(random).query();
          String context = "-Dseed=" + (seed + round) + " -Drounds=1: " + sql;
          List<String> expected = theirs(plain, sql, context);
          lab.moveElsewhere(Set.of());
          assertThat(ours(lab, sql, context)).as(context).isEqualTo(expected);
          // Which shards another node has makes no difference.
          Set<Integer> elsewhere = ELSEWHERE.get(q % ELSEWHERE.size());
          lab.moveElsewhere(elsewhere);
          String moved = context + " with " + elsewhere + " elsewhere";
          assertThat(ours(lab, sql, moved)).as(moved).isEqualTo(expected);
        }
      }
    }
  }

  /// The same events for both; of those that are beyond retention only we are told.
  private static void fill(SqlLab lab, Connection plain, Optional<Duration> retain, Random random)
      throws IOException, SQLException {
    try (Statement statement = plain.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute(
          "CREATE TABLE tags (_time TIMESTAMP, _offset BIGINT, _partition BIGINT, seen TIMESTAMP, action VARCHAR, product_info STRUCT(brand_id VARCHAR, price BIGINT, size STRUCT(width DOUBLE)), ok BOOLEAN, notes JSON, _extra JSON)");
    }
    long[] offsets = new long[3];
    long[] newest = {Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE};
    try (PreparedStatement insert =
        plain.prepareStatement(
            "INSERT INTO tags SELECT make_timestamp($1), $2, $3, make_timestamp($1), $4, {'brand_id': $5, 'price': $6, 'size': {'width': $7}}, $8, $9, NULL")) {
      int events = 300 + random.nextInt(600);
      for (int i = 0; i < events; i++) {
        int partition = random.nextInt(3);
        // Mostly in order, now and then late.
        long at = (long) i * MINUTES / events;
        long minute = random.nextInt(10) == 0 ? random.nextInt(MINUTES) : at;
        long time = START + minute * SqlLab.MINUTE + random.nextInt(60) * 1_000_000L;
        String action = random.nextInt(8) == 0 ? null : random.nextBoolean() ? "BUY" : "VIEW";
        String brand = random.nextInt(8) == 0 ? null : "b" + random.nextInt(5);
        Long price = random.nextInt(8) == 0 ? null : (long) random.nextInt(100);
        Double width = random.nextInt(4) == 0 ? null : random.nextInt(100) / 4.0;
        boolean ok = random.nextBoolean();
        lab.add(
            partition,
            time,
            row -> {
              if (action != null) {
                row.setText(SqlLab.ACTION, action);
              }
              if (brand != null) {
                row.setText(SqlLab.BRAND, brand);
              }
              if (price != null) {
                row.setWord(SqlLab.PRICE, price);
              }
              if (width != null) {
                row.setDouble(SqlLab.WIDTH, width);
              }
              row.setWord(SqlLab.OK, ok ? 1 : 0);
            });
        insert.setLong(1, time);
        insert.setLong(2, offsets[partition]++);
        insert.setLong(3, partition);
        insert.setObject(4, action);
        insert.setObject(5, brand);
        insert.setObject(6, price);
        insert.setObject(7, width);
        insert.setBoolean(8, ok);
        insert.setObject(9, null);
        insert.execute();
        newest[partition] = Math.max(newest[partition], time);
        if (random.nextInt(60) == 0) {
          lab.checkpoint(partition);
        }
      }
    }
    lab.publish();
    if (retain.isPresent()) {
      long keep = retain.get().toNanos() / 1000;
      try (Statement statement = plain.createStatement()) {
        for (int p = 0; p < newest.length; p++) {
          statement.execute(
              "DELETE FROM tags WHERE _partition = %d AND epoch_us(_time) < %d"
                  .formatted(p, newest[p] - keep));
        }
      }
    }
  }

  private static List<String> ours(SqlLab lab, String sql, String context) throws IOException {
    try {
      List<String> rows = new ArrayList<>();
      for (JsonNode row : lab.rows(sql)) {
        rows.add(row.toString());
      }
      rows.sort(null);
      return rows;
    } catch (SqlRefusedException e) {
      throw new AssertionError(context + ": " + e.reason() + ": " + e.getMessage(), e);
    }
  }

  private static List<String> theirs(Connection plain, String sql, String context) {
    try (Statement statement = plain.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        java.io.StringWriter text = new java.io.StringWriter();
        try (JsonGenerator json =
            new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
          json.writeStartArray();
          for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
            String type = result.getMetaData().getColumnTypeName(c);
            Values.write(Values.of(result, c, type), json);
          }
          json.writeEndArray();
        }
        rows.add(text.toString());
      }
      rows.sort(null);
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(context, e);
    }
  }

  /// Makes queries about times in many ways.
  private record RandomSql(Random random) {
    private String pick(String... all) {
      return all[random.nextInt(all.length)];
    }

    private String time() {
      long micros = START + random.nextInt(MINUTES * 60) * 1_000_000L;
      String text = LocalDateTime.ofEpochSecond(micros / 1_000_000, 0, ZoneOffset.UTC).toString();
      return switch (random.nextInt(7)) {
        case 0 -> "TIMESTAMP '" + text + "'";
        case 1 -> "'" + text + "'";
        case 2 -> "make_timestamp(" + micros + ")";
        case 4 -> "TIMESTAMPTZ '" + text + "Z'";
        case 5 -> "(TIMESTAMPTZ '" + text + "Z' - INTERVAL " + random.nextInt(20) + " MINUTE)";
        case 3 -> "(TIMESTAMP '" + text + "' - INTERVAL " + random.nextInt(20) + " MINUTE)";
        default -> "CAST('" + text + "' AS TIMESTAMP)";
      };
    }

    private String condition(String t, int depth) {
      String time = t + "_time";
      return switch (random.nextInt(depth > 2 ? 10 : 15)) {
        case 0 -> time + " " + pick("<", "<=", ">", ">=") + " " + time();
        case 1 -> time() + " " + pick("<", "<=", ">", ">=") + " " + time;
        case 2 -> time + " BETWEEN " + time() + " AND " + time();
        case 3 -> t + "action " + pick("=", "<>") + " 'BUY'";
        case 4 -> t + "product_info.brand_id IN ('b1', 'b3')";
        case 5 ->
            "date_trunc('"
                + pick("minute", "hour")
                + "', "
                + time
                + ") = date_trunc('minute', CAST("
                + time()
                + " AS TIMESTAMP))";
        case 6 -> t + "product_info.price > " + random.nextInt(100);
        case 7 -> t + "seen >= " + time();
        case 8 -> time + " IN (SELECT _time FROM tags WHERE _time > " + time() + ")";
        case 9 ->
            time
                + pick(" IN (", " NOT IN (")
                + time()
                + ", "
                + time()
                + ", "
                + pick(time(), t + "seen")
                + ")";
        case 10 -> condition(t, depth + 1) + " AND " + condition(t, depth + 1);
        case 11 -> "(" + condition(t, depth + 1) + " OR " + condition(t, depth + 1) + ")";
        case 12 -> "NOT (" + condition(t, depth + 1) + ")";
        case 13 -> "(" + condition(t, depth + 1) + ") IS NOT FALSE";
        default ->
            "CASE WHEN "
                + condition(t, depth + 1)
                + " THEN "
                + condition(t, depth + 1)
                + " ELSE "
                + pick("true", "false", "NULL")
                + " END";
      };
    }

    private String where(String t) {
      return random.nextInt(8) == 0 ? "" : " WHERE " + condition(t, 0);
    }

    private String columns(String t) {
      return pick(
          "*",
          t + "_time, " + t + "_offset, " + t + "_partition",
          t + "product_info, " + t + "action",
          t + "seen AS _time, " + t + "_offset",
          t + "_offset, " + t + "product_info.size.width * 2 AS w");
    }

    String query() {
      return switch (random.nextInt(14)) {
        case 0 -> "SELECT " + columns("") + " FROM tags" + where("");
        case 1 ->
            "SELECT count(*), sum(product_info.price), min(_time), max(_time) FROM tags"
                + where("");
        case 2 -> "SELECT action, count(*) FROM tags" + where("") + " GROUP BY ALL";
        case 3 ->
            "SELECT a._offset, b._offset FROM tags a JOIN tags b ON a._time = b._time AND "
                + condition("a.", 1)
                + where("b.");
        case 4 ->
            "SELECT a._offset, b.action FROM tags a LEFT JOIN tags b ON a._offset = b._offset AND a._partition = b._partition AND "
                + condition("b.", 1)
                + where("a.");
        case 5 ->
            "WITH x AS "
                + pick("", "MATERIALIZED ", "NOT MATERIALIZED ")
                + "(SELECT "
                + columns("")
                + " FROM tags"
                + where("")
                + ") SELECT count(*), (SELECT count(*) FROM x) FROM x";
        case 6 ->
            "SELECT * FROM (SELECT seen AS _time, _time AS seen, _offset FROM tags"
                + where("")
                + ") x WHERE x._time >= "
                + time();
        case 7 ->
            "SELECT _offset, _time FROM tags"
                + where("")
                + " UNION "
                + pick("", "ALL ")
                + "SELECT _offset, _time FROM tags"
                + where("");
        case 8 ->
            "SELECT _time, _offset, _partition FROM tags"
                + where("")
                + " ORDER BY _time "
                + pick("", "DESC")
                + ", _offset, _partition LIMIT "
                + (1 + random.nextInt(20));
        case 9 ->
            "SELECT * FROM (SELECT _time, _offset, row_number() OVER (PARTITION BY action ORDER BY _time, _offset, _partition) AS n FROM tags"
                + where("")
                + ") WHERE _time > "
                + time()
                + " AND n < 20";
        case 10 ->
            "SELECT count(*) FROM tags t"
                + where("t.")
                + (random.nextBoolean() ? "" : "")
                + " HAVING count(*) >= 0";
        case 11 ->
            "SELECT (SELECT count(*) FROM tags b WHERE b._time < a._time AND "
                + condition("b.", 1)
                + ") AS earlier, a._offset FROM tags a WHERE "
                + condition("a.", 1)
                + " AND a._offset < 30";
        case 12 ->
            "SELECT (SELECT count(*) FROM tags WHERE "
                + condition("", 1)
                + "), (SELECT count(*) FROM tags), (SELECT count(*) FROM tags WHERE "
                + condition("", 1)
                + " AND false)";
        default ->
            "SELECT a._offset FROM tags a WHERE "
                + pick("", "NOT ")
                + "EXISTS (SELECT 1 FROM tags b WHERE b.seen = a.seen AND b._partition <> a._partition AND "
                + condition("b.", 1)
                + ") AND "
                + condition("a.", 1);
      };
    }
  }
}
