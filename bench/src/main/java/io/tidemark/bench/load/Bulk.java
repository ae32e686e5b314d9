package io.tidemark.bench.load;

import io.tidemark.log.Mark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Batches of NDJSON over a few connections, until all of it is visible in all views.
///
/// @param stream the stream they are for
/// @param ports of the nodes, which get equal shares
public record Bulk(String stream, List<Integer> ports) {
  private static final int CONNECTIONS = 4;
  private static final long AGAIN_NANOS = 50_000_000;

  /// How often a wait of 10 s for visibility may be in vain.
  private static final int WAITS = 60;

  public Bulk {
    ports = List.copyOf(ports);
  }

  public Bulk(String stream, int port) {
    this(stream, List.of(port));
  }

  /// @param acknowledgedSeconds until the last batch was acknowledged
  /// @param visibleSeconds until answers at the mark of all acknowledgements came
  /// @param mark stands for all of it
  public record Result(double acknowledgedSeconds, double visibleSeconds, Mark mark) {}

  public Result send(Batches batches) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Mark mark = Mark.NONE;
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<Mark>> senders = new ArrayList<>();
      for (int c = 0; c < CONNECTIONS; c++) {
        int port = ports.get(c % ports.size());
        senders.add(threads.submit(() -> send(port, batches)));
      }
      for (Future<Mark> sender : senders) {
        mark = mark.and(sender.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("sending failed: " + e.getCause(), e);
    }
    double acknowledged = (System.nanoTime() - start) / 1e9;
    for (int port : ports) {
      awaitVisible(port, mark);
    }
    return new Result(acknowledged, (System.nanoTime() - start) / 1e9, mark);
  }

  private Mark send(int port, Batches batches) throws IOException {
    Mark mark = Mark.NONE;
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      for (byte[] batch = batches.next(); batch.length > 0; batch = batches.next()) {
        byte[] request = http.post("/v1/streams/" + stream, "application/x-ndjson", batch, "");
        int status = http.send(request);
        while (status == 429 || status == 503) {
          LockSupport.parkNanos(AGAIN_NANOS);
          status = http.send(request);
        }
        if (status != 200) {
          throw new IOException(status + " " + http.body());
        }
        mark = mark.and(Mark.parse(http.mark()));
      }
    }
    return mark;
  }

  /// Asks for events of a second of 1970: there are none, but the answer must have seen the mark.
  private void awaitVisible(int port, Mark mark) throws IOException {
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      String path = "/v1/streams/" + stream + "/events?from=0&to=1000&limit=1";
      byte[] request = http.get(path, RawHttp.after(mark.toString()));
      int status = http.send(request);
      String before = "";
      for (int inVain = 0; status == 504 && inVain < WAITS; inVain++) {
        // It says how far the shard is.
        if (!http.body().equals(before)) {
          before = http.body();
          inVain = 0;
        }
        status = http.send(request);
      }
      if (status != 200) {
        throw new IOException("waiting for visibility: " + status + " " + http.body());
      }
    }
  }
}
