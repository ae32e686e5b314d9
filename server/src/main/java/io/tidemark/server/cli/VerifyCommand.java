package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `tidemark verify [VIEW…]`.
@Command(
    name = "verify",
    description =
        "Computes views again from their events, and compares them with what they answer.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "VIEW",
      description = "Views, or streams for their tables. None: all of them.")
  private List<String> views = new ArrayList<>();

  @Mixin private TimeBounds times = new TimeBounds();

  @Mixin private NodeAddress address = new NodeAddress();

  private long different;
  private long compared;
  private boolean done;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ProgressBar bar = new ProgressBar(err, -1);
    try (NodeClient node = address.connect()) {
      NodeClient.Answer answer = node.get(path(), line -> take(MAPPER.readTree(line), bar, out));
      if (!answer.isSuccess()) {
        throw new CommandException("verify: " + answer.detail());
      }
    } finally {
      bar.clear();
    }
    if (!done) {
      throw new CommandException("verify: the answer broke off; the node's log says why");
    }
    out.println("%,d compared, %,d different".formatted(compared, different));
    out.flush();
    return different == 0 ? 0 : Main.FAILED;
  }

  private String path() {
    List<String> parameters = new ArrayList<>();
    views.forEach(v -> parameters.add("view=" + encoded(v)));
    add("from", times.from(), parameters);
    add("to", times.to(), parameters);
    return "/v1/verify" + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
  }

  private static void add(String name, @Nullable String value, List<String> parameters) {
    if (value != null) {
      parameters.add(name + "=" + encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void take(JsonNode line, ProgressBar bar, PrintWriter out) {
    if (line.has("done")) {
      done = true;
      compared = line.get("compared").asLong();
      different = line.get("different").asLong();
      return;
    }
    String about = line.get("view").asString() + " in " + line.get("shard").asString();
    if (line.has("progress")) {
      bar.say("%s: %.0f %%".formatted(about, 100 * line.get("progress").asDouble()));
      return;
    }
    bar.clear();
    if (line.has("skipped")) {
      out.println(about + ": skipped, " + line.get("skipped").asString());
    } else {
      long wrong = line.get("different").asLong();
      out.println(
          "%s: %,d compared, %,d different, of the events below offset %d"
              .formatted(about, line.get("compared").asLong(), wrong, line.get("next").asLong()));
      for (JsonNode difference : line.get("differences")) {
        out.println("  " + difference.get("key").asString());
        out.println("    expected " + difference.get("expected").asString());
        out.println("    found    " + difference.get("found").asString());
      }
    }
    out.flush();
  }
}
