package io.tidemark.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Single tags, batches, bulks and queries at the same time, as fast as they are answered, until it
/// is closed. A node that goes away is no error; an answer that is not right is complained of.
public final class MixedLoad implements AutoCloseable {
  private static final int SINGLE_WRITERS = 8;
  private static final int BATCH_WRITERS = 2;
  private static final int BULK_WRITERS = 1;
  private static final int READERS = 4;
  private static final int MAX_BATCH = 200;
  private static final int BULK = 2_000;
  private static final long PAUSE_NANOS = 5_000_000;

  private final int port;
  private final Ledger ledger;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger answered = new AtomicInteger();
  private volatile boolean closed;

  private MixedLoad(int port, Ledger ledger) {
    this.port = port;
    this.ledger = ledger;
  }

  public static MixedLoad start(int port, Ledger ledger, SplittableRandom random) {
    MixedLoad load = new MixedLoad(port, ledger);
    load.repeat(SINGLE_WRITERS, random, (http, _) -> load.post(http, 1));
    load.repeat(BATCH_WRITERS, random, (http, own) -> load.post(http, 1 + own.nextInt(MAX_BATCH)));
    load.repeat(BULK_WRITERS, random, (http, _) -> load.post(http, BULK));
    load.repeat(READERS, random, load::ask);
    return load;
  }

  /// Queries answered.
  public int answered() {
    return answered.get();
  }

  /// One request of one thread.
  private interface Request {
    void send(RawHttp http, SplittableRandom random) throws IOException;
  }

  private void repeat(int count, SplittableRandom random, Request request) {
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      threads.execute(
          () -> {
            while (!closed) {
              try (RawHttp http = new RawHttp("127.0.0.1", port)) {
                while (!closed) {
                  request.send(http, own);
                }
              } catch (IOException _) {
                // The node is gone, or said that it cannot; the next one may.
                LockSupport.parkNanos(PAUSE_NANOS);
              }
            }
          });
    }
  }

  private void post(RawHttp http, int count) throws IOException {
    Ledger.Range range = ledger.take(count);
    String lines = range.lines();
    byte[] request =
        count == 1
            ? Tags.post(http, lines)
            : http.post(
                "/v1/streams/" + Tags.STREAM,
                "application/x-ndjson",
                lines.getBytes(StandardCharsets.UTF_8),
                "");
    int status = http.send(request);
    if (status == (count == 1 ? 204 : 200)) {
      ledger.acknowledge(range, http.mark());
    } else if (status != 429 && status != 503 && status != 207) {
      ledger.complain("a write was answered " + status + ": " + http.body());
    }
  }

  private void ask(RawHttp http, SplittableRandom random) throws IOException {
    Ledger.Known known = ledger.any(random);
    if (known.number() < 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
      return;
    }
    BitSet there = ledger.profile(http, known.number(), known.mark());
    answered.incrementAndGet();
    if (!there.get(known.number())) {
      ledger.complain("acknowledged and not in an answer at its mark: " + known.number());
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.close();
  }
}
