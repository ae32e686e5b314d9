package io.tidemark.bench;

import io.tidemark.log.Mark;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Batches of NDJSON, until all of it is visible in all views.
final class Bulk {
  private static final int CONNECTIONS = 4;

  private Bulk() {}

  /// @param acknowledgedSeconds until the last batch was acknowledged
  /// @param visibleSeconds until an answer at the mark of all acknowledgements came
  record Result(double acknowledgedSeconds, double visibleSeconds) {}

  static Result run(int port, Path file) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Mark mark = Mark.NONE;
    try (DataInputStream in =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20));
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      java.util.List<Future<Mark>> senders = new java.util.ArrayList<>();
      for (int c = 0; c < CONNECTIONS; c++) {
        senders.add(threads.submit(() -> send(port, in)));
      }
      for (Future<Mark> sender : senders) {
        mark = mark.and(sender.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("sending failed", e);
    }
    double acknowledged = (System.nanoTime() - start) / 1e9;
    awaitVisible(port, mark);
    return new Result(acknowledged, (System.nanoTime() - start) / 1e9);
  }

  private static Mark send(int port, DataInputStream in) throws IOException {
    Mark mark = Mark.NONE;
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      for (byte[] batch = TagFile.next(in); batch.length > 0; batch = TagFile.next(in)) {
        byte[] request =
            http.post("/v1/streams/user_tags", "application/x-ndjson", batch, batch.length, "");
        int status = http.send(request);
        while (status == 429) {
          java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
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

  private static void awaitVisible(int port, Mark mark) throws IOException {
    try (RawHttp http = new RawHttp("127.0.0.1", port)) {
      byte[] request =
          http.post(
              "/aggregates?time_range=2022-03-22T12:00:00_2022-03-22T12:01:00&action=BUY&aggregates=COUNT",
              "application/json",
              new byte[0],
              0,
              "Tidemark-After: " + mark + "\r\n");
      int status = http.send(request);
      for (int tries = 0; status == 504 && tries < 30; tries++) {
        status = http.send(request);
      }
      if (status != 200) {
        throw new IOException("waiting for visibility: " + status + " " + http.body());
      }
    }
  }
}
