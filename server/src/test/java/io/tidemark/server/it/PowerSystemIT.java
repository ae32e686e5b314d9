package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.kafka.Sync;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A machine whose power fails under load: what was not forced to the disk is gone. What a node has
/// then lost is what `--sync` allows, it starts, and all its views say the same.
@Tag("alone")
class PowerSystemIT {
  private static final int CUTS = 3;
  private static final int WRITERS = 6;
  private static final int DISK_MB = 512;

  /// What `interval` may lose at most: a second and a half, and as long as a busy disk takes.
  private static final int INTERVAL_MS = 5_000;

  private final long seed = Long.getLong("seed", System.nanoTime() & 0xffff);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final TagLedger tags = new TagLedger();

  @ParameterizedTest
  @EnumSource(Sync.class)
  void losesWhatItsLogMayLose(Sync sync, @TempDir Path folder) throws Exception {
    System.out.println("seed " + seed);
    int allLost = 0;
    try (Disk disk = Disk.withPower(folder.resolve("disk"), DISK_MB);
        NodeUnderTest node =
            NodeUnderTest.launchAt(
                Http.freeAddress(),
                disk.path().resolve("data"),
                List.of(Checkout.ALLEZON),
                "--sync",
                sync.toString())) {
      node.awaitReady();
      for (int i = 0; i < CUTS; i++) {
        long cut = loadAndCut(node, disk);
        node.relaunch().awaitReady();
        if (sync != Sync.ALWAYS) {
          tags.forgetMarks();
        }
        Set<Integer> present = tags.present(node.http());
        Map<Integer, Long> lost = tags.lost(present);
        long oldestMs =
            lost.values().stream().mapToLong(at -> (cut - at) / 1_000_000).max().orElse(0);
        System.out.printf(
            "--sync %s: %d tags there, %d lost, the oldest acknowledged %d ms before%n",
            sync, present.size(), lost.size(), oldestMs);
        switch (sync) {
          case ALWAYS -> assertThat(lost).isEmpty();
          case INTERVAL -> assertThat(oldestMs).isLessThan(INTERVAL_MS);
          case OS -> {}
        }
        allLost += lost.size();
        tags.settle(present);
      }
      node.restart();
      tags.verify(node.http());
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
    if (sync == Sync.OS) {
      assertThat(allLost).as("a cut that takes nothing tests nothing").isPositive();
    }
  }

  /// @return the moment of the cut, on the clock of [System#nanoTime]
  private long loadAndCut(NodeUnderTest node, Disk disk) throws InterruptedException {
    Http http = node.http();
    long cut;
    try (Load load = new Load()) {
      for (int i = 0; i < WRITERS; i++) {
        SplittableRandom own = random.split();
        load.with(() -> tags.write(http, own));
      }
      Poll.pass(300 + random.nextInt(2_500));
      if (random.nextInt(3) == 0) {
        // In the middle of its last checkpoints.
        node.command().process().destroy();
        Poll.pass(random.nextInt(1_000));
      }
      cut = System.nanoTime();
      disk.cutPower();
      node.kill();
    }
    disk.restorePower();
    return cut;
  }
}
