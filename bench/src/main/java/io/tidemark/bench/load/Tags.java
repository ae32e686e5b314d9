package io.tidemark.bench.load;

import io.tidemark.server.allezon.Tag;
import io.tidemark.server.allezon.TagGenerator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// User tags of the app `allezon`, and questions about them.
public final class Tags {
  public static final String STREAM = "user_tags";

  /// Where event time starts.
  public static final long START_MS = TagGenerator.DEFAULT_START_MS;

  private static final String JSON = "application/json";
  private static final int REQUESTS = 256;

  private Tags() {}

  /// Tags a millisecond apart.
  public static Supplier<String> generator(long seed, long startMs) {
    TagGenerator generator = new TagGenerator(seed, startMs);
    return generator::next;
  }

  /// Tags of which some cookies get full lists: first 200 views and 200 buys for each of them, in
  /// turns, then one tag for each of the others.
  public static Supplier<String> fullLists(int fullCookies) {
    TagGenerator generator = new TagGenerator(1, START_MS);
    long full = 400L * fullCookies;
    return new Supplier<>() {
      private long made;

      @Override
      public String get() {
        long number = made++;
        boolean buys = number / fullCookies % 2 == 1;
        String cookie = number < full ? full(number % fullCookies) : "other-" + (number - full);
        return with(generator.nextTag(), cookie, buys ? "BUY" : "VIEW").json();
      }
    };
  }

  /// The name of a cookie with full lists.
  public static String full(long number) {
    return "full-" + number;
  }

  private static Tag with(Tag tag, String cookie, String action) {
    return new Tag(
        tag.timeMs(),
        cookie,
        tag.country(),
        tag.device(),
        action,
        tag.origin(),
        tag.productNumber(),
        tag.numeric(),
        tag.brand(),
        tag.category(),
        tag.price());
  }

  /// The same tag at another time.
  static Tag at(Tag tag, long timeMs) {
    return new Tag(
        timeMs,
        tag.cookie(),
        tag.country(),
        tag.device(),
        tag.action(),
        tag.origin(),
        tag.productNumber(),
        tag.numeric(),
        tag.brand(),
        tag.category(),
        tag.price());
  }

  /// Requests with one tag each.
  public static RequestLoop.Requests posts() {
    return (http, connection) -> {
      Supplier<String> tags = generator(1_000 + connection, START_MS);
      List<byte[]> requests = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        requests.add(post(http, tags.get()));
      }
      return requests;
    };
  }

  public static byte[] post(RawHttp http, String tag) {
    return http.post("/user_tags", JSON, tag.getBytes(StandardCharsets.UTF_8), "");
  }

  /// A cookie's whole profile.
  ///
  /// @param cookie without characters that must be encoded
  /// @param mark what the answer must contain
  public static byte[] profile(RawHttp http, String cookie, String mark) {
    String path =
        "/user_profiles/" + cookie + "?time_range=2020-01-01T00:00:00_2040-01-01T00:00:00";
    return http.post(path, JSON, new byte[0], RawHttp.after(mark));
  }

  /// A question for aggregates.
  ///
  /// @param minute the first of them, in minutes since 1970
  /// @param filter one of `origin`, `brand_id` and `category_id`, or empty
  public record Question(long minute, int minutes, String action, String filter, String value) {
    private static final int MINUTES = 10;

    /// Of ten minutes somewhere in a range, with or without a filter.
    public static Question random(SplittableRandom random, long firstMinute, long minutes) {
      int length = Math.clamp(minutes, 1, MINUTES);
      long minute = firstMinute + random.nextLong(Math.max(1, minutes - length + 1));
      String action = random.nextInt(2) == 0 ? "VIEW" : "BUY";
      return switch (random.nextInt(4)) {
        case 0 -> new Question(minute, length, action, "origin", "origin-" + random.nextInt(1000));
        case 1 -> new Question(minute, length, action, "brand_id", "brand-" + random.nextInt(250));
        case 2 ->
            new Question(minute, length, action, "category_id", "category-" + random.nextInt(67));
        default -> new Question(minute, length, action, "", "");
      };
    }

    public byte[] request(RawHttp http, String mark) {
      String where = filter.isEmpty() ? "" : "&" + filter + "=" + value;
      String path =
          "/aggregates?time_range=%s_%s&action=%s&aggregates=COUNT&aggregates=SUM_PRICE%s"
              .formatted(time(minute), time(minute + minutes), action, where);
      return http.post(path, JSON, new byte[0], RawHttp.after(mark));
    }

    /// As SQL on the columns of the table's segments: rows of minute since 1970, count and sum.
    ///
    /// @param files a list of names in SQL
    public String sql(String files) {
      String column =
          filter.isEmpty() ? "" : filter.equals("origin") ? filter : "product_info." + filter;
      String where = filter.isEmpty() ? "" : " AND \"%s\" = '%s'".formatted(column, value);
      return String.format(
          Locale.ROOT,
          "SELECT epoch_ms(_time) // 60000 AS minute, count(*), sum(\"product_info.price\")"
              + " FROM read_parquet(%s) WHERE _time >= make_timestamp(%d)"
              + " AND _time < make_timestamp(%d) AND action = '%s'%s GROUP BY 1 ORDER BY 1",
          files,
          minute * 60_000_000,
          (minute + minutes) * 60_000_000,
          action,
          where);
    }

    private static String time(long minute) {
      return Instant.ofEpochSecond(minute * 60).toString().substring(0, 19);
    }
  }
}
