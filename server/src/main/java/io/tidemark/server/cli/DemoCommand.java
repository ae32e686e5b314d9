package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.generate.EventGenerator;
import io.tidemark.server.generate.Feed;
import io.tidemark.server.node.Apps;
import io.tidemark.server.node.DataFolder;
import io.tidemark.server.node.Node;
import io.tidemark.server.node.NodeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `tidemark demo`.
@Command(
    name = "demo",
    description = {
      "Runs a node with the allezon app and its generator, everything embedded,",
      "on data that is thrown away at the end."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final int REPORT_SECONDS = 3;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private NodeOptions options = new NodeOptions();

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Events a second (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "30",
      description = "For how long (default: ${DEFAULT-VALUE}).")
  private int minutes;

  @Override
  public Integer call() throws Exception {
    if (rate < 1 || minutes < 1) {
      throw new CommandException("demo: --rate and --minutes must be 1 or more");
    }
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Path app = Apps.home().resolve("apps").resolve("allezon");
    Path data = Files.createTempDirectory("tidemark-demo-");
    NodeConfig config = options.config(List.of(app), data);
    try (UntilStopped stop = new UntilStopped()) {
      out.println("starting a node …");
      out.flush();
      try (Node node = Node.start(config)) {
        node.awaitReady(stop::isStopped);
        AppTools tools = Apps.tools(app);
        EventGenerator generator = tools.generator(1, tools.defaultStartMs());
        welcome(node, generator, out);
        play(node, generator, stop, out);
        out.println("stopping …");
        out.flush();
      } finally {
        DataFolder.delete(data);
      }
    }
    return 0;
  }

  private void welcome(Node node, EventGenerator generator, PrintWriter out) {
    out.println();
    out.println("Tidemark is ready at " + node.address());
    out.println(
        "%d events a second are going in, for %d minutes or until Ctrl-C. Try, in another terminal:"
            .formatted(rate, minutes));
    for (Map.Entry<String, String> example : generator.examples(node.address())) {
      out.println();
      out.println("  # " + example.getKey());
      out.println("  " + example.getValue());
    }
    out.println();
    out.flush();
  }

  private void play(Node node, EventGenerator generator, UntilStopped stop, PrintWriter out)
      throws InterruptedException {
    Thread sender =
        Thread.ofVirtual().name("generator").start(() -> generate(node.address(), generator, stop));
    long end = System.nanoTime() + minutes * 60_000_000_000L;
    Node.Figures before = node.figures();
    while (System.nanoTime() < end && !stop.await(REPORT_SECONDS)) {
      Node.Figures now = node.figures();
      out.println(
          "%,10d events stored  %,8.0f events/s  visible after %d ms (p99)  %,d MB on disk"
              .formatted(
                  now.events(),
                  (now.events() - before.events()) / (double) REPORT_SECONDS,
                  now.freshnessMsP99(),
                  now.diskBytes() >> 20));
      out.flush();
      before = now;
    }
    if (!stop.isStopped()) {
      out.println("the %d minutes are over".formatted(minutes));
    }
    sender.interrupt();
    sender.join(1_000);
  }

  private void generate(String address, EventGenerator generator, UntilStopped stop) {
    Feed feed = new Feed(generator, rate);
    try (NodeClient node = new NodeClient(address)) {
      while (!stop.isStopped() && !Thread.currentThread().isInterrupted()) {
        feed.send(feed.next(Long.MAX_VALUE), node);
      }
    } catch (IOException e) {
      if (!stop.isStopped() && !Thread.currentThread().isInterrupted()) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
