package io.tidemark.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// An app whose number of shards and views, and whose events, can be chosen.
///
/// @param partitions shards
/// @param views 1 to 8: the first so many of [#VIEWS]
/// @param keys distinct keys
/// @param bytes the size of an event as JSON, about
public record PlainApp(int partitions, int views, int keys, int bytes) {
  public static final String STREAM = "events";

  private static final List<String> VIEWS =
      List.of(
          "newest: { timeline: events, by: key, keep: 100 }",
          "minutes: { rollup: events, every: 1m, by: [kind, place], measures: { n: count(), sum: sum(amount) } }",
          "hours: { rollup: events, every: 1h, by: place, measures: { n: count(), most: max(amount) } }",
          "places: { timeline: events, by: place, keep: 50 }",
          "totals: { rollup: events, every: 1m, measures: { n: count(), sum: sum(amount) } }",
          "kinds: { timeline: events, by: key, split: kind, keep: 10 }",
          "people: { rollup: events, every: 5m, by: kind, measures: { keys: distinct(key) } }",
          "quantiles: { rollup: events, every: 1h, by: kind, measures: { p99: \"percentile(amount, 99)\" } }");

  /// What a setting is where another one is changed.
  public static final PlainApp USUAL = new PlainApp(8, 2, 100_000, 300);

  private static final String SCHEMA =
      """
      {"type": "object", "required": ["time", "key", "kind", "place", "amount", "text"], "properties": {
        "time": {"type": "string", "format": "date-time"}, "key": {"type": "string"},
        "kind": {"type": "string"}, "place": {"type": "string"}, "amount": {"type": "integer"},
        "text": {"type": "string"}}}
      """;

  private static final int KINDS = 20;
  private static final int PLACES = 500;
  private static final int MAX_AMOUNT = 100_000;

  /// About what an event has besides its text.
  private static final int WITHOUT_TEXT = 105;

  private static final int WORDS = 1 << 20;

  public PlainApp {
    if (views < 1 || views > VIEWS.size()) {
      throw new IllegalArgumentException("views: " + views);
    }
  }

  /// Writes the app's declarations into a folder.
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("schemas"));
    Files.writeString(folder.resolve("schemas/event.json"), SCHEMA);
    StringBuilder app = new StringBuilder("app: plain\nstreams:\n");
    app.append("  events: { schema: schemas/event.json, time: time, key: key, partitions: ");
    app.append(partitions).append(", max_ahead: 36500d }\nviews:\n");
    VIEWS.subList(0, views).forEach(view -> app.append("  ").append(view).append('\n'));
    Files.writeString(folder.resolve("app.yaml"), app.toString());
  }

  /// Its events, a millisecond apart; each key comes once before any comes again.
  public Supplier<String> generator() {
    SplittableRandom random = new SplittableRandom(1);
    String words = words(random);
    int length = Math.max(0, bytes - WITHOUT_TEXT);
    return new Supplier<>() {
      private long made;

      @Override
      public String get() {
        long number = made++;
        int from = random.nextInt(WORDS - length);
        // Keys in an order that has nothing to do with their numbers.
        long key = number % keys * 7_919 % keys;
        return new StringBuilder(bytes + 32)
            .append("{\"time\":\"")
            .append(Instant.ofEpochMilli(Tags.START_MS + number))
            .append("\",\"key\":\"k")
            .append(key)
            .append("\",\"kind\":\"kind")
            .append(random.nextInt(KINDS))
            .append("\",\"place\":\"p")
            .append(random.nextInt(PLACES))
            .append("\",\"amount\":")
            .append(random.nextInt(MAX_AMOUNT))
            .append(",\"text\":\"")
            .append(words, from, from + length)
            .append("\"}")
            .toString();
      }
    };
  }

  /// Text that compresses about as words do.
  private static String words(SplittableRandom random) {
    StringBuilder words = new StringBuilder(WORDS + 16);
    while (words.length() < WORDS) {
      int word = random.nextInt(4_000);
      words.append(Integer.toString(word * 7_919 + 46_656, 36)).append(' ');
    }
    return words.toString();
  }
}
