package io.tidemark.server.cli;

import io.tidemark.server.cli.Delivery.Line;
import io.tidemark.server.cli.Delivery.Refused;
import io.tidemark.server.client.NodeClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Sends lines in batches, one after the other. What the node refuses for good is reported with the
/// number of its line, and sending goes on.
final class Sender {
  /// So many refused lines are shown; the rest is only counted.
  private static final int SHOWN = 20;

  private final Delivery delivery;
  private final ProgressBar progress;
  private final PrintWriter err;
  private List<Line> batch = new ArrayList<>();
  private int batchBytes;
  private long accepted;
  private long refused;

  Sender(NodeClient node, String stream, ProgressBar progress, PrintWriter err) {
    this.delivery = new Delivery(node, stream, "send", false);
    this.progress = progress;
    this.err = err;
  }

  /// How many events the node has, and has not, accepted.
  record Result(long accepted, long refused) {}

  /// Sends all lines.
  ///
  /// @throws CommandException where the node does not take them at all
  Result send(InputStream in) throws IOException, CommandException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long number = 0;
    long read = 0;
    int b;
    do {
      b = in.read();
      read++;
      if (b >= 0 && b != '\n') {
        line.write(b);
        continue;
      }
      number++;
      if (!line.toString(java.nio.charset.StandardCharsets.ISO_8859_1).isBlank()) {
        batch.add(new Line(number, line.toByteArray()));
        batchBytes += line.size() + 1;
      }
      line.reset();
      if (batch.size() >= Delivery.BATCH_EVENTS || batchBytes >= Delivery.BATCH_BYTES) {
        flush();
        progress.show(read, accepted, refused);
      }
    } while (b >= 0);
    flush();
    progress.finish(read - 1, accepted, refused);
    return new Result(accepted, refused);
  }

  private void flush() throws IOException, CommandException {
    Delivery.Settled settled = delivery.deliver(batch);
    accepted += settled.accepted();
    for (Refused item : settled.refused()) {
      refused++;
      if (refused <= SHOWN) {
        progress.clear();
        err.println(
            "line %d refused: %s %s: %s"
                .formatted(item.line().number(), item.reason(), item.pointer(), item.detail()));
      }
    }
    batch = new ArrayList<>();
    batchBytes = 0;
  }
}
