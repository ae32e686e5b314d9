package io.tidemark.bench.load;

import io.tidemark.log.Mark;
import io.tidemark.server.allezon.Tag;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The sender's own account of numbered tags: what was sent, what of it was acknowledged, and what
/// turned out to be there. A tag's number decides everything about it and is its price.
///
/// Many threads may send; settling is for one of them, when nothing is under way.
public final class Ledger {
  private static final int TAGS_OF_A_COOKIE = 50;
  private static final long MINUTE_MS = 60_000;
  private static final int MINUTES_OF_A_QUESTION = 10;
  private static final JsonMapper JSON = new JsonMapper();

  private int next;
  private int settled;
  private Mark mark = Mark.NONE;
  private final BitSet acknowledged = new BitSet();

  /// Those that are there, among the settled ones.
  private final BitSet present = new BitSet();

  /// By minute, then VIEW and BUY: count and sum of prices of those that are there.
  private final TreeMap<Long, long[][]> minutes = new TreeMap<>();

  /// Answers that were not as they must be, in words.
  private final List<String> wrong = new ArrayList<>();

  private long acknowledgedCount;
  private long checked;

  /// Numbers that are about to be sent.
  ///
  /// @param to exclusive
  public record Range(int from, int to) {
    /// Their tags, a line each.
    public String lines() {
      StringBuilder lines = new StringBuilder();
      for (int number = from; number < to; number++) {
        lines.append(tag(number).json()).append('\n');
      }
      return lines.toString();
    }
  }

  public synchronized Range take(int count) {
    next += count;
    return new Range(next - count, next);
  }

  public synchronized void acknowledge(Range range, String itsMark) {
    acknowledged.set(range.from(), range.to());
    acknowledgedCount += range.to() - range.from();
    mark = mark.and(Mark.parse(itsMark));
  }

  /// An acknowledged tag, and a mark that stands for it; number -1 where there is none yet.
  public record Known(int number, String mark) {}

  public synchronized Known any(SplittableRandom random) {
    int number = next == 0 ? -1 : acknowledged.previousSetBit(random.nextInt(next));
    return new Known(number, mark.toString());
  }

  public synchronized long acknowledgedCount() {
    return acknowledgedCount;
  }

  /// Answers that were compared so far.
  public synchronized long checked() {
    return checked;
  }

  public synchronized List<String> wrong() {
    return List.copyOf(wrong);
  }

  public synchronized void complain(String what) {
    wrong.add(what);
  }

  static Tag tag(int number) {
    return new Tag(
        Tags.START_MS + number,
        cookie(number),
        "PL",
        "PC",
        isView(number) ? "VIEW" : "BUY",
        "origin-" + number % 7,
        number % 1_000,
        false,
        "brand-" + number % 5,
        "category-" + number % 3,
        number);
  }

  private static boolean isView(int number) {
    return number % 3 != 0;
  }

  public static String cookie(int number) {
    return "k-" + number / TAGS_OF_A_COOKIE;
  }

  /// Asks for the profile of a tag's cookie, and which of its tags are in it, each once and as it
  /// was sent; what is not right is complained of.
  public BitSet profile(RawHttp http, int number, String after) throws IOException {
    int status = http.send(Tags.profile(http, cookie(number), after));
    if (status != 200) {
      throw new IOException("profile: " + status + " " + http.body());
    }
    BitSet there = new BitSet();
    JsonNode profile = JSON.readTree(http.body());
    for (String list : List.of("views", "buys")) {
      for (JsonNode tag : profile.get(list)) {
        int found = tag.get("product_info").get("price").asInt();
        if (there.get(found)) {
          complain("twice in a profile: " + found);
        } else if (!tag.equals(JSON.readTree(tag(found).json()))) {
          complain("not as it was sent: " + tag);
        }
        there.set(found);
      }
    }
    synchronized (this) {
      checked++;
    }
    return there;
  }

  /// Finds out about everything that has been sent since it was last settled, and compares totals
  /// over all time. Nothing must be under way.
  public void settle(RawHttp http) throws IOException {
    String after = mark.toString();
    int from = settled / TAGS_OF_A_COOKIE * TAGS_OF_A_COOKIE;
    for (int first = from; first < next; first += TAGS_OF_A_COOKIE) {
      BitSet there = profile(http, first, after);
      for (int n = first; n < Math.min(next, first + TAGS_OF_A_COOKIE); n++) {
        if (n < settled) {
          expect(n, present.get(n), there.get(n));
        } else {
          if (acknowledged.get(n) && !there.get(n)) {
            complain("acknowledged and lost: " + n);
          }
          if (there.get(n)) {
            count(n);
          }
        }
      }
    }
    settled = next;
    compareTotals(http, after);
  }

  /// Looks again at some of the cookies that were settled long ago.
  public void compareSome(RawHttp http, SplittableRandom random, int cookies) throws IOException {
    String after = mark.toString();
    for (int i = 0; i < cookies && settled > 0; i++) {
      int first = random.nextInt(settled) / TAGS_OF_A_COOKIE * TAGS_OF_A_COOKIE;
      BitSet there = profile(http, first, after);
      for (int n = first; n < Math.min(settled, first + TAGS_OF_A_COOKIE); n++) {
        expect(n, present.get(n), there.get(n));
      }
    }
  }

  private void expect(int number, boolean wasThere, boolean isThere) {
    if (wasThere != isThere) {
      complain((wasThere ? "was there, is gone: " : "was not there, is: ") + number);
    }
  }

  private void count(int number) {
    present.set(number);
    long minute = tag(number).timeMs() / MINUTE_MS;
    long[] sums = minutes.computeIfAbsent(minute, _ -> new long[2][2])[isView(number) ? 0 : 1];
    sums[0]++;
    sums[1] += number;
  }

  private void compareTotals(RawHttp http, String after) throws IOException {
    long first = Tags.START_MS / MINUTE_MS;
    long last = (Tags.START_MS + next) / MINUTE_MS;
    for (long minute = first; minute <= last; minute += MINUTES_OF_A_QUESTION) {
      for (String action : List.of("VIEW", "BUY")) {
        Tags.Question question = new Tags.Question(minute, MINUTES_OF_A_QUESTION, action, "", "");
        int status = http.send(question.request(http, after));
        if (status != 200) {
          throw new IOException("aggregates: " + status + " " + http.body());
        }
        checked++;
        for (JsonNode row : JSON.readTree(http.body()).get("rows")) {
          long of = Instant.parse(row.get(0).stringValue() + "Z").toEpochMilli() / MINUTE_MS;
          long[] sums = minutes.getOrDefault(of, new long[2][2])[action.equals("VIEW") ? 0 : 1];
          String expected = sums[0] + " and " + sums[1];
          String got = row.get(2).stringValue() + " and " + row.get(3).stringValue();
          if (!expected.equals(got)) {
            complain("%s of %s: expected %s, got %s".formatted(action, row.get(0), expected, got));
          }
        }
      }
    }
  }
}
