package io.tidemark.server.kafka;

import io.tidemark.ingest.EventLog.Appended;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/// What has become so far of the records of one append. Each is counted down once, by the thread of
/// the producer or by the one that could not send it.
final class PendingAppend {
  private final long[] offsets;
  private final CountDownLatch left;
  private volatile boolean isAnyAcknowledged;
  private volatile @Nullable Throwable failure;

  PendingAppend(int entries) {
    this.offsets = new long[entries];
    Arrays.fill(offsets, Appended.FAILED);
    this.left = new CountDownLatch(entries);
  }

  void acknowledged(int index, long offset) {
    offsets[index] = offset;
    isAnyAcknowledged = true;
    left.countDown();
  }

  /// @param records how many records have failed
  void failed(int records, Throwable cause) {
    failure = cause;
    for (int i = 0; i < records; i++) {
      left.countDown();
    }
  }

  /// Whether the log has taken at least one of them.
  boolean isAnyAcknowledged() {
    return isAnyAcknowledged;
  }

  /// Waits until each record has its outcome; those that have none in time have failed.
  Appended await(Duration patience) {
    String gaveUp = "";
    try {
      if (!left.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        gaveUp = "the log's client gave no outcome within " + patience.toSeconds() + " s" + UNKNOWN;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      gaveUp = "interrupted while waiting for the log" + UNKNOWN;
    }
    Throwable cause = failure;
    // A copy: late outcomes must not change an answer that has been given.
    return new Appended(offsets.clone(), gaveUp.isEmpty() && cause != null ? text(cause) : gaveUp);
  }

  private static final String UNKNOWN =
      "; the event may or may not be in the log, send it again (with the same id, it counts once)";

  static String text(Throwable cause) {
    return switch (cause) {
      case RecordTooLargeException e -> "too large for the log: " + e.getMessage();
      case TimeoutException e ->
          "the log did not answer in time (is the broker away?): " + e.getMessage() + UNKNOWN;
      case NotEnoughReplicasException e ->
          "the log has too few replicas in sync to take events: " + e.getMessage() + UNKNOWN;
      case UnknownTopicOrPartitionException e ->
          "the stream's topic is missing; restart the node to make it: " + e.getMessage();
      case AuthorizationException e -> "the log does not let this node write: " + e.getMessage();
      case InterruptException _ -> "interrupted while sending to the log" + UNKNOWN;
      default ->
          "the log failed: %s: %s%s"
              .formatted(cause.getClass().getSimpleName(), cause.getMessage(), UNKNOWN);
    };
  }
}
