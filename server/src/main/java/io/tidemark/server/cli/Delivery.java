package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.client.NodeClient.Answer;
import io.tidemark.server.generate.Pace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Delivers batches of events to a stream of a node: what the node refuses for now is sent again,
/// until each event is accepted or refused for good. For many threads.
final class Delivery {
  /// What a batch has at most: lines, and bytes after which it gets no further one.
  static final int BATCH_EVENTS = 5_000;

  static final int BATCH_BYTES = 4 << 20;

  /// A node that is away or busy for longer than this many tries, a second or more apart, is given
  /// up.
  private static final int MAX_TRIES = 60;

  private static final Map<String, String> NDJSON = Map.of("Content-Type", "application/x-ndjson");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final NodeClient node;
  private final String path;
  private final String command;
  private final boolean repeatable;

  /// @param command for messages
  /// @param repeatable whether events that are sent twice count once, so that a batch may be sent
  ///   again when nobody knows what has become of it
  Delivery(NodeClient node, String stream, String command, boolean repeatable) {
    this.node = node;
    this.path = "/v1/streams/" + stream;
    this.command = command;
    this.repeatable = repeatable;
  }

  /// A line of the input, numbered from 1.
  record Line(long number, byte[] text) {}

  /// A line that the node will never take, and why.
  record Refused(Line line, String reason, String pointer, String detail) {}

  /// What came of a batch.
  record Settled(long accepted, List<Refused> refused) {}

  /// Sends a batch, and what of it the log could not take just now again and again.
  ///
  /// @throws CommandException where the node does not take it at all, or says something else of it
  ///   than what becomes of each line
  /// @throws IOException where nobody knows whether it has
  Settled deliver(List<Line> lines) throws IOException, CommandException {
    List<Line> left = lines;
    List<Refused> refused = new ArrayList<>();
    long accepted = 0;
    for (int tries = 1; !left.isEmpty(); tries++) {
      Answer answer = post(left, tries);
      if (answer.status() == 422 || answer.isSuccess()) {
        JsonNode settled = outcome(left, answer);
        accepted += settled.path("accepted").asLong();
        left = settle(left, settled, refused);
      } else if (!answer.isTransient()) {
        throw failure(left, answer);
      }
      if (!left.isEmpty()) {
        if (tries == MAX_TRIES) {
          throw failure(left, answer);
        }
        pause(answer.retryAfterSeconds());
      }
    }
    return new Settled(accepted, refused);
  }

  private CommandException failure(List<Line> lines, Answer answer) {
    return new CommandException(
        "%s: %s answered %d for %s: %s"
            .formatted(command, node.base(), answer.status(), range(lines), answer.body()));
  }

  /// What an answer says, where it says what has become of each line: something between here and
  /// the node may have answered, too.
  private JsonNode outcome(List<Line> sent, Answer answer) throws CommandException {
    JsonNode settled;
    try {
      settled = MAPPER.readTree(answer.body());
    } catch (JacksonException _) {
      throw failure(sent, answer);
    }
    Set<Integer> refused = new HashSet<>();
    for (JsonNode item : settled.path("refused")) {
      int index = item.path("index").asInt(-1);
      if (index < 0 || index >= sent.size() || !refused.add(index)) {
        throw failure(sent, answer);
      }
    }
    if (settled.path("accepted").asLong(-1) + refused.size() != sent.size()) {
      throw failure(sent, answer);
    }
    return settled;
  }

  /// @return the lines to send again
  private static List<Line> settle(List<Line> sent, JsonNode settled, List<Refused> refused) {
    List<Line> again = new ArrayList<>();
    for (JsonNode item : settled.path("refused")) {
      Line line = sent.get(item.path("index").asInt());
      if (item.path("reason").asString().equals("log")) {
        again.add(line);
      } else {
        refused.add(
            new Refused(
                line,
                item.path("reason").asString(),
                item.path("pointer").asString(),
                item.path("detail").asString()));
      }
    }
    return again;
  }

  private Answer post(List<Line> lines, int tries) throws IOException {
    try {
      return node.post(path, NDJSON, body(lines));
    } catch (IOException e) {
      if (repeatable && tries < MAX_TRIES) {
        return new Answer(503, String.valueOf(e.getMessage()), "", 1, false);
      }
      // The node may have taken the batch before the connection broke; only a stream with an id
      // can tell, so the person decides.
      throw new IOException(
          "%s; %s may or may not have been accepted".formatted(e.getMessage(), range(lines)), e);
    }
  }

  private static byte[] body(List<Line> lines) {
    byte[] body = new byte[lines.stream().mapToInt(l -> l.text().length + 1).sum()];
    int at = 0;
    for (Line line : lines) {
      System.arraycopy(line.text(), 0, body, at, line.text().length);
      at += line.text().length + 1;
      body[at - 1] = '\n';
    }
    return body;
  }

  private static String range(List<Line> lines) {
    return "lines %d to %d".formatted(lines.getFirst().number(), lines.getLast().number());
  }

  private static void pause(int seconds) {
    Pace pace = new Pace(1.0 / Math.max(1, seconds));
    pace.await();
    pace.await();
  }
}
