package io.tidemark.server.allezon;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.generate.EventGenerator;
import java.io.PrintWriter;

/// The generator and the load of the `allezon` app.
public final class AllezonTools implements AppTools {
  @Override
  public EventGenerator generator(long seed, long startMs) {
    return new TagGenerator(seed, startMs);
  }

  @Override
  public long defaultStartMs() {
    return TagGenerator.DEFAULT_START_MS;
  }

  @Override
  public LoadResult load(NodeClient node, LoadOptions options, PrintWriter out)
      throws InterruptedException {
    return new TagLoad(node, options, out).run();
  }
}
