package io.tidemark.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A node in a process of its own, started as a user starts it.
public final class NodeProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofMinutes(5);
  private static final Duration QUIET = Duration.ofSeconds(5);

  /// For what is left to write and to merge after a bulk.
  private static final Duration CATCH_UP = Duration.ofMinutes(5);

  private static final String ADDRESS = "http://127.0.0.1:";

  private final Child child;
  private final Path data;
  private final int port;
  private final long readyMs;

  private NodeProcess(Child child, Path data, int port, long readyMs) {
    this.child = child;
    this.data = data;
    this.port = port;
    this.readyMs = readyMs;
  }

  /// How to start a node.
  ///
  /// @param root the project's folder
  /// @param app the app's folder
  /// @param options further ones of `tidemark run`
  /// @param java further ones of the JVM
  public record Setup(Path root, Path app, Path data, List<String> options, String java) {
    public Setup {
      options = List.copyOf(options);
    }

    public Setup with(String... more) {
      List<String> all = new ArrayList<>(options);
      all.addAll(List.of(more));
      return new Setup(root, app, data, all, java);
    }

    public Setup withJava(String options) {
      return new Setup(root, app, data, this.options, options);
    }

    /// Starts the process; it need not be ready when this returns.
    public Child launch() throws IOException {
      List<String> command = new ArrayList<>();
      command.addAll(List.of(root.resolve("tidemark").toString(), "run", app.toString()));
      command.addAll(List.of("--http", "127.0.0.1:0", "--data", data.toString()));
      command.addAll(options);
      Map<String, String> environment =
          java.isEmpty() ? Map.of() : Map.of("TIDEMARK_JAVA_OPTS", java);
      return Child.start(command, environment, log(data));
    }

    /// Starts a node and waits until it says that it is ready.
    public NodeProcess start() throws IOException, InterruptedException {
      long start = System.nanoTime();
      Child child = launch();
      try {
        int port = Integer.parseInt(child.awaitLine("ready at " + ADDRESS, READY));
        return new NodeProcess(child, data, port, (System.nanoTime() - start) / 1_000_000);
      } catch (IOException | InterruptedException | RuntimeException e) {
        child.close();
        throw e;
      }
    }
  }

  public int port() {
    return port;
  }

  public String base() {
    return ADDRESS + port;
  }

  /// From the start of the launcher to ready.
  public long readyMs() {
    return readyMs;
  }

  public ProcStat stat() {
    return child.stat();
  }

  /// Waits until the node has nothing to do any more: until, for five seconds, it has used less
  /// than a third of a processor.
  ///
  /// @throws IOException where it is still busy after minutes
  public void awaitQuiet() throws IOException, InterruptedException {
    awaitQuiet(CATCH_UP);
  }

  /// @param patience how long it may be busy
  public void awaitQuiet(Duration patience) throws IOException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    long before = stat().cpuMs();
    do {
      TimeUnit.SECONDS.sleep(QUIET.toSeconds());
      long now = stat().cpuMs();
      if (now - before < QUIET.toMillis() / 3) {
        return;
      }
      before = now;
    } while (System.nanoTime() < end);
    throw new IOException("the node is still busy after " + patience);
  }

  public Path data() {
    return data;
  }

  /// Where its log goes.
  public Path log() {
    return log(data);
  }

  private static Path log(Path data) {
    return data.resolveSibling(data.getFileName() + ".log");
  }

  /// The size of a folder within the data folder, in bytes.
  public long bytes(String folder) throws IOException {
    for (int tries = 1; ; tries++) {
      try (Stream<Path> files = Files.walk(data.resolve(folder))) {
        return files.mapToLong(f -> f.toFile().isFile() ? f.toFile().length() : 0).sum();
      } catch (UncheckedIOException e) {
        // A file went away while it was looked at.
        if (tries == 10) {
          throw e.getCause();
        }
      }
    }
  }

  /// Ends the process as Ctrl-C does.
  ///
  /// @return how long it took, in ms
  public long stop() throws InterruptedException {
    return child.stop();
  }

  /// Asks it to end, and does not wait.
  public void beginStop() {
    child.beginStop();
  }

  /// `kill -9`.
  public void kill() throws InterruptedException {
    child.kill();
  }

  @Override
  public void close() {
    child.close();
  }
}
