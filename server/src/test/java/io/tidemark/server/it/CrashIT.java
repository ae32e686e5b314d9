package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that is killed again and again, at any moment, under load of all kinds: while it starts,
/// recovers, serves, and writes checkpoints. Whatever was acknowledged is there, nothing is there
/// twice, and what has once been seen stays. Replay the moments of the kills with `-Dseed=`.
class CrashIT {
  private static final int KILLS = 20;
  private static final int WRITERS = 5;
  private static final int TAGS_OF_A_ROUND = 300;
  private static final Duration TAKEN = Duration.ofSeconds(30);

  /// About how long a start takes; a kill in this time falls into it, or into what follows it.
  private static final int START_MS = 3_000;

  private final long seed = Long.getLong("seed", System.nanoTime() & 0xffff);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final TagLedger tags = new TagLedger();
  private final OrderLedger orders = new OrderLedger();

  @Test
  void acknowledgedIsPresentAndNothingIsTwice(@TempDir Path folder) throws Exception {
    System.out.println("seed " + seed);
    int kills = 0;
    Path lab = LabApp.write(folder.resolve("lab"));
    try (NodeUnderTest node =
        NodeUnderTest.launchAt(
            Http.freeAddress(), folder.resolve("data"), List.of(Checkout.ALLEZON, lab))) {
      while (kills < KILLS) {
        node.awaitReady();
        verify(node);
        try (Load _ = load(node.http())) {
          awaitSomeTags();
          int times = Math.min(KILLS - kills, 3 + random.nextInt(4));
          for (int i = 0; i < times; i++) {
            kill(node, i == 0 ? 0 : START_MS);
            kills++;
            if (i < times - 1) {
              node.relaunch();
            }
          }
        }
        node.relaunch();
      }
      node.awaitReady();
      verify(node);
      node.restart();
      verify(node);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
    System.out.printf("%d kills, %d tags acknowledged%n", kills, tags.acknowledged());
    assertThat(tags.acknowledged()).isGreaterThan(1_000);
  }

  private void verify(NodeUnderTest node) throws Exception {
    tags.verify(node.http());
    orders.verify(node.http());
  }

  private Load load(Http http) {
    Load load = new Load().with(() -> tags.query(http));
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom one = random.split();
      SplittableRandom other = random.split();
      load.with(() -> tags.write(http, one)).with(() -> orders.write(http, other));
    }
    return load;
  }

  /// However slow the machine is, there is something to lose.
  private void awaitSomeTags() {
    int enough = tags.acknowledged() + TAGS_OF_A_ROUND;
    Poll.until("tags are taken", TAKEN, () -> tags.acknowledged() >= enough);
  }

  /// @param startMs how long the node may take to start from now
  private void kill(NodeUnderTest node, int startMs) {
    Poll.pass(100 + random.nextInt(startMs + 700));
    if (random.nextInt(3) == 0) {
      // In the middle of its last checkpoints.
      node.command().process().destroy();
      Poll.pass(random.nextInt(700));
    }
    node.kill();
  }
}
