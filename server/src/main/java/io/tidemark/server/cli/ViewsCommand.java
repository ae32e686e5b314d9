package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `tidemark views`.
@Command(
    name = "views",
    description = "Lists the views of a node, and how far those have come that are being filled.",
    mixinStandardHelpOptions = true)
final class ViewsCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// How often it looks, with `--wait`.
  private static final long PAUSE_MS = 500;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--wait", description = "Return when all of them answer.")
  private boolean wait;

  @Mixin private NodeAddress address = new NodeAddress();

  /// A view as a node describes it.
  private record View(String name, String stream, String kind, JsonNode filling) {
    boolean isFilling() {
      return filling.isObject();
    }

    private long records() {
      return filling.path("records").asLong();
    }

    private long of() {
      return filling.path("of").asLong();
    }

    String state() {
      if (!isFilling()) {
        return "answers";
      }
      String meanwhile =
          filling.path("earlier").asBoolean() ? "; as it was declared before, it answers" : "";
      return "filling, %,d of %,d records (%d %%)%s"
          .formatted(records(), of(), 100 * records() / of(), meanwhile);
    }
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ProgressBar bar = new ProgressBar(err, -1);
    try (NodeClient node = address.connect()) {
      awaitReady(node, bar);
      List<View> views = views(node);
      while (wait && views.stream().anyMatch(View::isFilling)) {
        views.stream()
            .filter(View::isFilling)
            .findFirst()
            .ifPresent(v -> bar.say(v.name() + ": " + v.state()));
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        views = views(node);
      }
      bar.clear();
      for (View view : views) {
        out.println(
            "%s (%s of %s): %s".formatted(view.name(), view.kind(), view.stream(), view.state()));
      }
    }
    out.flush();
    return 0;
  }

  /// A node that has not got its shards yet knows nothing of them.
  private void awaitReady(NodeClient node, ProgressBar bar) throws Exception {
    while (!node.get("/health/ready").isSuccess()) {
      if (!wait) {
        throw new CommandException("views: the node is not ready yet; see GET /health/ready");
      }
      bar.say("the node is not ready yet");
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
  }

  private static List<View> views(NodeClient node) throws Exception {
    NodeClient.Answer answer = node.get("/v1/streams");
    if (!answer.isSuccess()) {
      throw new CommandException("views: " + answer.detail());
    }
    List<View> views = new ArrayList<>();
    for (JsonNode stream : MAPPER.readTree(answer.body()).path("streams")) {
      for (JsonNode view : stream.path("views")) {
        views.add(
            new View(
                view.path("view").asString(),
                stream.path("stream").asString(),
                view.path("kind").asString(),
                view.path("filling")));
      }
    }
    return views;
  }
}
