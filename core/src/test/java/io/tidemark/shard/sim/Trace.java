package io.tidemark.shard.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/// What has happened in a run, for whoever replays one that failed; and how often what was tried
/// for happened, over all runs.
final class Trace {
  static final Map<String, Integer> COVERAGE = new TreeMap<>();

  private static final int LINES = 120;

  private final boolean on;
  private final Deque<String> lines = new ArrayDeque<>();

  Trace(boolean on) {
    this.on = on;
  }

  /// @param depth how many things are being done while this happens
  void say(int depth, Object... parts) {
    if (!on) {
      return;
    }
    StringBuilder line = new StringBuilder("  ".repeat(depth));
    for (Object part : parts) {
      line.append(part);
    }
    lines.add(line.toString());
    if (lines.size() > LINES) {
      lines.remove();
    }
  }

  static void covered(String what) {
    COVERAGE.merge(what, 1, Integer::sum);
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
