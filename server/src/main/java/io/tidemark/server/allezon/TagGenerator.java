package io.tidemark.server.allezon;

import io.tidemark.server.generate.EventGenerator;
import io.tidemark.server.http.Instants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// User tags with the contract's cardinalities: about 1 000 000 cookies, 100 countries, 1 000
/// origins, 250 brands, 67 categories, consecutive tags 1 ms apart in event time.
///
/// A tenth of the tags belong to a thousand busy cookies, so that their lists are full. Some
/// cookies have characters that must be encoded in a URL, some products have numeric ids.
public final class TagGenerator implements EventGenerator {
  private static final int COOKIES = 1_000_000;
  private static final int BUSY_COOKIES = 1_000;
  private static final int COUNTRIES = 100;
  private static final int ORIGINS = 1_000;
  private static final int PRODUCTS = 10_000;
  private static final int BRANDS = 250;
  private static final int CATEGORIES = 67;
  private static final int MAX_PRICE = 100_000;
  private static final String[] DEVICES = {"PC", "MOBILE", "TV"};

  /// Where event time starts unless somebody says otherwise: 2022-03-22T12:00:00Z.
  public static final long DEFAULT_START_MS = 1_647_950_400_000L;

  /// Cookies of this form are busy, and need no encoding in a URL.
  private static final Pattern BUSY = Pattern.compile("cookie-[0-9]{1,3}");

  private final long seed;
  private final SplittableRandom random;
  private final long startMs;
  private long nextMs;

  public TagGenerator(long seed, long startMs) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.startMs = startMs;
    this.nextMs = startMs;
  }

  @Override
  public String stream() {
    return "user_tags";
  }

  @Override
  public String next() {
    return nextTag().json();
  }

  public Tag nextTag() {
    int cookie = random.nextInt(10) == 0 ? random.nextInt(BUSY_COOKIES) : random.nextInt(COOKIES);
    int product = random.nextInt(PRODUCTS);
    // A product has one brand and one category, as in a shop.
    int brand = product * 31 % BRANDS;
    int category = product * 17 % CATEGORIES;
    boolean dear = random.nextInt(100_000) == 0;
    return new Tag(
        nextMs++,
        cookie(cookie),
        country(random.nextInt(COUNTRIES)),
        DEVICES[random.nextInt(DEVICES.length)],
        random.nextInt(10) == 0 ? "BUY" : "VIEW",
        "origin-" + random.nextInt(ORIGINS),
        product,
        product % 4 == 0,
        "brand-" + brand,
        "category-" + category,
        dear ? Integer.MAX_VALUE : random.nextInt(MAX_PRICE));
  }

  private static String cookie(int number) {
    return number % 500 == 499 ? "köök %s/?&+" + number : "cookie-" + number;
  }

  private static String country(int number) {
    return "" + (char) ('A' + number / 10) + (char) ('A' + number % 10);
  }

  /// A busy cookie that has a view from the first moments on.
  private String earlyCookie() {
    TagGenerator again = new TagGenerator(seed, startMs);
    Tag tag = again.nextTag();
    while (!tag.isView() || !BUSY.matcher(tag.cookie()).matches()) {
      tag = again.nextTag();
    }
    return tag.cookie();
  }

  @Override
  public List<Map.Entry<String, String>> examples(String base) {
    String from = Instants.format(startMs * 1000);
    String minute = from.substring(0, 16) + ":00";
    String later = Instants.format((startMs + 600_000) * 1000).substring(0, 16) + ":00";
    String end = Instants.format((startMs + 86_400_000) * 1000);
    List<Map.Entry<String, String>> examples = new ArrayList<>();
    examples.add(
        Map.entry(
            "what did this user do last?",
            "curl -X POST '%s/user_profiles/%s?time_range=%s_%s&limit=3'"
                .formatted(base, earlyCookie(), from.substring(0, 23), end.substring(0, 23))));
    examples.add(
        Map.entry(
            "how many, and for how much, per minute?",
            "curl -X POST '%s/aggregates?time_range=%s_%s&action=BUY&aggregates=COUNT&aggregates=SUM_PRICE'"
                .formatted(base, minute, later)));
    examples.add(
        Map.entry(
            "which events match?",
            "curl '%s/v1/streams/user_tags/events?where.action=BUY&where.country=AA&limit=3'"
                .formatted(base)));
    return examples;
  }
}
