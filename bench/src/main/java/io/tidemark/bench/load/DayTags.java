package io.tidemark.bench.load;

import io.tidemark.server.allezon.Tag;
import io.tidemark.server.allezon.TagGenerator;
import io.tidemark.server.http.Instants;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Tags evenly over a day or a part of it, each with an id that no other has, as [DayApp] declares
/// it. The same ones whenever there are as many of them.
///
/// @param all how many there are in that time
/// @param step of these the first of each so many are there: a sample over all the time
/// @param spanMs how much of the day it is, from [Tags#START_MS] on
public record DayTags(long all, int step, long spanMs) {
  public static final long DAY_MS = 86_400_000;
  private static final long SEED = 1;

  /// Above them are cookies with a few tags, below are busy ones.
  private static final int BUSY_COOKIES = 1_000;

  private static final int COOKIES = 1_000_000;

  /// @param id 16 hexadecimal digits
  public record Row(Tag tag, String id) {
    /// As it is posted, on one line.
    public String json() {
      String json = tag.json();
      return json.substring(0, json.length() - 1) + ",\"tag_id\":\"" + id + "\"}";
    }

    /// For PostgreSQL's COPY: time, cookie, country, device, action, origin, product, brand,
    /// category, price and id, on one line.
    public String csv() {
      return String.join(
              ",",
              Instants.format(tag.timeMs() * 1000),
              '"' + tag.cookie() + '"',
              tag.country(),
              tag.device(),
              tag.action(),
              tag.origin(),
              tag.numeric()
                  ? Integer.toString(tag.productNumber())
                  : "product-" + tag.productNumber(),
              tag.brand(),
              tag.category(),
              Integer.toString(tag.price()),
              id)
          + "\n";
    }
  }

  /// Of a whole day.
  public DayTags(long all, int step) {
    this(all, step, DAY_MS);
  }

  /// How many tags there are.
  public long count() {
    return (all + step - 1) / step;
  }

  /// The tags in the order of time, from the first on.
  public Supplier<Row> rows() {
    TagGenerator generator = new TagGenerator(SEED, Tags.START_MS);
    return new Supplier<>() {
      private long made;

      @Override
      public Row get() {
        while (made % step != 0) {
          generator.nextTag();
          made++;
        }
        long number = made++;
        // Products of numbers of a day in ms and of tags stay far below 2^63.
        long timeMs = Tags.START_MS + number * spanMs / all;
        return new Row(Tags.at(generator.nextTag(), timeMs), id(number));
      }
    };
  }

  /// The id of one of the tags.
  public String someId(SplittableRandom random) {
    return id(random.nextLong(count()) * step);
  }

  /// An id that no tag has.
  public String noId(SplittableRandom random) {
    return id(all + random.nextLong(1L << 40));
  }

  /// A cookie with a few tags, if any, and without characters that must be encoded.
  public static String someCookie(SplittableRandom random) {
    int number = random.nextInt(BUSY_COOKIES, COOKIES);
    return "cookie-" + (number % 500 == 499 ? number - 1 : number);
  }

  /// Looks random, and is another one for each number: the mixing of SplitMix64, which can be
  /// undone.
  private static String id(long number) {
    long z = (number + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return HexFormat.of().toHexDigits(z ^ (z >>> 31));
  }
}
