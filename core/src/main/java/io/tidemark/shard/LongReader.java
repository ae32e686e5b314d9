package io.tidemark.shard;

/// A thread that reads shards for as long as it likes, but is interrupted when one of them is to be
/// closed.
final class LongReader {
  private final Thread thread = Thread.currentThread();
  private boolean ended;
  private boolean cut;

  synchronized void cut() {
    if (!ended) {
      cut = true;
      thread.interrupt();
    }
  }

  /// From now on it is not interrupted.
  ///
  /// @return whether it has been
  synchronized boolean end() {
    ended = true;
    return cut;
  }
}
