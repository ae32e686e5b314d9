package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.generate.Feed;
import io.tidemark.server.node.Apps;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemark generate APP`.
@Command(
    name = "generate",
    description = "Makes an app's events: the same ones for the same seed.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
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
    Feed feed = new Feed(tools.generator(seed, tools.defaultStartMs()), rate);
    if (to.equals("stdout")) {
      print(feed);
    } else {
      try (NodeClient node = new NodeClient(to)) {
        send(feed, node);
      }
    }
    return 0;
  }

  private void print(Feed feed) throws IOException {
    Writer out =
        new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
    for (long left = count; left > 0; ) {
      Feed.Lines lines = feed.next(left);
      out.write(lines.text());
      left -= lines.events();
      if (rate > 0) {
        out.flush();
      }
      if (System.out.checkError()) {
        // Whoever read the output has had enough.
        return;
      }
    }
    out.flush();
  }

  private void send(Feed feed, NodeClient node) throws IOException, CommandException {
    for (long done = 0; done < count; ) {
      Feed.Lines lines = feed.next(count - done);
      NodeClient.Answer answer = feed.send(lines, node);
      if (answer.status() != 200) {
        throw new CommandException(
            "generate: after %d events %s answered %d: %s"
                .formatted(done, node.base(), answer.status(), answer.body()));
      }
      done += lines.events();
    }
    System.err.println(count + " events accepted");
  }
}
