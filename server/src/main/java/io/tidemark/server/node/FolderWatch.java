package io.tidemark.server.node;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the process where its data folder is taken away under it. Much of what a node writes goes
/// by the paths of files, also while it shuts down: in a folder that has been made anew in the same
/// place it would overwrite what is another node's.
final class FolderWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);
  private static final long LOOK_MS = 100;

  private final DataFolder folder;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-folder").daemon().unstarted(task));

  private FolderWatch(DataFolder folder) {
    this.folder = folder;
  }

  static FolderWatch of(DataFolder folder) {
    FolderWatch watch = new FolderWatch(folder);
    var _ =
        watch.thread.scheduleWithFixedDelay(watch::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    return watch;
  }

  private void look() {
    if (folder.isGone()) {
      LOG.error(
          "the data folder {} was moved or deleted while the node used it: the node ends at once,"
              + " so that it writes nothing into what may be another's by now",
          folder.path());
      Runtime.getRuntime().halt(1);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
