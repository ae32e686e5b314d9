package io.tidemark.bench.yardstick;

import io.tidemark.server.kafka.EmbeddedBroker;
import io.tidemark.server.kafka.Sync;
import java.nio.file.Path;

/// The broker that a node has within it, alone in its process.
public final class Broker {
  private Broker() {}

  /// @param args the folder of its data
  public static void main(String[] args) throws Exception {
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(Path.of(args[0]), EmbeddedBroker.ANY_PORT, Sync.INTERVAL)) {
      System.out.println("ready at " + broker.bootstrap());
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
