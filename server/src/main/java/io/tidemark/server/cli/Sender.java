package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.client.NodeClient.Answer;
import io.tidemark.server.generate.Pace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Sends lines in batches. What the node refuses for now is sent again, what it refuses for good is
/// reported with the number of its line, and sending goes on.
final class Sender {
  private static final int BATCH_EVENTS = 5_000;
  private static final int BATCH_BYTES = 4 << 20;

  /// A node that is away or busy for longer than this many tries, a second or more apart, is given
  /// up.
  private static final int MAX_TRIES = 60;

  /// So many refused lines are shown; the rest is only counted.
  private static final int SHOWN = 20;

  private static final Map<String, String> NDJSON = Map.of("Content-Type", "application/x-ndjson");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final NodeClient node;
  private final String path;
  private final ProgressBar progress;
  private final PrintWriter err;
  private List<Line> batch = new ArrayList<>();
  private int batchBytes;
  private long accepted;
  private long refused;

  Sender(NodeClient node, String stream, ProgressBar progress, PrintWriter err) {
    this.node = node;
    this.path = "/v1/streams/" + stream;
    this.progress = progress;
    this.err = err;
  }

  /// A line of the input, numbered from 1.
  private record Line(long number, byte[] text) {}

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
      if (batch.size() >= BATCH_EVENTS || batchBytes >= BATCH_BYTES) {
        flush();
        progress.show(read, accepted, refused);
      }
    } while (b >= 0);
    flush();
    progress.finish(read - 1, accepted, refused);
    return new Result(accepted, refused);
  }

  /// Sends the batch, and what of it the log could not take just now again and again.
  private void flush() throws IOException, CommandException {
    for (int tries = 1; !batch.isEmpty(); tries++) {
      Answer answer = post();
      boolean outcome = answer.status() == 422 || answer.isSuccess();
      if (tries == MAX_TRIES || (!outcome && !answer.isTransient())) {
        throw new CommandException(
            "send: %s answered %d for lines %d to %d: %s"
                .formatted(
                    node.base(),
                    answer.status(),
                    batch.getFirst().number(),
                    batch.getLast().number(),
                    answer.body()));
      }
      if (outcome) {
        batch = settle(answer);
      }
      if (!batch.isEmpty()) {
        pause(answer.retryAfterSeconds());
      }
    }
    batch = new ArrayList<>();
    batchBytes = 0;
  }

  /// Counts and reports what came of each line.
  ///
  /// @return the lines to send again
  private List<Line> settle(Answer answer) {
    JsonNode outcome = MAPPER.readTree(answer.body());
    accepted += outcome.path("accepted").asLong();
    List<Line> again = new ArrayList<>();
    for (JsonNode item : outcome.path("refused")) {
      Line line = batch.get(item.path("index").asInt());
      if (item.path("reason").asString().equals("log")) {
        again.add(line);
        continue;
      }
      refused++;
      if (refused <= SHOWN) {
        progress.clear();
        err.println(
            "line %d refused: %s %s: %s"
                .formatted(
                    line.number(),
                    item.path("reason").asString(),
                    item.path("pointer").asString(),
                    item.path("detail").asString()));
      }
    }
    return again;
  }

  private Answer post() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(batchBytes);
    for (Line line : batch) {
      body.writeBytes(line.text());
      body.write('\n');
    }
    try {
      return node.post(path, NDJSON, body.toByteArray());
    } catch (IOException e) {
      // The node may have taken the batch before the connection broke; only a stream with an id
      // can tell, so the person decides.
      throw new IOException(
          "%s; lines %d to %d may or may not have been accepted"
              .formatted(e.getMessage(), batch.getFirst().number(), batch.getLast().number()),
          e);
    }
  }

  private static void pause(int seconds) {
    Pace pace = new Pace(1.0 / Math.max(1, seconds));
    pace.await();
    pace.await();
  }
}
