package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.shard.Manifest.LogPoint;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogPointsTest {
  private static LogPoint point(long offset, long bytes) {
    return new LogPoint(new LogPrefix(offset, 0), Long.MIN_VALUE, new Counts(0, 0, 0, 0, 0, bytes));
  }

  @Test
  void aLogNeverBeginsBeyondTheCheckpointBeforeTheLast() {
    List<LogPoint> points = List.of(point(0, 0), point(10, 100), point(20, 200));
    assertThat(LogPoints.start(points, 0)).isEqualTo(10);
    assertThat(LogPoints.start(points.subList(0, 2), 0)).isZero();
    assertThat(LogPoints.start(points.subList(0, 1), 0)).isZero();
    assertThat(LogPoints.previous(points)).isEqualTo(10);
  }

  @Test
  void aLogKeepsAtLeastTheDeclaredBytes() {
    List<LogPoint> points = List.of(point(0, 0), point(10, 100), point(20, 200), point(30, 300));
    assertThat(LogPoints.start(points, 100)).isEqualTo(20);
    assertThat(LogPoints.start(points, 101)).isEqualTo(10);
    assertThat(LogPoints.start(points, 301)).isZero();
  }

  @Test
  void aCheckpointWhereTheOneBeforeItWasTakesItsPlace() {
    List<LogPoint> points = List.of(point(0, 0), point(10, 100), point(20, 200));
    assertThat(LogPoints.with(points, point(20, 200), 0)).isEqualTo(points.subList(1, 3));
    assertThat(LogPoints.previous(LogPoints.with(points, point(20, 200), 0))).isEqualTo(10);
  }

  @Test
  void aLogIsTrimmedHoweverManyCheckpointsItsBytesTake() {
    long keep = 100_000;
    List<LogPoint> points = List.of(point(0, 0));
    long started = 0;
    for (int i = 1; i <= 20_000; i++) {
      points = LogPoints.with(points, point(i, 10L * i), keep);
      assertThat(points).hasSizeLessThanOrEqualTo(LogPoints.MAX);
      long start = LogPoints.start(points, keep);
      assertThat(start).isGreaterThanOrEqualTo(started);
      long kept = 10L * i - 10L * start;
      if (start > 0) {
        assertThat(kept).isGreaterThanOrEqualTo(keep);
      }
      if (i > 10_100) {
        assertThat(kept).isLessThan(keep + keep / 20);
      }
      assertThat(LogPoints.previous(points)).isEqualTo(i - 1);
      started = start;
    }
  }
}
