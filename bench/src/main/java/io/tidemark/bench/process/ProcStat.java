package io.tidemark.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What Linux tells about a living process in `/proc`.
public record ProcStat(long pid) {
  /// `USER_HZ`: the unit of CPU times in `/proc`, the same on all common machines.
  private static final int TICKS_PER_SECOND = 100;

  /// After the name, the places of utime and stime; see proc_pid_stat(5), fields 14 and 15.
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  private Path folder() {
    return Path.of("/proc", Long.toString(pid));
  }

  /// The memory that the process has in RAM, in MB.
  public long residentMb() throws IOException {
    return status("VmRSS:") / 1024;
  }

  public long threads() throws IOException {
    return status("Threads:");
  }

  private long status(String name) throws IOException {
    for (String line : Files.readAllLines(folder().resolve("status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no " + name + " of process " + pid);
  }

  /// How many files and sockets it has open.
  public long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder().resolve("fd"))) {
      return files.count();
    }
  }

  /// The CPU time it has used, in ms.
  public long cpuMs() throws IOException {
    return cpuMs(folder().resolve("stat"));
  }

  /// The CPU time of its living threads, in ms, by their names; numbers in them are taken away.
  public Map<String, Long> cpuMsByThread() throws IOException {
    Map<String, Long> byName = new TreeMap<>();
    List<Path> threads;
    try (Stream<Path> tasks = Files.list(folder().resolve("task"))) {
      threads = tasks.toList();
    }
    for (Path thread : threads) {
      String name = Files.readString(thread.resolve("comm")).strip();
      byName.merge(name.replaceAll("[-#][0-9]+", ""), cpuMs(thread.resolve("stat")), Long::sum);
    }
    return byName;
  }

  private static long cpuMs(Path stat) throws IOException {
    String text = Files.readString(stat);
    // A name may have spaces and brackets.
    List<String> parts = List.of(text.substring(text.lastIndexOf(')') + 2).split(" ", -1));
    long ticks = Long.parseLong(parts.get(USER_TIME)) + Long.parseLong(parts.get(SYSTEM_TIME));
    return ticks * 1000 / TICKS_PER_SECOND;
  }
}
