package io.tidemark.server.kafka;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// An embedded broker in a process of its own, to be killed. It says `READY <bootstrap>` on
/// standard output and then waits.
final class BrokerProcess {
  private BrokerProcess() {}

  public static void main(String[] args) throws Exception {
    EmbeddedBroker broker =
        EmbeddedBroker.start(Path.of(args[0]), EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
    System.out.write(("\nREADY " + broker.bootstrap() + "\n").getBytes(StandardCharsets.UTF_8));
    System.out.flush();
    Thread.currentThread().join();
  }

  static Process start(Path folder) throws java.io.IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            BrokerProcess.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .start();
  }

  static String awaitReady(Process process) throws java.io.IOException {
    StringBuilder all = new StringBuilder();
    for (var reader = process.inputReader(StandardCharsets.UTF_8); ; ) {
      String line = reader.readLine();
      if (line == null) {
        throw new java.io.IOException("the broker's process ended:\n" + all);
      }
      if (line.startsWith("READY ")) {
        return line.substring(6);
      }
      all.append(line).append('\n');
    }
  }
}
