package io.tidemark.shard.sim;

import java.util.SplittableRandom;

/// What may go wrong in a run, or at least not as usual. In each run some of it does not, and the
/// rest is more or less frequent: a crash at every tenth step would hide what two hundred steps
/// without one do.
enum Trouble {
  /// A process is killed, at a random step or at any operation on its disk.
  KILL,
  /// The power of its machine fails.
  POWER,
  /// With the power of the only machine, the log loses what it has not synced.
  LOG_LOSS,
  /// An operation on a disk fails.
  FAILURE,
  /// While an operation on a disk takes its time, others go on.
  OVERTAKING,
  /// A reader is so slow that whole checkpoints overtake it.
  SLOW_READER,
  /// The log delivers records that the shard knows.
  REDELIVERY,
  /// A bit of the newest manifest flips while nobody has the folder open.
  DAMAGE,
  /// A partition gets another owner; the old one lingers.
  REBALANCE,
  /// All nodes stop, and start with other views.
  REDECLARATION,
  /// The owner of a shard lets the log forget what is in files.
  TRIM,
  /// Clients' clocks, or the log's, jump far ahead or back.
  CLOCK_JUMP,
  /// The way to the archive is cut, before or behind what was asked for; or a process is killed
  /// there.
  ARCHIVE;

  /// Of how many chances one is taken; 0 for none.
  int oneIn(SplittableRandom random) {
    boolean never = random.nextInt(3) == 0;
    int rate =
        switch (this) {
          case KILL, POWER -> 80 + random.nextInt(800);
          case LOG_LOSS -> 1 + random.nextInt(3);
          case FAILURE -> 60 + random.nextInt(400);
          case OVERTAKING -> 6 + random.nextInt(30);
          case SLOW_READER -> 40 + random.nextInt(200);
          case REDELIVERY -> 5 + random.nextInt(10);
          case DAMAGE -> 1 + random.nextInt(4);
          case REBALANCE -> 5 + random.nextInt(40);
          case REDECLARATION -> 40 + random.nextInt(80);
          case TRIM -> 1 + random.nextInt(5);
          case CLOCK_JUMP -> 50 + random.nextInt(300);
          case ARCHIVE -> 3 + random.nextInt(40);
        };
    return never ? 0 : rate;
  }
}
