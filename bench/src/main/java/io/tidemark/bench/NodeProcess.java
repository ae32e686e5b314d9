package io.tidemark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A node in a process of its own, started as a user starts it.
final class NodeProcess implements AutoCloseable {
  private final Process process;
  private final Path data;
  private final int port;
  private final long readyMs;

  private NodeProcess(Process process, Path data, int port, long readyMs) {
    this.process = process;
    this.data = data;
    this.port = port;
    this.readyMs = readyMs;
  }

  /// Starts a node and waits until it says that it is ready.
  static NodeProcess start(Path root, Path data, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(root.resolve("tidemark").toString());
    command.addAll(List.of("run", root.resolve("apps/allezon").toString()));
    command.addAll(List.of("--http", "127.0.0.1:0", "--data", data.toString()));
    command.addAll(List.of(options));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("ready at ")) {
        long readyMs = (System.nanoTime() - start) / 1_000_000;
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        return new NodeProcess(process, data, port, readyMs);
      }
    }
    throw new IOException("the node ended with " + process.onExit().join().exitValue());
  }

  int port() {
    return port;
  }

  String base() {
    return "http://127.0.0.1:" + port;
  }

  /// From the start of the launcher to ready.
  long readyMs() {
    return readyMs;
  }

  /// The memory that the process has in RAM, in MB.
  long residentMb() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("no VmRSS");
  }

  /// The CPU time the process has used, in ms.
  long cpuMs() {
    return process.info().totalCpuDuration().orElseThrow().toMillis();
  }

  /// The size of a folder within the data folder, in bytes.
  long bytes(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve(folder))) {
      return files.mapToLong(f -> f.toFile().isFile() ? f.toFile().length() : 0).sum();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// Ends the process as Ctrl-C does.
  ///
  /// @return how long it took, in ms
  long stop() throws InterruptedException {
    long start = System.nanoTime();
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
