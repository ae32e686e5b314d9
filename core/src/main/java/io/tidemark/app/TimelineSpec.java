package io.tidemark.app;

import io.tidemark.event.EventType;
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
  public String definition(EventType type) {
    return "timeline stream=%s by=%s split=%s keep=%d retain=%s"
        .formatted(
            stream,
            type.field(by).typedPath(),
            split == NO_SPLIT ? "none" : type.field(split).typedPath(),
            keep,
            retain);
  }
}
