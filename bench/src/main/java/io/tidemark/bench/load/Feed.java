package io.tidemark.bench.load;

import io.tidemark.server.generate.Pace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Tags at a rate, beside what is measured, until it is closed. What the node refuses for now, or
/// while it is away, is sent again.
public final class Feed implements AutoCloseable {
  private static final int CONNECTIONS = 16;
  private static final int REQUESTS_PER_SECOND = 1_000;
  private static final long AGAIN_NANOS = 50_000_000;

  private final Supplier<String> tags;
  private final int batch;
  private final Pace pace;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final LongAdder sent = new LongAdder();
  private final LongAdder again = new LongAdder();
  private volatile int port;
  private volatile boolean closed;

  private Feed(int port, Supplier<String> tags, int rate) {
    this.port = port;
    this.tags = tags;
    this.batch = Math.max(1, rate / REQUESTS_PER_SECOND);
    this.pace = new Pace((double) rate / batch);
  }

  /// @param rate tags a second, in at most a thousand requests a second
  public static Feed start(int port, Supplier<String> tags, int rate) {
    Feed feed = new Feed(port, tags, rate);
    for (int c = 0; c < CONNECTIONS; c++) {
      feed.threads.execute(feed::run);
    }
    return feed;
  }

  /// Tags acknowledged so far.
  public long sent() {
    return sent.sum();
  }

  /// Requests that had to be sent again.
  public long again() {
    return again.sum();
  }

  /// The node is elsewhere now.
  public void moveTo(int newPort) {
    port = newPort;
  }

  private void run() {
    String body = "";
    while (!closed) {
      try (RawHttp http = new RawHttp("127.0.0.1", port)) {
        int connected = port;
        while (!closed && connected == port) {
          body = body.isEmpty() ? next() : body;
          byte[] lines = body.getBytes(StandardCharsets.UTF_8);
          int status =
              http.send(http.post("/v1/streams/" + Tags.STREAM, "application/x-ndjson", lines, ""));
          if (status == 200) {
            sent.add(batch);
            body = "";
          } else {
            pause();
          }
        }
      } catch (IOException _) {
        pause();
      }
    }
  }

  private void pause() {
    again.increment();
    LockSupport.parkNanos(AGAIN_NANOS);
  }

  private String next() {
    pace.await();
    StringBuilder lines = new StringBuilder(batch * 300);
    synchronized (tags) {
      for (int i = 0; i < batch; i++) {
        lines.append(tags.get()).append('\n');
      }
    }
    return lines.toString();
  }

  @Override
  public void close() {
    closed = true;
    threads.close();
  }
}
