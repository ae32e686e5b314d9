package io.tidemark.bench;

import io.tidemark.bench.load.Metrics;
import io.tidemark.bench.process.NodeProcess;
import java.io.IOException;

/// What has gone on in a node besides a bulk, as `/metrics` tells it: the difference of two looks.
///
/// @param merged files that were made of several
/// @param mergedBytes their bytes
/// @param archivedBytes what was put into the archive
/// @param filled events given to views that are new
/// @param unarchived rows that the archive does not have yet, when the bulk was over
/// @param unfilled records that new views have not been given yet, then
record Background(
    double merged,
    double mergedBytes,
    double archivedBytes,
    double filled,
    double unarchived,
    double unfilled) {
  static Background of(NodeProcess node) throws IOException {
    int port = node.port();
    return new Background(
        Metrics.sum(port, "tidemark_compaction_seconds_count"),
        Metrics.sum(port, "tidemark_compaction_bytes_sum"),
        Metrics.sum(port, "tidemark_archived_bytes_total"),
        Metrics.sum(port, "tidemark_backfilled_events_total"),
        Metrics.sum(port, "tidemark_shard_next_offset")
            - Metrics.sum(port, "tidemark_shard_archived_offset"),
        Metrics.sum(port, "tidemark_shard_backfill_left"));
  }

  /// What has been done since an earlier look, and what is left now.
  Background since(Background before) {
    return new Background(
        merged - before.merged,
        mergedBytes - before.mergedBytes,
        archivedBytes - before.archivedBytes,
        filled - before.filled,
        unarchived,
        unfilled);
  }
}
