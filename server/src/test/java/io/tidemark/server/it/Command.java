package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.node.DataFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A program that runs as a process of its own, and what it has printed. Killed on closing, when
/// folders of its own are deleted, too.
final class Command implements AutoCloseable {
  private final List<String> words;
  private final Process process;
  private final Lines out;
  private final Lines err;
  private final List<Path> folders;

  private Command(List<String> words, Process process, List<Path> folders) {
    this.words = words;
    this.process = process;
    this.folders = folders;
    this.out = new Lines(process.getInputStream());
    this.err = new Lines(process.getErrorStream());
  }

  /// Starts `tidemark ARGUMENTS` from the packaged jar.
  static Command tidemark(String... arguments) {
    return tidemark(Map.of(), arguments);
  }

  /// The same in another environment.
  ///
  /// @param environment as in [#start]
  static Command tidemark(Map<String, String> environment, String... arguments) {
    Path unpacked = Checkout.temporaryFolder();
    return start(
        Checkout.ROOT,
        environment,
        Checkout.tidemark(unpacked, List.of(arguments)),
        List.of(unpacked));
  }

  /// Starts a program in a folder.
  ///
  /// @param environment changes to this process' environment; an empty value removes the variable
  static Command start(Path folder, Map<String, String> environment, List<String> words) {
    return start(folder, environment, words, List.of());
  }

  private static Command start(
      Path folder, Map<String, String> environment, List<String> words, List<Path> folders) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    // What the test's own JVM was told is not for its children.
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    environment.forEach(
        (name, value) -> {
          if (value.isEmpty()) {
            builder.environment().remove(name);
          } else {
            builder.environment().put(name, value);
          }
        });
    try {
      return new Command(words, builder.start(), folders);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Process process() {
    return process;
  }

  /// Everything printed to standard output so far.
  String out() {
    return out.text();
  }

  /// Everything printed to standard error so far.
  String err() {
    return err.text();
  }

  List<String> outLines() {
    return out.lines();
  }

  /// Gives the program its whole standard input.
  Command input(String text) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /// Sends a signal, as `INT`.
  void signal(String name) {
    try (Command kill =
        start(Checkout.ROOT, Map.of(), List.of("kill", "-" + name, Long.toString(process.pid())))) {
      assertThat(kill.exitCode(Duration.ofSeconds(5))).isZero();
    }
  }

  /// Waits for a line on standard output.
  String awaitLine(String beginning, Duration deadline) {
    Optional<String> line = Optional.empty();
    long end = System.nanoTime() + deadline.toNanos();
    while (line.isEmpty() && System.nanoTime() < end && process.isAlive()) {
      Poll.holds(Duration.ofMillis(100), () -> find(beginning).isPresent() || !process.isAlive());
      line = find(beginning);
    }
    if (line.isEmpty() && !process.isAlive()) {
      exitCode(Duration.ofSeconds(1));
      line = find(beginning);
    }
    return line.orElseThrow(
        () -> new AssertionError("no line \"%s…\" from %s".formatted(beginning, this)));
  }

  private Optional<String> find(String beginning) {
    return out.lines().stream().filter(l -> l.startsWith(beginning)).findFirst();
  }

  /// Waits for the end.
  int exitCode(Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + deadline + ": " + this);
      }
      out.awaitEnd();
      err.awaitEnd();
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Ends it at once, as `kill -9` does.
  void kill() {
    process.destroyForcibly();
    exitCode(Duration.ofSeconds(20));
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      kill();
    }
    try {
      for (Path folder : folders) {
        if (Files.exists(folder)) {
          DataFolder.delete(folder);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    String state = process.isAlive() ? "runs" : "ended with " + process.exitValue();
    return "%s (%s)%n%s%n%s".formatted(String.join(" ", words), state, out(), err());
  }

  /// What comes out of a stream, read on a thread of its own.
  private static final class Lines {
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    Lines(InputStream in) {
      // Not a virtual thread: reading from a pipe would keep its carrier, of which there are few.
      reader = Thread.ofPlatform().daemon().start(() -> read(in));
    }

    private void read(InputStream in) {
      try (BufferedReader text =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = text.readLine(); line != null; line = text.readLine()) {
          synchronized (lines) {
            lines.add(line);
          }
        }
      } catch (IOException e) {
        synchronized (lines) {
          lines.add("(the output broke off: " + e.getMessage() + ")");
        }
      }
    }

    List<String> lines() {
      synchronized (lines) {
        return List.copyOf(lines);
      }
    }

    String text() {
      return String.join("\n", lines());
    }

    void awaitEnd() throws InterruptedException {
      reader.join(Duration.ofSeconds(5));
    }
  }
}
