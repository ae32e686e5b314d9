package io.tidemark.bench.load;

import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.server.generate.Latencies;
import io.tidemark.server.generate.Pace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/// Requests over a number of connections: as many as get answered, or at a rate.
///
/// @param status what a good answer has
/// @param rate requests a second, whose times count from when they were due; 0: the next one is
///   sent when the last one is answered
public record RequestLoop(int port, int connections, int status, int rate) {
  /// @param perSecond requests answered a second
  /// @param errors requests with another status
  public record Result(double perSecond, double p50Ms, double p99Ms, double maxMs, long errors) {
    /// Adds a row: what was asked, and its median, its p99 and the longest time, in ms.
    public void addTo(Table table, String what) {
      table.add(what, Target.number(p50Ms), Target.number(p99Ms), Target.number(maxMs));
    }
  }

  /// Makes the requests that one connection repeats in turn.
  public interface Requests {
    List<byte[]> make(RawHttp http, int connection);
  }

  public Result run(Requests requests, int seconds) throws IOException, InterruptedException {
    Latencies latencies = new Latencies("requests");
    Pace pace = new Pace(rate == 0 ? 1 : rate);
    LongAdder errors = new LongAdder();
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    List<Future<?>> loops = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < connections; c++) {
        int connection = c;
        loops.add(
            threads.submit(
                () -> {
                  loop(requests, connection, end, pace, latencies, errors);
                  return null;
                }));
      }
      for (Future<?> loop : loops) {
        loop.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a connection broke: " + e.getCause(), e.getCause());
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    return new Result(
        latencies.count() / elapsed,
        latencies.ms(50),
        latencies.ms(99),
        latencies.ms(100),
        errors.sum());
  }

  private void loop(
      Requests make, int connection, long end, Pace pace, Latencies latencies, LongAdder errors)
      throws IOException {
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      List<byte[]> requests = make.make(http, connection);
      for (int i = 0; System.nanoTime() < end; i++) {
        long due = rate == 0 ? System.nanoTime() : pace.await();
        if (http.send(requests.get(i % requests.size())) != status) {
          errors.increment();
        }
        latencies.add(System.nanoTime() - due);
      }
    }
  }
}
