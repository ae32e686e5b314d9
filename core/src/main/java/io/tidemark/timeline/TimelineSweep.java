package io.tidemark.timeline;

import io.tidemark.sorted.SortedStore;
import java.util.List;

/// Finds, key by key, where the entries begin that can go; the scan then starts anew behind them.
final class TimelineSweep implements SortedStore.Visitor {
  private final int keep;
  private final long sealedNext;
  private final long notBefore;
  private final List<byte[][]> ranges;
  private long hash1;
  private long hash2;
  private int split;
  private int seen;
  private boolean first = true;
  private byte[] next = new byte[0];

  TimelineSweep(int keep, long sealedNext, long notBefore, List<byte[][]> ranges) {
    this.keep = keep;
    this.sealedNext = sealedNext;
    this.notBefore = notBefore;
    this.ranges = ranges;
  }

  /// Where the next scan begins; empty at the end.
  byte[] next() {
    byte[] result = next;
    next = new byte[0];
    return result;
  }

  @Override
  public boolean visit(byte[] key, byte[] value) {
    TimelineKey at = TimelineKey.decode(key);
    if (first || at.hash1() != hash1 || at.hash2() != hash2 || at.split() != split) {
      first = false;
      hash1 = at.hash1();
      hash2 = at.hash2();
      split = at.split();
      seen = 0;
    }
    if (at.offset() >= sealedNext) {
      return true;
    }
    if (seen < keep && at.time() >= notBefore) {
      seen++;
      return true;
    }
    byte[] end = TimelineKey.end(hash1, hash2, split);
    ranges.add(new byte[][] {key, end});
    next = end;
    return false;
  }
}
