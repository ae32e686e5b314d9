package io.tidemark.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the measurements were made on.
public final class Machine {
  private Machine() {}

  public static String describe() throws IOException {
    String model = line("/proc/cpuinfo", "model name");
    long memoryKb = Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    return "%d cores (%s), %d GB of memory, %s %s, JDK %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model.isEmpty() ? System.getProperty("os.arch") : model,
            Math.round(memoryKb / 1048576.0),
            System.getProperty("os.name"),
            System.getProperty("os.version").replaceAll("[^0-9.].*", ""),
            Runtime.version());
  }

  private static String line(String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "";
  }
}
