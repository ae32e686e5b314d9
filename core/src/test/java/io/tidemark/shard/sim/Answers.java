package io.tidemark.shard.sim;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Compares answers with what the model says. What an answer is about is only asked for if it is
/// wrong: to say it takes as long as to compare.
public final class Answers {
  private Answers() {}

  public static void same(
      Supplier<String> what, List<StoredEvent> expected, List<StoredEvent> actual) {
    boolean same = expected.size() == actual.size();
    for (int i = 0; same && i < expected.size(); i++) {
      StoredEvent a = expected.get(i);
      StoredEvent b = actual.get(i);
      same =
          a.partition() == b.partition()
              && a.offset() == b.offset()
              && a.timeMicros() == b.timeMicros()
              && Arrays.equals(a.value(), b.value());
    }
    if (!same) {
      throw broken(
          what.get() + "\n  expected " + places(expected) + "\n  but was  " + places(actual));
    }
  }

  private static List<String> places(List<StoredEvent> events) {
    return events.stream()
        .map(e -> e.partition() + "/" + e.offset() + "@" + e.timeMicros())
        .toList();
  }

  /// Groups and the results of their measures.
  public static void same(
      Supplier<String> what,
      RollupSpec spec,
      EventType type,
      RollupQuery query,
      Map<List<@Nullable Object>, List<ModelShard.Logged>> expected,
      Groups actual) {
    Map<List<@Nullable Object>, Integer> places = new HashMap<>();
    for (int g = 0; g < actual.count(); g++) {
      if (places.put(key(actual, g), g) != null) {
        throw broken(what.get() + ": twice the group " + key(actual, g));
      }
    }
    if (!places.keySet().equals(expected.keySet())) {
      throw broken(
          what.get()
              + ": groups\n  expected "
              + expected.keySet()
              + "\n  but were "
              + places.keySet());
    }
    expected.forEach(
        (key, events) -> {
          int group = Objects.requireNonNull(places.get(key));
          for (int m = 0; m < query.measures().size(); m++) {
            Measure measure = spec.measures().get(query.measures().get(m));
            Number result = actual.result(group, m);
            if (!isRight(measure, type, events, result)) {
              throw broken(
                  "%s: group %s, %s was %s of events %s"
                      .formatted(
                          what.get(),
                          key,
                          measure,
                          result,
                          events.stream().map(ModelShard.Logged::offset).toList()));
            }
          }
        });
  }

  private static List<@Nullable Object> key(Groups groups, int group) {
    List<@Nullable Object> key = new ArrayList<>();
    key.add(groups.bucket(group));
    for (int d = 0; d < groups.dimensions(); d++) {
      if (groups.isNull(group, d)) {
        key.add(null);
      } else if (groups.type(d).isText()) {
        key.add(new String(groups.text(group, d), StandardCharsets.UTF_8));
      } else {
        key.add(groups.word(group, d));
      }
    }
    return key;
  }

  private static boolean isRight(
      Measure measure, EventType type, List<ModelShard.Logged> events, @Nullable Number result) {
    if (measure.field() == Measure.ALL) {
      return Objects.equals(result, (long) events.size());
    }
    List<Object> values = new ArrayList<>();
    for (ModelShard.Logged event : events) {
      Object value = event.values()[measure.field()];
      if (value != null) {
        values.add(value);
      }
    }
    boolean real = type.field(measure.field()).type() == FieldType.DOUBLE;
    return switch (measure.kind()) {
      case COUNT -> Objects.equals(result, (long) values.size());
      case DISTINCT -> Objects.equals(result, values.stream().distinct().count());
      case SUM ->
          result != null
              && (real ? result.doubleValue() == realSum(values) : big(result).equals(sum(values)));
      case AVG ->
          values.isEmpty()
              ? result == null
              : result != null
                  && result.doubleValue()
                      == (real ? realSum(values) : sum(values).doubleValue()) / values.size();
      case MIN -> Objects.equals(result, extreme(values, real, false));
      case MAX -> Objects.equals(result, extreme(values, real, true));
      case PERCENTILE ->
          values.isEmpty()
              ? result == null
              : result != null && isClose(nearestRank(values, real, measure.parameter()), result);
    };
  }

  private static BigInteger big(Number number) {
    return number instanceof BigInteger big ? big : BigInteger.valueOf(number.longValue());
  }

  private static BigInteger sum(List<Object> words) {
    return words.stream()
        .map(w -> BigInteger.valueOf((Long) w))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static double realSum(List<Object> words) {
    return words.stream()
        .map(w -> new BigDecimal(Double.longBitsToDouble((Long) w)))
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .doubleValue();
  }

  private static @Nullable Number extreme(List<Object> words, boolean real, boolean greatest) {
    Number best = null;
    for (Object word : words) {
      Number value = real ? (Number) Double.longBitsToDouble((Long) word) : (Number) (Long) word;
      if (best == null
          || (real
                      ? Double.compare(value.doubleValue(), best.doubleValue())
                      : Long.compare(value.longValue(), best.longValue()))
                  * (greatest ? 1 : -1)
              > 0) {
        best = value;
      }
    }
    return best;
  }

  private static double nearestRank(List<Object> words, boolean real, double share) {
    double[] sorted =
        words.stream()
            .mapToDouble(w -> real ? Double.longBitsToDouble((Long) w) : (double) (Long) w)
            .sorted()
            .toArray();
    BigDecimal rank =
        BigDecimal.valueOf(share)
            .multiply(BigDecimal.valueOf(sorted.length))
            .setScale(0, java.math.RoundingMode.CEILING);
    return sorted[Math.max(0, rank.intValueExact() - 1)];
  }

  private static boolean isClose(double exact, Number result) {
    return Math.abs(result.doubleValue() - exact) <= Math.abs(exact) * 0.0100001;
  }

  private static Broken broken(String message) {
    return new Broken(ViewsEqualTheModelAtTheirMark.class, message);
  }
}
