package io.tidemark.bench.load;

import io.tidemark.server.generate.Latencies;
import io.tidemark.server.generate.Pace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/// How long after its acknowledgement an event is visible: a tag is posted, and a profile is asked
/// for at the mark of its acknowledgement. What is measured contains that query.
public final class Freshness {
  private static final int PROBES_PER_SECOND = 100;
  private static final int CONNECTIONS = 16;

  private final int port;
  private final Latencies latencies = new Latencies("freshness");

  public Freshness(int port) {
    this.port = port;
  }

  /// @param samples how many tags were followed
  public record Result(double p50Ms, double p99Ms, double maxMs, long samples) {}

  public Result probe(int seconds) throws IOException, InterruptedException {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    Pace pace = new Pace(PROBES_PER_SECOND);
    List<Future<?>> probes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < CONNECTIONS; c++) {
        Supplier<String> tags = Tags.generator(10_000 + c, System.currentTimeMillis());
        String cookie = "probe-" + c;
        probes.add(
            threads.submit(
                () -> {
                  probe(pace, end, tags, cookie);
                  return null;
                }));
      }
      for (Future<?> probe : probes) {
        probe.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a probe failed: " + e.getCause(), e.getCause());
    }
    return new Result(latencies.ms(50), latencies.ms(99), latencies.ms(100), latencies.count());
  }

  private void probe(Pace pace, long end, Supplier<String> tags, String cookie) throws IOException {
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      while (pace.await() < end) {
        String tag =
            tags.get().replaceFirst("\"cookie\":\"[^\"]*\"", "\"cookie\":\"" + cookie + "\"");
        if (http.send(Tags.post(http, tag)) != 204) {
          throw new IOException("a tag was refused: " + http.body());
        }
        long acknowledged = System.nanoTime();
        int status = http.send(Tags.profile(http, cookie, http.mark()));
        latencies.add(System.nanoTime() - acknowledged);
        if (status != 200) {
          throw new IOException("not visible: " + status + " " + http.body());
        }
      }
    }
  }
}
