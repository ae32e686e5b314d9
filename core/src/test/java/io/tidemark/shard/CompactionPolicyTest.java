package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.FileSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CompactionPolicyTest {
  private static final long HOUR = 3_600_000_000L;
  private static final CompactionPolicy POLICY = new CompactionPolicy(4, 100, 10_000, 24 * HOUR);

  /// @param maxHour when the newest event happened
  private static SegmentRef segment(long from, long rows, long minHour, long maxHour) {
    return new SegmentRef(
        "s-" + from + "-" + (from + rows),
        from,
        from + rows,
        rows,
        new FileSum(rows, 0),
        minHour * HOUR,
        maxHour * HOUR,
        Map.of());
  }

  private static List<SegmentRef> segments(long hour, long... rows) {
    List<SegmentRef> segments = new ArrayList<>();
    long from = 0;
    for (long count : rows) {
      segments.add(segment(from, count, hour, hour));
      from += count;
    }
    return segments;
  }

  @Test
  void neighboursOfOneSizeAreMergedOnceThereAreEnough() {
    assertThat(POLICY.choose(List.of())).isEmpty();
    assertThat(POLICY.choose(segments(1, 10, 20, 30))).isEmpty();
    List<SegmentRef> four = segments(1, 10, 20, 99, 1);
    assertThat(POLICY.choose(four)).isEqualTo(four);
    List<SegmentRef> large = segments(1, 500, 10, 20, 30, 40, 50);
    assertThat(POLICY.choose(large)).isEqualTo(large.subList(1, 5));
  }

  @Test
  void aSmallOneBetweenLargerOnesGoesWithThem() {
    List<SegmentRef> mixed = segments(1, 500, 10, 600, 700, 800);
    assertThat(POLICY.choose(mixed)).isEqualTo(mixed.subList(0, 4));
  }

  @Test
  void whatWillNeverGrowIsMergedAtOnce() {
    List<SegmentRef> days = segments(1, 500, 10, 2000);
    days.add(segment(2510, 5, 23, 24));
    assertThat(POLICY.choose(days)).isEqualTo(days.subList(0, 3));
    List<SegmentRef> full = segments(1, 4000, 3000, 2000);
    assertThat(POLICY.choose(full)).isEqualTo(full.subList(0, 2));
  }

  @Test
  void whatIsNearlyFullIsNotWrittenAgain() {
    assertThat(POLICY.choose(segments(1, 6000, 3000, 2000))).isEmpty();
    assertThat(POLICY.choose(segments(1, 6000, 10, 20, 30))).isEmpty();
  }

  @Test
  void aClockThatIsAheadNowAndThenDoesNotGetInTheWay() {
    List<SegmentRef> ahead = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ahead.add(segment(10 * i, 10, i, i % 3 == 1 ? 25 + i : i));
    }
    // From the first one on that is in tomorrow, all are.
    assertThat(POLICY.choose(ahead)).isEqualTo(ahead.subList(1, 5));
  }

  @Test
  void filesDoNotGrowBeyondALimitHoweverFewRowsTheyHave() {
    List<SegmentRef> wide = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      SegmentRef s = segment(10 * i, 10, 1, 1);
      FileSum sum = new FileSum(100 << 20, 0);
      wide.add(
          new SegmentRef(
              s.name(), s.from(), s.to(), s.rows(), sum, s.minTime(), s.maxTime(), s.sets()));
    }
    assertThat(POLICY.choose(wide)).isEqualTo(wide.subList(0, 3));
  }

  @Test
  void lateEventsInEverySegmentDoNotGetInTheWay() {
    List<SegmentRef> late = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      late.add(segment(10 * i, 10, -100 * i, 30));
    }
    assertThat(POLICY.choose(late)).isEqualTo(late);
  }

  @Test
  void aMonthOfCheckpointsComesToAFewHundredSegmentsAndEachRowIsWrittenAFewTimes() {
    for (long rows : new long[] {1, 300, 75_000, 1 << 20}) {
      SplittableRandom random = new SplittableRandom(rows);
      List<SegmentRef> segments = new ArrayList<>();
      long from = 0;
      long written = 0;
      int most = 0;
      for (int tenMinutes = 0; tenMinutes < 30 * 144; tenMinutes++) {
        long count = Math.max(1, rows + random.nextLong(-rows / 3, rows / 3 + 1));
        segments.add(segment(from, count, tenMinutes / 6, tenMinutes / 6));
        from += count;
        for (List<SegmentRef> parts = CompactionPolicy.DEFAULT.choose(segments);
            !parts.isEmpty();
            parts = CompactionPolicy.DEFAULT.choose(segments)) {
          long sum = parts.stream().mapToLong(SegmentRef::rows).sum();
          assertThat(sum).isLessThanOrEqualTo(CompactionPolicy.DEFAULT.maxRows());
          written += sum;
          int at = segments.indexOf(parts.getFirst());
          SegmentRef merged =
              segment(
                  parts.getFirst().from(),
                  sum,
                  parts.getFirst().minTime() / HOUR,
                  parts.getLast().maxTime() / HOUR);
          segments.subList(at, at + parts.size()).clear();
          segments.add(at, merged);
        }
        most = Math.max(most, segments.size());
      }
      // At most three full ones for each 25 million rows, and a day's at most.
      long full = from / (CompactionPolicy.DEFAULT.maxRows() / 2);
      assertThat(most).as("segments, of %d rows", rows).isLessThan((int) full + 30 + 30);
      // Small ones are written again and again; there is little in them.
      assertThat(written).as("of %d rows", from).isLessThan(rows < 1000 ? 25 * from : 5 * from);
    }
  }
}
