package io.tidemark.bench.warehouse;

import io.tidemark.bench.warehouse.Question.LookUp;
import io.tidemark.bench.warehouse.Question.Minutes;
import io.tidemark.bench.warehouse.Question.Quantiles;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// How a question is said in SQL to those who understand it, of a table `user_tags`.
enum Dialect {
  TIDEMARK("_time", "product_info."),
  DUCKDB("time", ""),
  POSTGRES("time", "") {
    @Override
    String bucket(int minutes) {
      return "extract(epoch FROM date_bin('%d minutes', time, TIMESTAMP '1970-01-01'))::bigint / 60"
          .formatted(minutes);
    }

    @Override
    String ms() {
      return "(extract(epoch FROM time) * 1000)::bigint";
    }

    @Override
    String quantiles(String column) {
      return "percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY " + column + ")";
    }
  };

  private final String time;
  private final String product;

  /// @param product what comes before the names of a product's columns
  Dialect(String time, String product) {
    this.time = time;
    this.product = product;
  }

  /// The first minute of the bucket of a time.
  String bucket(int minutes) {
    return "epoch_ms(%s) // %d * %d".formatted(time, minutes * 60_000, minutes);
  }

  String ms() {
    return "epoch_ms(" + time + ")";
  }

  /// A list of two.
  String quantiles(String column) {
    return "quantile_disc(" + column + ", [0.5, 0.99])";
  }

  /// On one line.
  String sql(Question question) {
    String price = product + "price";
    return switch (question) {
      case Minutes asked ->
          "SELECT %s AS bucket, count(*), sum(%s) FROM user_tags WHERE %s AND action = '%s'%s GROUP BY 1 ORDER BY 1"
              .formatted(
                  bucket(1),
                  price,
                  range(asked.minute(), asked.minutes()),
                  asked.action(),
                  asked.column().isEmpty()
                      ? ""
                      : " AND %s = '%s'".formatted(column(asked.column()), asked.value()));
      case LookUp asked ->
          "SELECT %s AS ms, %s, tag_id FROM user_tags WHERE %s = '%s'"
              .formatted(ms(), price, column(asked.column()), asked.value());
      case Quantiles asked ->
          "SELECT bucket, q[1], q[2] FROM (SELECT %s AS bucket, %s AS q FROM user_tags WHERE %s AND action = '%s'%s GROUP BY 1) AS b ORDER BY 1"
              .formatted(
                  bucket(Quantiles.EVERY),
                  quantiles(price),
                  range(asked.minute(), asked.minutes()),
                  asked.action(),
                  asked.device().isEmpty() ? "" : " AND device = '" + asked.device() + "'");
    };
  }

  private String column(String name) {
    return name.endsWith("_id") && !name.equals("tag_id") ? product + name : name;
  }

  private String range(long minute, int minutes) {
    return "%1$s >= TIMESTAMP '%2$s' AND %1$s < TIMESTAMP '%3$s'"
        .formatted(time, timestamp(minute), timestamp(minute + minutes));
  }

  private static String timestamp(long minute) {
    return LocalDateTime.ofInstant(Instant.ofEpochSecond(minute * 60), ZoneOffset.UTC)
        .toString()
        .replace('T', ' ')
        .concat(":00");
  }
}
