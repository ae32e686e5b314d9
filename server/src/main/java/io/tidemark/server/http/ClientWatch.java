package io.tidemark.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/// Notices that a client has gone while its answer is still being made, so that nobody goes on
/// working for it.
///
/// Nobody reads from a connection meanwhile; a thread that tries to hears of its end at once. What
/// comes instead, as a further request, stays where it is until it is wanted.
final class ClientWatch {
  private static final ThreadLocal<@Nullable ClientWatch> CURRENT = new ThreadLocal<>();

  private final DataReader reader;

  /// Who waits for the client to send something; for the connection's thread only.
  private @Nullable Thread listener;

  private ClientWatch(DataReader reader) {
    this.reader = reader;
  }

  /// A connection begins, on the present thread.
  ///
  /// @param reader of what comes on it
  static ClientWatch connected(DataReader reader) {
    ClientWatch watch = new ClientWatch(reader);
    CURRENT.set(watch);
    return watch;
  }

  /// To be called before anything else is read from the connection.
  ///
  /// @return whether there may be something
  boolean awaitListener() {
    Thread listening = listener;
    if (listening == null) {
      return true;
    }
    try {
      listening.join();
      listener = null;
      return true;
    } catch (InterruptedException _) {
      // Somebody ends the connection.
      listening.interrupt();
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Work that ends early where its thread is interrupted.
  @FunctionalInterface
  interface Work<T> {
    T run() throws Exception;
  }

  /// Works for the client of the present connection, and is interrupted when it goes.
  ///
  /// @throws CloseConnectionException where it has gone
  static <T> T workFor(Work<T> work) throws Exception {
    ClientWatch watch = CURRENT.get();
    return watch == null ? work.run() : watch.work(work);
  }

  private <T> T work(Work<T> work) throws Exception {
    Worker worker = new Worker();
    if (listener == null) {
      listener = Thread.startVirtualThread(() -> listen(worker));
    }
    try {
      return work.run();
    } catch (InterruptedIOException e) {
      if (worker.hasBeenLeft()) {
        throw new CloseConnectionException("the client has gone", e);
      }
      throw e;
    } finally {
      worker.end();
    }
  }

  private void listen(Worker worker) {
    try {
      reader.ensureAvailable();
    } catch (RuntimeException _) {
      worker.leave();
    }
  }

  /// The thread that works for the client.
  private static final class Worker {
    private final Thread thread = Thread.currentThread();
    private boolean ended;
    private boolean left;

    /// The client has gone.
    synchronized void leave() {
      if (!ended) {
        left = true;
        thread.interrupt();
      }
    }

    synchronized boolean hasBeenLeft() {
      return left;
    }

    /// From now on it is not interrupted.
    synchronized void end() {
      ended = true;
      if (left) {
        // Whoever ends the connection for other reasons does so again.
        boolean _ = Thread.interrupted();
      }
    }
  }
}
