package io.tidemark.shard.sim;

import io.tidemark.shard.Shard;
import java.util.Map;
import java.util.TreeMap;

/// Invariant: while a process lives, no position of a shard goes back, and nothing is called sealed
/// that a failure of the power could take; a new process begins where the last checkpoint says, and
/// no checkpoint that was done is ever undone, but where the log has lost records that it was made
/// of, or the disk a segment.
final class PositionsNeverGoBack {
  private final ShardFolder folder;

  /// The newest checkpoint that was done.
  private long number;

  private long next;
  private long visible;
  private long sealed;
  private long streamTime = Long.MIN_VALUE;
  private boolean mayGoBack;

  /// By view, where the shard was when a segment of it was lost.
  private final Map<String, Long> lostAt = new TreeMap<>();

  private boolean goneBack;

  PositionsNeverGoBack(ShardFolder folder) {
    this.folder = folder;
  }

  /// @param before what the newest readable checkpoint said before
  void opened(Shard shard, ShardFolder.Manifest before) {
    ShardFolder.Manifest found = folder.newest();
    boolean lacks = before.segments().stream().anyMatch(folder.lostSegments()::contains);
    if (!mayGoBack && !lacks && !found.text().equals(before.text())) {
      throw broken("checkpoint %d was replaced by %d".formatted(before.number(), found.number()));
    }
    goneBack |= lacks && found.next() < before.next();
    mayGoBack = false;
    if (found.number() < number) {
      throw broken("opened at checkpoint %d after %d was done".formatted(found.number(), number));
    }
    long expected = found.next();
    if (shard.next() != expected
        || shard.visibleNext() != expected
        || shard.sealedNext() != expected) {
      throw broken(
          "opened at %d, %d, %d instead of %d"
              .formatted(shard.next(), shard.visibleNext(), shard.sealedNext(), expected));
    }
    number = found.number();
    next = expected;
    visible = expected;
    sealed = 0;
    streamTime = shard.visibleStreamTime();
    check(shard);
  }

  /// A checkpoint is done.
  void checkpointed(long newest) {
    if (newest <= number) {
      throw broken("checkpoint %d after %d".formatted(newest, number));
    }
    number = newest;
  }

  /// The log has lost records that checkpoints may have been made of.
  void logLost() {
    number = 0;
    mayGoBack = true;
  }

  /// A segment is gone: the shard goes back to where it began, or the view begins anew.
  void segmentLost(String view) {
    number = 0;
    // Views may have been ahead.
    folder.newest().views().values().forEach(next -> lostAt.merge(view, next, Math::max));
  }

  /// Whether a view has gone back, and may lack what it had forgotten further on.
  boolean isMending(String view, Shard shard) {
    return shard.visibleNext() < lostAt.getOrDefault(view, 0L);
  }

  /// Whether a shard has gone back, so that it may have put files into the archive of a batch that
  /// it cannot tell the end of any more.
  boolean hasGoneBack() {
    return goneBack;
  }

  boolean mayGoBack() {
    return mayGoBack;
  }

  /// A manifest has been damaged: a shard falls back to the one before.
  void damaged(long newest) {
    number = Math.min(number, newest - 1);
  }

  void check(Shard shard) {
    if (shard.next() < next
        || shard.visibleNext() < visible
        || shard.sealedNext() < sealed
        || shard.visibleStreamTime() < streamTime) {
      throw broken("a position went back: " + shard.next());
    }
    next = shard.next();
    visible = shard.visibleNext();
    streamTime = shard.visibleStreamTime();
    if (shard.sealedNext() > visible || visible > next) {
      throw broken("sealed %d, visible %d, next %d".formatted(shard.sealedNext(), visible, next));
    }
    if (shard.sealedNext() > sealed) {
      sealed = shard.sealedNext();
      if (folder.durable().stream().noneMatch(m -> m.next() == sealed)) {
        throw broken("%d is called sealed, but no durable manifest says so".formatted(sealed));
      }
    }
  }

  private static Broken broken(String message) {
    return new Broken(PositionsNeverGoBack.class, message);
  }
}
