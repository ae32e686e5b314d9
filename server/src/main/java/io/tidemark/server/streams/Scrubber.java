package io.tidemark.server.streams;

import io.tidemark.shard.DamagedException;
import io.tidemark.shard.ShardClosedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the files of this node's shards again and again, one at a time and slowly, so that what
/// has gone bad on the disk is found while the log may still have it.
final class Scrubber {
  private static final Logger log = LoggerFactory.getLogger(Scrubber.class);

  /// A tenth of what a slow disk reads: 4 GiB take about eight minutes.
  private static final long BYTES_PER_SECOND = 8 << 20;

  /// Between two files, however small.
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Registry registry;
  private final HostMetrics metrics;
  private final Checkpoints checkpoints;
  private final Queue<Item> round = new ArrayDeque<>();

  private record Item(HostedShard shard, String file) {}

  /// @param checkpoints on whose threads it runs
  Scrubber(Registry registry, HostMetrics metrics, Checkpoints checkpoints) {
    this.registry = registry;
    this.metrics = metrics;
    this.checkpoints = checkpoints;
  }

  void start() {
    checkpoints.schedule(this::next, PAUSE);
  }

  private void next() {
    long bytes = 0;
    if (round.isEmpty()) {
      registry.all().forEach(this::list);
    }
    Item item = round.poll();
    if (item != null) {
      bytes = read(item);
      metrics.scrubbed(bytes);
    }
    checkpoints.schedule(this::next, PAUSE.plusMillis(bytes * 1000 / BYTES_PER_SECOND));
  }

  private void list(HostedShard shard) {
    with(
        shard,
        () -> {
          shard.shard().files().names().forEach(file -> round.add(new Item(shard, file)));
          return 0;
        });
  }

  private long read(Item item) {
    return with(item.shard(), () -> item.shard().shard().files().verify(item.file()));
  }

  private interface Reading {
    long read() throws IOException;
  }

  private static long with(HostedShard shard, Reading reading) {
    try {
      return shard.progress().isLost() ? 0 : reading.read();
    } catch (ShardClosedException _) {
      return 0;
    } catch (IOException | RuntimeException e) {
      DamagedException.in(e)
          .ifPresentOrElse(
              shard::damaged,
              () -> log.warn("shard {}: its files cannot be looked at: {}", shard.id(), e));
      return 0;
    }
  }
}
