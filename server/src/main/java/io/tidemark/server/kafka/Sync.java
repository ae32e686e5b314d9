package io.tidemark.server.kafka;

import java.util.Locale;
import java.util.Map;

/// When the broker in this process forces its log to the disk. A kill of the process loses nothing
/// whichever it is; this is about a crash of the machine, or its power.
public enum Sync {
  /// Before each acknowledgement: nothing that was acknowledged is lost. Requests that wait at the
  /// same time share one.
  ALWAYS,
  /// Each second: up to about that much may be lost.
  INTERVAL,
  /// When the operating system does, mostly within half a minute: that much may be lost.
  OS;

  private static final int FLUSH_MS = 1_000;

  /// How often the broker looks what is due.
  private static final int LOOK_MS = 500;

  Map<String, String> settings() {
    return switch (this) {
      case ALWAYS -> Map.of("log.flush.interval.messages", "1");
      case INTERVAL ->
          Map.of(
              "log.flush.interval.ms", Integer.toString(FLUSH_MS),
              "log.flush.scheduler.interval.ms", Integer.toString(LOOK_MS));
      case OS -> Map.of();
    };
  }

  /// As it is written on the command line.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
