package io.tidemark.server.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Clients that work on a node at the same time, again and again, until closed. A node that is away
/// does not disturb them; a wrong answer fails the closing.
final class Load implements AutoCloseable {
  /// What a client does once.
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private static final long PAUSE_NANOS = 5_000_000;

  private final List<Thread> clients = new ArrayList<>();
  private final List<Throwable> wrong = new ArrayList<>();
  private volatile boolean over;

  /// Adds a client.
  Load with(Step step) {
    clients.add(Thread.ofVirtual().start(() -> work(step)));
    return this;
  }

  private void work(Step step) {
    while (!over) {
      try {
        step.run();
      } catch (IOException _) {
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | AssertionError e) {
        synchronized (wrong) {
          wrong.add(e);
        }
        return;
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    for (Thread client : clients) {
      client.join();
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError("a client was not served as it should be", wrong.getFirst());
    }
  }
}
