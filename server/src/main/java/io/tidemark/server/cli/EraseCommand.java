package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `tidemark erase`.
@Command(
    name = "erase",
    description = {
      "Erases the events of a key, for good, and says what has been removed from where.",
      "Events that come later stay."
    },
    mixinStandardHelpOptions = true)
final class EraseCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long PAUSE_MS = 500;

  /// How long a node that has the shard may take to come to the request.
  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(60);

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "STREAM", description = "Whose events.")
  private String stream = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The key. Where it has several parts, give each of them, in their order.")
  private List<String> key = List.of();

  @Option(
      names = "--no-wait",
      description = "Return once the log has it: no answer has the events from then on.")
  private boolean hurries;

  @Mixin private NodeAddress address = new NodeAddress();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (NodeClient node = address.connect()) {
      String path =
          "/v1/streams/%s/erasures".formatted(URLEncoder.encode(stream, StandardCharsets.UTF_8));
      NodeClient.Answer answer =
          node.post(path, Map.of("Content-Type", "application/json"), body());
      if (!answer.isSuccess()) {
        throw new CommandException("erase: " + answer.detail());
      }
      JsonNode taken = MAPPER.readTree(answer.body());
      out.println("answers    have no event of the key from mark " + answer.mark() + " on");
      if (!hurries) {
        print(receipt(node, path, taken, new ProgressBar(err, -1)), out);
      }
    }
    out.flush();
    return 0;
  }

  private String body() {
    ObjectNode body = MAPPER.createObjectNode();
    ArrayNode parts = body.putArray("key");
    key.forEach(parts::add);
    return body.toString();
  }

  /// Waits until nothing is left to be removed.
  private static JsonNode receipt(NodeClient node, String path, JsonNode taken, ProgressBar bar)
      throws Exception {
    long start = System.nanoTime();
    while (true) {
      NodeClient.Answer answer = node.get(path);
      if (!answer.isSuccess()) {
        throw new CommandException("erase: the log has it, but " + answer.detail());
      }
      JsonNode all = MAPPER.readTree(answer.body()).path("erasures");
      Optional<JsonNode> found =
          all.valueStream()
              .filter(
                  e ->
                      e.path("partition").asInt() == taken.path("partition").asInt()
                          && e.path("offset").asLong() == taken.path("offset").asLong())
              .findFirst();
      if (found.isPresent() && found.get().path("state").asString().equals("done")) {
        bar.clear();
        return found.get();
      }
      if (found.isEmpty() && System.nanoTime() - start > KNOWN_NANOS) {
        bar.clear();
        throw new CommandException(
            "erase: the log has it, at offset %d of partition %d, but this node has no such shard; ask those that have it for GET %s"
                .formatted(taken.path("offset").asLong(), taken.path("partition").asInt(), path));
      }
      bar.say(
          found.isPresent()
              ? "removing its events from files"
              : "waiting for this node to know of it");
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
  }

  private static void print(JsonNode receipt, PrintWriter out) {
    long events = receipt.path("events").asLong();
    out.println(
        events == 0
            ? "table      had no event of it"
            : "table      %,d events from %s to %s removed from %,d files"
                .formatted(
                    events,
                    receipt.path("first").asString(),
                    receipt.path("last").asString(),
                    receipt.path("files").asInt()));
    long archived = receipt.path("archived_events").asLong();
    if (archived > 0) {
      out.println(
          "archive    %,d events removed from %,d files"
              .formatted(archived, receipt.path("archived_files").asInt()));
    }
    out.println("timelines  have none of them");
    out.println("rollups    still count them; where the key was a dimension it is null now");
    long left = receipt.path("log_bytes_left").asLong();
    out.println(
        left == 0
            ? "log        has let go of them"
            : "log        lets go of them when about %,d bytes more have come to shard %d (log.keep)"
                .formatted(left, receipt.path("partition").asInt()));
  }
}
