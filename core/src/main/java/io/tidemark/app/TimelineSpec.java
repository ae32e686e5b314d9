package io.tidemark.app;

import java.time.Duration;
import java.util.Optional;

/// The newest events of each key.
///
/// @param by the field whose values are the keys: a STRING or LONG
/// @param split the field each of whose values has a bound of its own, or [#NO_SPLIT]
/// @param keep how many of the newest events are kept for each key (and value of split)
public record TimelineSpec(
    String name, String stream, int by, int split, int keep, Optional<Duration> retain)
    implements ViewSpec {
  public static final int NO_SPLIT = -1;
  public static final int DEFAULT_KEEP = 100;
  public static final int MAX_KEEP = 10_000;

  public TimelineSpec {
    if (keep < 1 || keep > MAX_KEEP) {
      throw new IllegalArgumentException("keep: " + keep);
    }
  }

  @Override
  public String definition() {
    return "timeline stream=%s by=%d split=%d keep=%d retain=%s"
        .formatted(stream, by, split, keep, retain);
  }
}
