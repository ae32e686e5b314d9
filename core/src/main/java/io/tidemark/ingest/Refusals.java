package io.tidemark.ingest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The events of one stream that this node has refused since it started: how many for each reason,
/// and the newest ones. Many threads may use it.
public final class Refusals {
  /// How many refusals are remembered; the counts know of all.
  public static final int REMEMBERED = 100;

  private final Map<Refusal.Reason, Long> counts = new EnumMap<>(Refusal.Reason.class);
  private final Deque<Seen> newest = new ArrayDeque<>();

  /// A refusal and when it happened, in milliseconds since 1970.
  public record Seen(long atMs, Refusal refusal) {}

  public synchronized void add(long nowMs, List<Batch.Item> refused) {
    for (Batch.Item item : refused) {
      counts.merge(item.refusal().reason(), 1L, Long::sum);
      newest.addFirst(new Seen(nowMs, item.refusal()));
      if (newest.size() > REMEMBERED) {
        newest.removeLast();
      }
    }
  }

  /// How many were refused for each reason.
  public synchronized Map<Refusal.Reason, Long> counts() {
    return new EnumMap<>(counts);
  }

  /// The newest, newest first.
  public synchronized List<Seen> newest() {
    return new ArrayList<>(newest);
  }
}
