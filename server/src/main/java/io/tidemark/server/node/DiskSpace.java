package io.tidemark.server.node;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches how much room the data folder's disk has. A reserve is kept for what must go on being
/// written, checkpoints above all: they let go of the log. Events that are refused before the disk
/// is full are better than a broker that ends because of it.
final class DiskSpace implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
  private static final long LOOK_MS = 250;
  private static final long MIN_RESERVE_BYTES = 64L << 20;
  private static final long MAX_RESERVE_BYTES = 1L << 30;

  /// Indexes and checkpoints of a log that is opened again.
  private static final long MIN_START_BYTES = 16L << 20;

  private final Path folder;
  private final FileStore store;
  private final long reserveBytes;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-disk").daemon().unstarted(task));
  private volatile long freeBytes;

  private DiskSpace(Path folder, FileStore store, long reserveBytes) throws IOException {
    this.folder = folder;
    this.store = store;
    this.reserveBytes = reserveBytes;
    this.freeBytes = store.getUsableSpace();
  }

  /// Begins to watch. The reserve is a twentieth of the disk, within sensible bounds.
  static DiskSpace watch(Path folder) throws IOException {
    long part = Files.getFileStore(folder).getTotalSpace() / 20;
    return watch(folder, Math.clamp(part, MIN_RESERVE_BYTES, MAX_RESERVE_BYTES));
  }

  static DiskSpace watch(Path folder, long reserveBytes) throws IOException {
    DiskSpace space = new DiskSpace(folder, Files.getFileStore(folder), reserveBytes);
    var _ =
        space.thread.scheduleWithFixedDelay(space::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    return space;
  }

  /// A broker that starts without room only ends with a message that few can read.
  ///
  /// @throws IOException where there is too little to start with
  void requireRoomToStart() throws IOException {
    if (freeBytes < MIN_START_BYTES) {
      throw new IOException(
          "the disk of %s is full: %d MB are left, and %d MB are needed to start; make room, and start again"
              .formatted(folder, freeBytes >> 20, MIN_START_BYTES >> 20));
    }
  }

  private void look() {
    try {
      boolean was = isLow();
      freeBytes = store.getUsableSpace();
      if (isLow() && !was) {
        LOG.warn("{}", trouble());
      } else if (was && !isLow()) {
        LOG.info("the disk of {} has room again: {} MB", folder, freeBytes >> 20);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot tell how much room the disk of {} has", folder, e);
    }
  }

  private boolean isLow() {
    return freeBytes < reserveBytes;
  }

  /// Whether so many bytes more leave the reserve alone.
  boolean hasRoomFor(long bytes) {
    return freeBytes - reserveBytes >= bytes;
  }

  /// What is wrong, and what to do; empty where there is room.
  String trouble() {
    return isLow()
        ? "the disk of %s is nearly full: %d MB are left, and %d MB are kept for what must be written; make room, it goes on by itself"
            .formatted(folder, freeBytes >> 20, reserveBytes >> 20)
        : "";
  }

  long freeBytes() {
    return freeBytes;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
