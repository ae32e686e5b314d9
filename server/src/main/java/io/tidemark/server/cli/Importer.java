package io.tidemark.server.cli;

import io.tidemark.server.cli.Delivery.Line;
import io.tidemark.server.cli.Delivery.Refused;
import io.tidemark.server.cli.Delivery.Settled;
import io.tidemark.server.imports.EventFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Delivers the events of files, several batches at a time. One thread reads; batches are settled
/// in any order, so what is behind a place where it stopped may be there already.
final class Importer {
  private final Delivery delivery;
  private final int connections;
  private final long from;
  private final Report report;
  private final Semaphore room;
  private final Deque<Batch> pending = new ArrayDeque<>();
  private final Totals totals = new Totals();

  /// Hears what happens, partly under this importer's lock: it must not call the importer under a
  /// lock of its own.
  interface Report {
    /// @param file its place among all
    void refused(int file, Refused refused) throws IOException;

    /// Keeps what was refused, whatever comes: the events so far are settled, and are not delivered
    /// again.
    void flush() throws IOException;

    /// @param bytesRead of the file
    void progress(int file, long bytesRead, Counts counts);
  }

  /// How many events the node has, and has not, accepted.
  record Counts(long accepted, long refused) {}

  /// A place in the files.
  ///
  /// @param file its place among all
  /// @param number of the line or row
  record Place(int file, long number) {}

  /// How far an import is.
  ///
  /// @param place where to go on: everything before it is settled
  /// @param acceptedBeyond how many events behind the place are accepted already
  /// @param unsettled how many batches that have been read are not settled
  record State(Place place, long acceptedBeyond, int unsettled, Counts counts) {}

  /// Opens a file.
  @FunctionalInterface
  interface Opener {
    EventFile open(int file) throws IOException;
  }

  /// Guarded by this importer.
  private static final class Totals {
    private long accepted;
    private long refused;
    private @Nullable Throwable failure;

    /// Whether a delivery has failed, so that others would.
    private boolean stopped;

    /// Where reading is.
    private Place next = new Place(0, 1);
  }

  private static final class Batch {
    private final int file;
    private final List<Line> lines = new ArrayList<>();
    private int bytes;
    private long accepted;
    private boolean settled;

    Batch(int file) {
      this.file = file;
    }

    boolean isFull() {
      return lines.size() >= Delivery.BATCH_EVENTS || bytes >= Delivery.BATCH_BYTES;
    }
  }

  /// @param connections how many requests are under way at a time
  /// @param from the number of the first line or row of the first file to deliver
  Importer(Delivery delivery, int connections, long from, Report report) {
    this.delivery = delivery;
    this.connections = connections;
    this.from = from;
    this.report = report;
    totals.next = new Place(0, from);
    // One batch more than there are connections is ready for the first that is free.
    this.room = new Semaphore(connections + 1);
  }

  /// Delivers all events of files.
  ///
  /// @throws Exception what has stopped it; [#state] says where to go on then
  Counts run(int files, Opener opener) throws Exception {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            connections, Thread.ofPlatform().name("import-", 1).daemon().factory())) {
      for (int file = 0; file < files && failure() == null; file++) {
        try (EventFile events = opener.open(file)) {
          read(file, file == 0 ? from : 1, events, threads);
        }
      }
    }
    switch (failure()) {
      case null -> {}
      case Exception e -> throw e;
      case Throwable e -> throw new IOException("a delivery has failed: " + e, e);
    }
    State end = state();
    if (end.unsettled() > 0) {
      throw new IOException(end.unsettled() + " batches of events have not been settled");
    }
    return end.counts();
  }

  private void read(int file, long from, EventFile events, ExecutorService threads)
      throws IOException, InterruptedException {
    Batch batch = new Batch(file);
    try {
      for (EventFile.Event event = events.next(); event != null; event = events.next()) {
        if (event.number() < from || !isSendable(file, event)) {
          continue;
        }
        batch.lines.add(new Line(event.number(), event.json()));
        batch.bytes += event.json().length + 1;
        if (batch.isFull()) {
          Batch full = batch;
          batch = new Batch(file);
          if (!hand(full, threads)) {
            return;
          }
          report.progress(file, events.bytesRead(), state().counts());
        }
      }
    } catch (IOException e) {
      // What came before is fine.
      fail(e, batch, threads);
      return;
    }
    if (batch.lines.isEmpty() || hand(batch, threads)) {
      report.progress(file, events.bytesRead(), state().counts());
      passed(new Place(file + 1, 1));
    }
  }

  private void fail(IOException e, Batch batch, ExecutorService threads)
      throws InterruptedException {
    if (!batch.lines.isEmpty()) {
      boolean _ = hand(batch, threads);
    }
    fail(e);
  }

  /// Refuses what no node would take.
  private boolean isSendable(int file, EventFile.Event event) throws IOException {
    Line line = new Line(event.number(), event.json());
    if (!event.reason().isEmpty()) {
      refuse(file, new Refused(line, event.reason(), "", event.problem()));
      return false;
    }
    if (event.json().length > EventFile.MAX_BYTES) {
      refuse(file, new Refused(line, "too_large", "", "more than 8 MiB; it was not sent"));
      return false;
    }
    return true;
  }

  /// @return whether to go on
  private boolean hand(Batch batch, ExecutorService threads) throws InterruptedException {
    room.acquire();
    synchronized (this) {
      pending.addLast(batch);
      totals.next = new Place(batch.file, batch.lines.getLast().number() + 1);
      if (totals.stopped) {
        room.release();
        return false;
      }
    }
    var _ = threads.submit(() -> deliver(batch));
    return true;
  }

  private void deliver(Batch batch) {
    try {
      if (!isStopped()) {
        settle(batch, delivery.deliver(batch.lines));
      }
    } catch (Throwable e) {
      // An error, too: the batch is lost, and nobody else would say so.
      stop();
      fail(e);
    } finally {
      room.release();
    }
  }

  private synchronized void settle(Batch batch, Settled settled) throws IOException {
    batch.accepted = settled.accepted();
    totals.accepted += settled.accepted();
    for (Refused refused : settled.refused()) {
      refuse(batch.file, refused);
    }
    report.flush();
    batch.settled = true;
    batch.lines.subList(1, batch.lines.size()).clear();
    while (!pending.isEmpty() && pending.getFirst().settled) {
      pending.removeFirst();
    }
  }

  private synchronized void refuse(int file, Refused refused) throws IOException {
    totals.refused++;
    report.refused(file, refused);
  }

  private synchronized void fail(Throwable e) {
    if (totals.failure == null) {
      totals.failure = e;
    }
  }

  /// Lets no further batch begin.
  synchronized void stop() {
    totals.stopped = true;
  }

  private synchronized boolean isStopped() {
    return totals.stopped;
  }

  private synchronized @Nullable Throwable failure() {
    return totals.failure;
  }

  private synchronized void passed(Place place) throws IOException {
    report.flush();
    totals.next = place;
  }

  /// How far it is.
  synchronized State state() {
    return new State(
        pending.isEmpty()
            ? totals.next
            : new Place(pending.getFirst().file, pending.getFirst().lines.getFirst().number()),
        pending.stream().mapToLong(b -> b.accepted).sum(),
        (int) pending.stream().filter(b -> !b.settled).count(),
        new Counts(totals.accepted, totals.refused));
  }
}
