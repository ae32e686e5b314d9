package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.DayTags;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/// What one engine has said to the questions of one kind. All engines are asked the same ones in
/// the same order, one at a time, until there are enough of them or the time is over.
public final class Interview {
  /// However long they take.
  private static final int LEAST = 3;

  /// After so many refusals nobody asks on.
  private static final int MOST_FAILED = 3;

  /// Which part of the time is for questions that only warm up, besides.
  private static final int WARM_UP = 3;

  private final String engine;
  private final Kind kind;
  private final double tolerance;
  private final Histogram micros = new Histogram(3);
  private final List<List<String>> answers = new ArrayList<>();
  private int failed;
  private String failure = "";

  private Interview(Engine engine, Kind kind) {
    this.engine = engine.name();
    this.kind = kind;
    this.tolerance = engine.tolerance();
  }

  /// How much an engine is asked.
  ///
  /// @param questions of each kind, at most
  /// @param budget the time for each kind; three questions are asked however long they take
  public record Effort(int questions, Duration budget, long seed) {}

  /// How answers compare with others'.
  ///
  /// @param compared how many both have given
  /// @param first the first that differs, or empty
  public record Comparison(int compared, int different, String first) {}

  public static Interview hold(Engine engine, Kind kind, DayTags day, Effort effort)
      throws InterruptedException {
    Duration warmUp = effort.budget().dividedBy(WARM_UP);
    Interview warm = new Interview(engine, kind);
    // Other questions than those that are measured.
    warm.ask(engine, day, new Effort(effort.questions(), warmUp, ~effort.seed()));
    Interview interview = warm.failed == 0 ? new Interview(engine, kind) : warm;
    if (warm.failed == 0) {
      interview.ask(engine, day, effort);
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %s: %d asked, p50 %.1f ms, p99 %.1f ms%s%n",
        interview.engine,
        kind.title(),
        interview.asked(),
        interview.ms(50),
        interview.ms(99),
        interview.failed == 0 ? "" : ", refused: " + interview.failure);
    return interview;
  }

  private void ask(Engine asked, DayTags day, Effort effort) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(effort.seed());
    long end = System.nanoTime() + effort.budget().toNanos();
    for (int i = 0; i < effort.questions() && failed < MOST_FAILED; i++) {
      if (i >= LEAST && System.nanoTime() > end) {
        return;
      }
      Question question = kind.random(random, day);
      try {
        Engine.Reply reply = asked.ask(question);
        micros.recordValue(Math.round(reply.ms() * 1000));
        answers.add(reply.rows().stream().sorted().toList());
      } catch (IOException e) {
        failure = failed++ == 0 ? question + ": " + e.getMessage() : failure;
        // Nothing to be compared.
        answers.add(List.of(failure));
      }
    }
  }

  public String engine() {
    return engine;
  }

  public Kind kind() {
    return kind;
  }

  /// How many questions were answered.
  public int asked() {
    return answers.size() - failed;
  }

  public int failed() {
    return failed;
  }

  /// What was said of the first question that was refused, or empty.
  public String failure() {
    return failure;
  }

  /// The time within which the share `percentile` (0 to 100) was answered, in ms; infinite where
  /// nothing was.
  public double ms(double percentile) {
    return asked() == 0
        ? Double.POSITIVE_INFINITY
        : micros.getValueAtPercentile(percentile) / 1000.0;
  }

  /// Compares with exact answers to the same questions.
  public Comparison compare(Interview exact) {
    int compared = Math.min(answers.size(), exact.answers.size());
    int different = 0;
    String first = "";
    for (int i = 0; i < compared; i++) {
      String difference = difference(answers.get(i), exact.answers.get(i));
      if (!difference.isEmpty() && different++ == 0) {
        first = "%s, answer %d: %s".formatted(engine, i, difference);
      }
    }
    return new Comparison(compared, different, first);
  }

  private String difference(List<String> found, List<String> expected) {
    for (int i = 0; i < Math.max(found.size(), expected.size()); i++) {
      String one = i < found.size() ? found.get(i) : "nothing";
      String other = i < expected.size() ? expected.get(i) : "nothing";
      if (!one.equals(other) && !isClose(one, other)) {
        return "%s instead of %s; %d and %d rows"
            .formatted(one, other, found.size(), expected.size());
      }
    }
    return "";
  }

  /// Whether two rows of quantiles are of the same bucket, and within the tolerance.
  private boolean isClose(String found, String expected) {
    String[] left = found.split(" ", -1);
    String[] right = expected.split(" ", -1);
    if (kind != Kind.QUANTILES || left.length != 3 || right.length != 3) {
      return false;
    }
    boolean close = left[0].equals(right[0]);
    for (int i = 1; i < 3; i++) {
      double value = Double.parseDouble(right[i]);
      // One for what is rounded to whole numbers.
      close &= Math.abs(Double.parseDouble(left[i]) - value) <= tolerance * Math.abs(value) + 1;
    }
    return close;
  }
}
