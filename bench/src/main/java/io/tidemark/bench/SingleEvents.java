package io.tidemark.bench;

import io.tidemark.server.allezon.TagGenerator;
import io.tidemark.server.generate.Latencies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/// One user tag a request, as many as 64 connections can get answered.
final class SingleEvents {
  private static final int CONNECTIONS = 64;

  private SingleEvents() {}

  /// @param perSecond requests answered a second
  record Result(double perSecond, double p99Ms, long errors) {}

  static Result run(int port, int seconds) throws InterruptedException {
    Latencies latencies = new Latencies("POST /user_tags");
    LongAdder errors = new LongAdder();
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    List<Future<?>> loops = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < CONNECTIONS; c++) {
        int seed = c;
        loops.add(
            threads.submit(
                () -> {
                  loop(port, seed, end, latencies, errors);
                  return null;
                }));
      }
      for (Future<?> loop : loops) {
        loop.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a connection broke", e.getCause());
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    return new Result(latencies.count() / elapsed, latencies.ms(99), errors.sum());
  }

  private static void loop(int port, int seed, long end, Latencies latencies, LongAdder errors)
      throws IOException {
    TagGenerator tags = new TagGenerator(seed, TagGenerator.DEFAULT_START_MS);
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      byte[][] requests = new byte[256][];
      for (int i = 0; i < requests.length; i++) {
        byte[] body = tags.next().getBytes(StandardCharsets.UTF_8);
        requests[i] = http.post("/user_tags", "application/json", body, body.length, "");
      }
      for (int i = 0; System.nanoTime() < end; i++) {
        long sent = System.nanoTime();
        if (http.send(requests[i % requests.length]) != 204) {
          errors.increment();
        }
        latencies.add(System.nanoTime() - sent);
      }
    }
  }
}
