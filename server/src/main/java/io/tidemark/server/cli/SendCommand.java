package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemark send STREAM [FILE]`.
@Command(
    name = "send",
    description = "Sends events, one JSON object a line, to a running node.",
    mixinStandardHelpOptions = true)
final class SendCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "STREAM", description = "The stream to send to.")
  private String stream = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "A file of NDJSON; standard input where there is none, or for -.")
  private @Nullable Path file;

  @Option(
      names = "--to",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The node's address (default: ${DEFAULT-VALUE}).")
  private String url = "";

  @Override
  public Integer call() throws Exception {
    PrintWriter err = java.util.Objects.requireNonNull(spec).commandLine().getErr();
    Path from = file;
    boolean standardInput = from == null || from.toString().equals("-");
    if (!standardInput && from != null && !Files.isReadable(from)) {
      throw new CommandException("send: cannot read " + from);
    }
    long total = standardInput || from == null ? -1 : Files.size(from);
    try (NodeClient node = new NodeClient(url);
        InputStream in = open(standardInput ? null : from)) {
      Sender sender = new Sender(node, stream, new ProgressBar(err, total), err);
      Sender.Result result = sender.send(in);
      err.println("%d events accepted, %d refused".formatted(result.accepted(), result.refused()));
      err.flush();
      return result.refused() == 0 ? 0 : Main.FAILED;
    }
  }

  private static InputStream open(@Nullable Path from) throws IOException {
    return from == null
        ? new BufferedInputStream(System.in, 1 << 16)
        : new BufferedInputStream(Files.newInputStream(from), 1 << 16);
  }
}
