package io.tidemark.log;

import java.util.Comparator;

/// One partition of one stream's log.
public record StreamPartition(String stream, int partition) implements Comparable<StreamPartition> {
  private static final Comparator<StreamPartition> ORDER =
      Comparator.comparing(StreamPartition::stream).thenComparingInt(StreamPartition::partition);

  @Override
  public int compareTo(StreamPartition that) {
    return ORDER.compare(this, that);
  }

  @Override
  public String toString() {
    return stream + "/" + partition;
  }
}
