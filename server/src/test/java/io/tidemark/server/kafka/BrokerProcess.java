package io.tidemark.server.kafka;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// An embedded broker in a process of its own, to be killed, or stopped for a while. Killed on
/// closing.
public final class BrokerProcess implements AutoCloseable {
  private static final String READY = "READY ";

  private final Process process;
  private final String bootstrap;

  private BrokerProcess(Process process, String bootstrap) {
    this.process = process;
    this.bootstrap = bootstrap;
  }

  /// Says on standard output where it serves, and then waits.
  public static void main(String[] args) throws Exception {
    EmbeddedBroker broker =
        EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]), Sync.INTERVAL);
    String line = "\n" + READY + broker.bootstrap() + "\n";
    System.out.write(line.getBytes(StandardCharsets.UTF_8));
    System.out.flush();
    Thread.currentThread().join();
  }

  /// Starts it; when this returns it serves.
  ///
  /// @param port where, or [EmbeddedBroker#ANY_PORT]
  public static BrokerProcess start(Path folder, int port) throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx512m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                BrokerProcess.class.getName(),
                folder.toString(),
                Integer.toString(port))
            .redirectErrorStream(true)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    StringBuilder all = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(READY)) {
        // Nobody reads its log, and it must not have to wait for that.
        var _ = Thread.startVirtualThread(() -> drain(out));
        return new BrokerProcess(process, line.substring(READY.length()));
      }
      all.append(line).append('\n');
    }
    throw new IOException("the broker's process ended:\n" + all);
  }

  private static void drain(BufferedReader out) {
    try (out) {
      out.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where clients connect, as `host:port`.
  public String bootstrap() {
    return bootstrap;
  }

  public int port() {
    return Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1));
  }

  /// Sends a signal, as `STOP`.
  public void signal(String name) throws IOException, InterruptedException {
    List<String> kill = List.of("kill", "-" + name, Long.toString(process.pid()));
    if (new ProcessBuilder(kill).inheritIO().start().waitFor() != 0) {
      throw new IOException(kill + " failed");
    }
  }

  /// `kill -9`.
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
