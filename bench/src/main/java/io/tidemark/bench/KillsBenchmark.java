package io.tidemark.bench;

import io.tidemark.bench.load.Ledger;
import io.tidemark.bench.load.MixedLoad;
import io.tidemark.bench.load.RawHttp;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A node killed with -9 again and again under mixed load, also while it recovers and while it
/// stops; after each restart all that was sent is looked for.
final class KillsBenchmark implements Benchmark {
  private static final int MAX_LOAD_MS = 4_000;
  private static final int MAX_RECOVERY_MS = 3_000;
  private static final int MAX_STOPPING_MS = 1_000;

  /// Cookies of earlier rounds that are looked at again in each round.
  private static final int OLD_COOKIES = 200;

  private static final int REPORT_EVERY = 10;
  private static final int SHOWN = 5;

  @Override
  public void run(Run run) throws Exception {
    SplittableRandom random = new SplittableRandom(run.sizes().seed);
    Ledger ledger = new Ledger();
    List<Long> readyMs = new ArrayList<>();
    Table table =
        run.report()
            .table("Kills", "kills", "M events acknowledged", "answers compared", "wrong or lost");
    NodeProcess.Setup setup = run.node("node");
    NodeProcess node = setup.start();
    int kills = 0;
    try {
      while (kills < run.sizes().times) {
        load(node, ledger, random);
        kills++;
        if (random.nextInt(4) == 0 && kills < run.sizes().times) {
          killWhileItRecovers(setup, random);
          kills++;
        }
        node = setup.start();
        readyMs.add(node.readyMs());
        try (RawHttp http = new RawHttp("127.0.0.1", node.port())) {
          ledger.settle(http);
          ledger.compareSome(http, random, OLD_COOKIES);
        }
        if (kills % REPORT_EVERY == 0 || kills == run.sizes().times || !ledger.wrong().isEmpty()) {
          row(table, kills, ledger);
        }
        if (!ledger.wrong().isEmpty()) {
          break;
        }
      }
    } finally {
      node.close();
    }
    Collections.sort(readyMs);
    run.report()
        .measured(
            "wrong answers and events lost, over %d kills with -9".formatted(kills),
            ledger.wrong().size(),
            Target.atMost(0, ""),
            "restart to ready: %s s, at most %s s"
                .formatted(
                    Target.number(readyMs.get(readyMs.size() / 2) / 1000.0),
                    Target.number(readyMs.getLast() / 1000.0)));
    ledger.wrong().stream().limit(SHOWN).forEach(table::note);
    table.note("Seed %d.".formatted(run.sizes().seed));
    if (!ledger.wrong().isEmpty()) {
      throw new IllegalStateException(ledger.wrong().getFirst());
    }
  }

  /// Mixed load for a while, and a kill in the middle of it; sometimes while the node stops.
  private static void load(NodeProcess node, Ledger ledger, SplittableRandom random)
      throws InterruptedException {
    try (MixedLoad _ = MixedLoad.start(node.port(), ledger, random)) {
      TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(MAX_LOAD_MS));
      if (random.nextInt(4) == 0) {
        node.beginStop();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_STOPPING_MS));
      }
      node.kill();
    }
  }

  private static void killWhileItRecovers(NodeProcess.Setup setup, SplittableRandom random)
      throws IOException, InterruptedException {
    try (Child child = setup.launch()) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_RECOVERY_MS));
      child.kill();
    }
  }

  private static void row(Table table, int kills, Ledger ledger) {
    table.add(
        Integer.toString(kills),
        Target.number(ledger.acknowledgedCount() / 1e6),
        "%,d".formatted(ledger.checked()),
        Integer.toString(ledger.wrong().size()));
  }
}
