package io.tidemark.server.streams;

import io.tidemark.archive.ArchiveTables;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongPredicate;

/// How a node hosts shards.
///
/// @param bootstrap brokers as `host:port,…`
/// @param cluster what the names of consumer groups begin with; nodes that agree on it share the
///   shards
/// @param self where the other nodes reach this one
/// @param folder where Streams keeps its locks; shards keep their own folders elsewhere
/// @param threads how many threads apply the records of each stream
/// @param standbys how many other nodes keep a copy of each shard up to date, as far as there are
///   so many; the group's leader decides for all
/// @param tailBudgetBytes how much memory the tails of all shards may have, about: from there on
///   the largest is written to files; at half as much again, applying waits
/// @param sessionTimeout after how long without a sign of life a node's shards move; brokers allow
///   no less than their `group.min.session.timeout.ms`
/// @param maxStall how long applying waits for room in memory before the shard is given up and
///   opened again
/// @param log forces the log to the disk, before each checkpoint
/// @param room whether so many bytes more can be written for segments to be merged
/// @param tables over the archive, if there is one
public record HostOptions(
    String bootstrap,
    String cluster,
    HostInfo self,
    Path folder,
    int threads,
    int standbys,
    long tailBudgetBytes,
    Duration sessionTimeout,
    Duration maxStall,
    LogForce log,
    LongPredicate room,
    Optional<ArchiveTables> tables) {
  public static final long DEFAULT_TAIL_BUDGET_BYTES = 256 << 20;

  public static final int DEFAULT_STANDBYS = 1;

  /// Long enough for a pause of the JVM, and what brokers allow by default.
  public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(6);

  /// Well below the five minutes after which a consumer that does not poll is thrown out.
  public static final Duration DEFAULT_MAX_STALL = Duration.ofMinutes(2);

  public HostOptions {
    if (threads < 1 || standbys < 0 || tailBudgetBytes < 1 || cluster.isBlank()) {
      throw new IllegalArgumentException(
          "threads %d, standbys %d, budget %d, cluster \"%s\""
              .formatted(threads, standbys, tailBudgetBytes, cluster));
    }
  }
}
