package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Computes a view of one shard again, from the events of the shard's table, and compares. The
/// shard is held at one position meanwhile, see [HeldShards]; what is in memory counts like what is
/// in files.
///
/// The table itself is compared with what the manifest says of it: each segment has as many rows as
/// it was written with, each record of its offsets once at most.
///
/// Only what the table still has can be computed: a view that reaches further back than the table
/// is believed there.
///
/// It does its work in steps of some hundred thousand rows, each of which may be the last one.
public final class Verification {
  /// The table's name among the views.
  public static final String TABLE = Manifest.TABLE;

  /// How many differences are told; of the rest, how many there are.
  public static final int MAX_TOLD = 100;

  /// How many rows a step reads, about.
  static final int STEP_ROWS = 200_000;

  private final Shard shard;
  private final String view;
  private final long next;
  private final Check check;
  private final String notCompared;
  private final List<Difference> told = new ArrayList<>();
  private long compared;
  private long different;

  /// One kind of view.
  interface Check {
    /// Compares some more.
    ///
    /// @return whether there is more
    boolean step(Verification findings) throws IOException;

    /// How much of it is done, 0 to 1.
    double progress();

    /// Begins elsewhere.
    ///
    /// @param place 0 to 1
    void seek(double place) throws IOException;
  }

  /// @param notCompared why nothing can be said about the view; empty where it is compared
  Verification(Shard shard, String view, long next, Check check, String notCompared) {
    this.shard = shard;
    this.view = view;
    this.next = next;
    this.check = check;
    this.notCompared = notCompared;
  }

  /// What has come of it so far.
  ///
  /// @param next of the events below this offset
  /// @param compared how many groups, keys or rows were compared
  /// @param different how many of them differ
  /// @param told the first of these
  /// @param notCompared why nothing can be said about the view; empty where it was compared
  public record Report(
      StreamPartition shard,
      String view,
      long next,
      long compared,
      long different,
      List<Difference> told,
      String notCompared) {
    public Report {
      told = List.copyOf(told);
    }
  }

  /// Compares some more.
  ///
  /// @return whether there is more
  /// @throws DamagedException where a file is not as it was written
  /// @throws ShardClosedException where somebody waits to close the shard
  public boolean step() throws IOException {
    if (shard.isClosing()) {
      throw new ShardClosedException(shard.id());
    }
    return notCompared.isEmpty() && check.step(this);
  }

  /// Lets the next step be one in the middle: a sample.
  ///
  /// @param place from 0, the beginning, to 1
  public void seek(double place) throws IOException {
    check.seek(place);
  }

  /// How much is done, 0 to 1.
  public double progress() {
    return check.progress();
  }

  public Report report() {
    return new Report(shard.id(), view, next, compared, different, told, notCompared);
  }

  void same(long count) {
    compared += count;
  }

  void differs(String key, String expected, String found) {
    compared++;
    different++;
    if (told.size() < MAX_TOLD) {
      told.add(new Difference(key, expected, found));
    }
  }
}
