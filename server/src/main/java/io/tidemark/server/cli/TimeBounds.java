package io.tidemark.server.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that are about the events of a range of time. The node reads the times,
/// and says what is wrong with them.
final class TimeBounds {
  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Only what happened from this time on, as 2026-11-22T10:00:00Z.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Only what happened before this time.")
  private @Nullable String to;

  @Nullable String from() {
    return from;
  }

  @Nullable String to() {
    return to;
  }
}
