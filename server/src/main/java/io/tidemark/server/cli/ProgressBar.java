package io.tidemark.server.cli;

import java.io.Console;
import java.io.PrintWriter;

/// How far a long command has come, on a terminal; elsewhere nothing.
final class ProgressBar {
  private static final int WIDTH = 30;

  private final PrintWriter err;
  private final long totalBytes;
  private final boolean terminal = isTerminal();
  private final long started = System.nanoTime();

  /// @param totalBytes how much there is to do; -1 where nobody knows
  ProgressBar(PrintWriter err, long totalBytes) {
    this.err = err;
    this.totalBytes = totalBytes;
  }

  void show(long bytes, long accepted, long refused) {
    if (!terminal) {
      return;
    }
    double rate = accepted / Math.max(1e-3, (System.nanoTime() - started) / 1e9);
    StringBuilder line = new StringBuilder("\r");
    if (totalBytes > 0) {
      double share = Math.min(1, bytes / (double) totalBytes);
      int done = (int) (share * WIDTH);
      line.append('[').append("=".repeat(done)).append(" ".repeat(WIDTH - done));
      line.append("] %3d %%".formatted((int) (share * 100)));
    }
    line.append("  %,d accepted  %,d refused  %,.0f/s   ".formatted(accepted, refused, rate));
    err.print(line);
    err.flush();
  }

  /// Shows a line that the next one replaces.
  void say(String text) {
    if (terminal) {
      clear();
      err.print(text);
      err.flush();
    }
  }

  void finish(long bytes, long accepted, long refused) {
    show(bytes, accepted, refused);
    clear();
  }

  void clear() {
    if (terminal) {
      err.print("\r" + " ".repeat(WIDTH + 60) + "\r");
      err.flush();
    }
  }

  // Since JDK 25 the console is null again where standard input or output is not a terminal.
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
