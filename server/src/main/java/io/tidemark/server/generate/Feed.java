package io.tidemark.server.generate;

import io.tidemark.server.client.NodeClient;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sends a generator's events to a node, in batches, at a rate.
public final class Feed {
  private static final int MAX_BATCH = 1_000;
  private static final Map<String, String> NDJSON = Map.of("Content-Type", "application/x-ndjson");

  private final EventGenerator generator;
  private final int batch;
  private final @Nullable Pace pace;

  /// @param rate events a second; 0: as fast as the node takes them
  public Feed(EventGenerator generator, int rate) {
    this.generator = generator;
    // So that a slow rate does not come in bursts.
    this.batch = rate == 0 ? MAX_BATCH : Math.clamp(rate / 20, 1, MAX_BATCH);
    this.pace = rate == 0 ? null : new Pace((double) rate / batch);
  }

  /// The next events, a line each, when their turn has come.
  ///
  /// @param most how many at the most
  public Lines next(long most) {
    if (pace != null) {
      pace.await();
    }
    int events = (int) Math.min(batch, most);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < events; i++) {
      lines.append(generator.next()).append('\n');
    }
    return new Lines(events, lines.toString());
  }

  /// Sends events, again and again while the node says that it cannot take them now.
  ///
  /// @return the node's last answer
  public NodeClient.Answer send(Lines lines, NodeClient node) throws IOException {
    String path = "/v1/streams/" + generator.stream();
    Pace again = new Pace(1);
    while (true) {
      NodeClient.Answer answer = node.post(path, NDJSON, lines.text());
      if (!answer.isTransient()) {
        return answer;
      }
      again.await();
    }
  }

  /// Events as NDJSON.
  public record Lines(int events, String text) {}
}
