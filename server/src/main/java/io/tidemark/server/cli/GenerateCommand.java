package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.generate.EventGenerator;
import io.tidemark.server.generate.Pace;
import io.tidemark.server.node.Apps;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemark generate APP`.
@Command(
    name = "generate",
    description = "Makes an app's events: the same ones for the same seed.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  private static final int BATCH = 1_000;

  @Parameters(index = "0", paramLabel = "APP", description = "The app's folder.")
  private Path app = Path.of("");

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Events a second; 0: as fast as possible (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many events (default: ${DEFAULT-VALUE}).")
  private long count;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What the events are made from (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--to",
      paramLabel = "stdout|URL",
      defaultValue = "stdout",
      description = "Where they go: a node's address, or stdout (default: ${DEFAULT-VALUE}).")
  private String to = "";

  @Override
  public Integer call() throws Exception {
    if (rate < 0 || count < 0) {
      throw new CommandException("generate: --rate and --count cannot be negative");
    }
    AppTools tools = Apps.tools(app);
    EventGenerator generator = tools.generator(seed, tools.defaultStartMs());
    Pace pace = rate == 0 ? null : new Pace((double) rate / batchSize());
    if (to.equals("stdout")) {
      print(generator, pace);
    } else {
      try (NodeClient node = new NodeClient(to)) {
        send(generator, pace, node);
      }
    }
    return 0;
  }

  /// So that a slow rate does not come in bursts.
  private int batchSize() {
    return rate == 0 ? BATCH : Math.clamp(rate / 20, 1, BATCH);
  }

  private void print(EventGenerator generator, @Nullable Pace pace) throws IOException {
    Writer out =
        new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
    for (long done = 0; done < count; ) {
      if (pace != null) {
        pace.await();
      }
      for (int i = 0; i < batchSize() && done < count; i++, done++) {
        out.write(generator.next());
        out.write('\n');
      }
      if (pace != null) {
        out.flush();
      }
      if (System.out.checkError()) {
        // Whoever read the output has had enough.
        return;
      }
    }
    out.flush();
  }

  private void send(EventGenerator generator, @Nullable Pace pace, NodeClient node)
      throws IOException, CommandException {
    for (long done = 0; done < count; ) {
      if (pace != null) {
        pace.await();
      }
      StringBuilder batch = new StringBuilder();
      long first = done;
      for (int i = 0; i < batchSize() && done < count; i++, done++) {
        batch.append(generator.next()).append('\n');
      }
      String path = "/v1/streams/" + generator.stream();
      Map<String, String> ndjson = Map.of("Content-Type", "application/x-ndjson");
      NodeClient.Answer answer = node.post(path, ndjson, batch.toString());
      for (Pace again = new Pace(1); answer.isTransient(); ) {
        again.await();
        answer = node.post(path, ndjson, batch.toString());
      }
      if (answer.status() != 200) {
        throw new CommandException(
            "generate: after %d events %s answered %d: %s"
                .formatted(first, node.base(), answer.status(), answer.body()));
      }
    }
    System.err.println(count + " events accepted");
  }
}
