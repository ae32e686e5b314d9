package io.tidemark.server.it;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// User tags as nobody would wish for: late ones, several at one time, cookies with every character
/// that means something in a URL, prices at the ends of their range.
final class NastyTags {
  /// Two years before the contract's own examples, and over the end of a year.
  static final long START_MS = Instant.parse("2020-12-31T23:50:00Z").toEpochMilli();

  /// The far end of lateness: inside the 24 h that are kept.
  static final long MAX_LATE_MS = 20 * 3_600_000L;

  static final List<String> COOKIES =
      List.of(
          "plain",
          "a/b",
          "/",
          "a+b",
          "a%2Fb",
          "100%",
          "a b",
          " ",
          "?x=1",
          "#",
          "a&b=c;d",
          "..",
          ".",
          "%",
          "\"quoted\\\"",
          "köök",
          "ko\u0308o\u0308k",
          "饼干",
          "🍪🍪",
          "new\nline\ttab",
          "\u0000\u0001",
          "\u2028\ufeff",
          "null",
          "x".repeat(3000));

  static final List<String> ORIGINS =
      List.of("spring", "sp ring", "a+b&c", "50%", "été/hiver", "", "\"", "🍪");
  static final List<String> BRANDS = List.of("nova", "Nova", "nova ", "№1", "a,b");
  static final List<String> CATEGORIES = List.of("shoes", "null", "x=y", "\\", "ψ");

  private static final int HOT = 10;
  private static final int POOL = 3_000;
  private static final int[] PRICES = {
    Integer.MIN_VALUE, Integer.MAX_VALUE, 0, -1, 1, Integer.MAX_VALUE
  };

  private final SplittableRandom random;
  private long nowMs = START_MS;
  private long number;

  NastyTags(long seed) {
    random = new SplittableRandom(seed);
  }

  List<UserTag> next(int count) {
    List<UserTag> tags = new ArrayList<>(count);
    while (tags.size() < count) {
      UserTag tag = next();
      tags.add(tag);
      // More of the same cookie at the very same time.
      while (tags.size() < count && random.nextInt(20) == 0) {
        tags.add(tag(tag.timeMs(), tag.cookie()));
      }
    }
    return tags;
  }

  private UserTag next() {
    nowMs += random.nextInt(15);
    if (random.nextInt(15_000) == 0) {
      // Minutes in which nothing happens.
      nowMs += 60_000 * (1 + random.nextInt(3));
    }
    long late =
        switch (random.nextInt(20)) {
          case 0, 1 -> random.nextLong(5 * 60_000);
          case 2 -> random.nextLong(MAX_LATE_MS);
          default -> 0;
        };
    return tag(nowMs - late, cookie());
  }

  /// The greatest time so far.
  long nowMs() {
    return nowMs;
  }

  String cookie() {
    return switch (random.nextInt(10)) {
      case 0 -> "hot-" + random.nextInt(HOT);
      case 1, 2 -> pick(COOKIES);
      default -> "cookie-" + random.nextInt(POOL);
    };
  }

  private UserTag tag(long timeMs, String cookie) {
    UserTag tag =
        UserTag.of(
            timeMs,
            cookie,
            "" + (char) ('A' + random.nextInt(26)) + (char) ('A' + random.nextInt(4)),
            pick(List.of("PC", "MOBILE", "TV")),
            random.nextInt(4) == 0 ? "BUY" : "VIEW",
            random.nextInt(4) == 0 ? "origin-" + random.nextInt(1000) : pick(ORIGINS),
            productId(),
            random.nextInt(4) == 0 ? "brand-" + random.nextInt(250) : pick(BRANDS),
            random.nextInt(4) == 0 ? "category-" + random.nextInt(67) : pick(CATEGORIES),
            random.nextInt(10) == 0
                ? PRICES[random.nextInt(PRICES.length)]
                : random.nextInt(100_000));
    number++;
    if (random.nextInt(20) == 0) {
      tag.document().putObject("more").put("number", number).putArray("list").add("é").addNull();
      ((ObjectNode) tag.document().get("product_info")).put("weight", 1.25).put("é/~", true);
    }
    return tag;
  }

  private JsonNode productId() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    int id = random.nextInt(100_000);
    return switch (random.nextInt(12)) {
      case 0 -> json.stringNode(Integer.toString(id));
      case 1 -> json.stringNode("p/" + id + " é");
      case 2 -> json.stringNode("");
      case 3 -> json.numberNode(new BigInteger("123456789012345678901234567890"));
      case 4 -> json.stringNode("123456789012345678901234567890");
      case 5 -> json.numberNode(-id);
      case 6 -> json.numberNode((1L << 53) + 1);
      case 7 -> json.stringNode("null");
      default -> json.numberNode(id);
    };
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
