package io.tidemark.server.streams;

import io.tidemark.shard.ErasureStep;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what was asked to be gone from the files of this node's shards, one shard at a time.
///
/// @param room whether so many bytes more can be written to the disk
record Eraser(HostMetrics metrics, LongPredicate room) implements Rounds.Work {
  private static final Logger log = LoggerFactory.getLogger(Eraser.class);

  /// What writing a file again may need on the disk for each byte that it has, see [Compactor].
  private static final int ROOM_PER_BYTE = 6;

  @Override
  public boolean on(HostedShard shard) throws IOException {
    Optional<ErasureStep> next = shard.begin(s -> s.erasing().begin());
    if (next.isEmpty()) {
      return false;
    }
    if (!room.test(ROOM_PER_BYTE * next.get().bytes())) {
      next.get().cancel();
      throw new Rounds.NotNow();
    }
    ErasureStep.Report report = next.get().run();
    log.info(
        "shard {}: {} erased events have gone from {} of {} files",
        shard.id(),
        report.events(),
        report.written(),
        report.looked());
    metrics.erased(shard.id(), report);
    return true;
  }

  @Override
  public void failed(HostedShard shard, Throwable failure) {
    log.warn(
        "shard {}: erasing failed; no answer has what is erased, and it is tried again",
        shard.id(),
        failure);
    metrics.erasingFailed(shard.id());
  }
}
