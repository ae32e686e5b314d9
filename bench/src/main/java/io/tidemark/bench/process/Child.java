package io.tidemark.bench.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A process that this one has started. It never outlives this one.
public final class Child implements AutoCloseable {
  private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();
  private static final Duration STOP = Duration.ofSeconds(40);
  private static final int TAIL_LINES = 5;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVING.forEach(Child::destroyAll)));
  }

  private final Process process;
  private final Path log;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// Starts a process.
  ///
  /// @param environment variables besides ours
  /// @param log where its standard error goes
  public static Child start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process process = builder.start();
    LIVING.add(process);
    Child child = new Child(process, log);
    Thread.ofPlatform().daemon().name("output of " + process.pid()).start(child::readLines);
    return child;
  }

  /// Starts a class of ours in a JVM with the options of a node.
  public static Child java(Path root, Path log, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("@" + root.resolve("server/jvm.options"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return start(command, Map.of(), log);
  }

  /// Starts a program of another module, with libraries of its own.
  ///
  /// @param built the module's folder of what is built: its jar, and `lib`
  /// @param options of the JVM
  /// @param main the name of the class
  public static Child program(
      Path built, Path log, List<String> options, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(options);
    command.addAll(List.of("-cp", built.resolve("*") + ":" + built.resolve("lib/*"), main));
    command.addAll(arguments);
    return start(command, Map.of(), log);
  }

  /// The program `java` that we run in.
  private static String java() {
    return ProcessHandle.current().info().command().orElseThrow();
  }

  /// Ends a process with those that it has started.
  private static void destroyAll(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException _) {
      // It is being ended, with all its streams.
    }
  }

  /// Writes a line to its standard input.
  public void send(String line) throws IOException {
    BufferedWriter in = process.outputWriter(StandardCharsets.UTF_8);
    in.write(line);
    in.newLine();
    in.flush();
  }

  /// Waits until the process ends by itself.
  ///
  /// @throws IOException where it fails, with its last words, or the time is over
  public void awaitEnd(Duration patience) throws IOException, InterruptedException {
    if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("it did not end well: " + lastWords());
    }
    LIVING.remove(process);
  }

  /// Waits for a line that begins like this, and skips those before it.
  ///
  /// @return what follows
  /// @throws IOException where the process ends first, or the time is over; with its last words
  public String awaitLine(String prefix, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      boolean over = !process.isAlive() || System.nanoTime() > deadline;
      String line = lines.poll(50, TimeUnit.MILLISECONDS);
      if (line != null && line.startsWith(prefix)) {
        return line.substring(prefix.length());
      } else if (line == null && over) {
        String state = process.isAlive() ? "is silent" : "ended with " + process.exitValue();
        throw new IOException(
            "no \"%s\": the process %s: %s".formatted(prefix, state, lastWords()));
      }
    }
  }

  /// The last lines of its standard error.
  public String lastWords() throws IOException {
    List<String> all = Files.readAllLines(log);
    return String.join(" / ", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size()));
  }

  public ProcStat stat() {
    return new ProcStat(process.pid());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// Ends the process as Ctrl-C does, or with force where that takes too long.
  ///
  /// @return how long it took, in ms
  public long stop() throws InterruptedException {
    long start = System.nanoTime();
    process.destroy();
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      kill();
    }
    LIVING.remove(process);
    return (System.nanoTime() - start) / 1_000_000;
  }

  /// Asks it to end, and does not wait.
  public void beginStop() {
    process.destroy();
  }

  /// `kill -9`.
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    LIVING.remove(process);
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
