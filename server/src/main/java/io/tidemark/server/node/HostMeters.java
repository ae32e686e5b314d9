package io.tidemark.server.node;

import io.tidemark.log.StreamPartition;
import io.tidemark.server.streams.HostMetrics;
import io.tidemark.shard.ArchiveErasureStep;
import io.tidemark.shard.ArchiveStep;
import io.tidemark.shard.BackfillStep;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.Compaction;
import io.tidemark.shard.ErasureStep;
import io.tidemark.shard.Verification;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/// Tells a node's metrics what happens to its shards.
final class HostMeters implements HostMetrics {
  private final NodeMetrics metrics;
  private final LongAdder scrubbed = new LongAdder();
  private final LongAdder audited = new LongAdder();
  private final LongAdder differences = new LongAdder();
  private final LongAdder archivedBytes = new LongAdder();
  private final LongAdder archivedFiles = new LongAdder();
  private final LongAdder backfilled = new LongAdder();
  private final LongAdder erased = new LongAdder();
  private final LongAdder erasedFromArchive = new LongAdder();

  HostMeters(NodeMetrics metrics) {
    this.metrics = metrics;
    metrics.counter(
        "tidemark_scrubbed_bytes", "Bytes of files read again to find damage", scrubbed::sum);
    metrics.counter(
        "tidemark_audited",
        "Groups, keys and rows of views that were compared with their events",
        audited::sum);
    metrics.counter(
        "tidemark_audit_differences",
        "Those that are not what their events come to",
        differences::sum);
    metrics.counter("tidemark_archived_bytes", "Bytes put into the archive", archivedBytes::sum);
    metrics.counter(
        "tidemark_backfilled_events",
        "Events given to views that were declared after them",
        backfilled::sum);
    metrics.counter(
        "tidemark_erased_events", "Events removed from tables since it was asked for", erased::sum);
    metrics.counter(
        "tidemark_erased_archived_events",
        "Events removed from the archive since it was asked for",
        erasedFromArchive::sum);
    metrics.counter("tidemark_archived_files", "Files put into the archive", archivedFiles::sum);
  }

  @Override
  public void published(StreamPartition shard, int records, long freshnessMs) {
    metrics.visible(freshnessMs);
  }

  @Override
  public void checkpointed(StreamPartition shard, Checkpoint.Report report, Duration took) {
    metrics.checkpointed(took.toNanos(), report.bytes());
  }

  @Override
  public void checkpointFailed(StreamPartition shard) {
    metrics.count("tidemark_checkpoint_failures", "Checkpoints that failed and were tried again");
  }

  @Override
  public void compacted(StreamPartition shard, Compaction.Report report, Duration took) {
    metrics.compacted(took.toNanos(), report.written());
  }

  @Override
  public void compactionFailed(StreamPartition shard) {
    metrics.count("tidemark_compaction_failures", "Compactions that failed and were tried again");
  }

  @Override
  public void archived(StreamPartition shard, ArchiveStep.Report report, Duration took) {
    archivedBytes.add(report.bytes());
    archivedFiles.add(report.files());
  }

  @Override
  public void archivingFailed(StreamPartition shard) {
    metrics.count(
        "tidemark_archive_failures", "Steps of archiving that failed and are tried again");
  }

  @Override
  public void tableChanged(StreamPartition shard) {
    metrics.count("tidemark_archive_table_commits", "Changes of Iceberg tables over the archive");
  }

  @Override
  public void tableFailed(StreamPartition shard) {
    metrics.count("tidemark_archive_table_failures", "Those that failed and are tried again");
  }

  @Override
  public void erased(StreamPartition shard, ErasureStep.Report report) {
    erased.add(report.events());
  }

  @Override
  public void erasedFromArchive(StreamPartition shard, ArchiveErasureStep.Report report) {
    erasedFromArchive.add(report.events());
  }

  @Override
  public void erasingFailed(StreamPartition shard) {
    metrics.count("tidemark_erasure_failures", "Steps of erasing that failed and are tried again");
  }

  @Override
  public void backfilled(StreamPartition shard, BackfillStep.Report report) {
    backfilled.add(report.rows());
  }

  @Override
  public void backfillFailed(StreamPartition shard) {
    metrics.count(
        "tidemark_backfill_failures", "Steps of filling views that failed and are tried again");
  }

  @Override
  public void stalled(StreamPartition shard, Duration took) {
    metrics.count("tidemark_shard_stalls", "Times that applying waited for room in memory");
  }

  @Override
  public void trimmed(StreamPartition shard, long logStart) {
    metrics.count("tidemark_log_trims", "Times that the start of a log was given up");
  }

  @Override
  public void trimFailed(StreamPartition shard) {
    metrics.count("tidemark_log_trim_failures", "Times that giving up a log's start failed");
  }

  @Override
  public void damaged(StreamPartition shard) {
    metrics.count("tidemark_shard_damages", "Times that files of a shard were found damaged");
  }

  @Override
  public void scrubbed(long bytes) {
    scrubbed.add(bytes);
  }

  @Override
  public void audited(Verification.Report report) {
    audited.add(report.compared());
    differences.add(report.different());
  }

  @Override
  public void threadFailed(String stream) {
    metrics.count("tidemark_shard_thread_failures", "Threads that failed and were replaced");
  }
}
