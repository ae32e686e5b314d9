package io.tidemark.shard.sim.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.shard.FolderStorage;
import io.tidemark.shard.PlainFiles;
import io.tidemark.shard.ShardStorage;
import io.tidemark.shard.ShardStorageContract;
import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStoreContract;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.SegmentStoreContract;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A shard's folder behaves on a simulated disk as it does on a real one.
class SimFolderTest extends ShardStorageContract {
  private final SimDisk disk = new SimDisk();

  @Override
  protected ShardStorage open() throws IOException {
    return open(disk, Faults.NONE);
  }

  private static ShardStorage open(SimDisk disk, Faults faults) throws IOException {
    SimFileSystem files = disk.start(faults);
    return FolderStorage.open(files.getPath("/data/0"), new PlainFiles(), SimStores::open);
  }

  /// Wherever a process was killed: what the next one finds, and what it then writes, stays.
  @Test
  void whatAKilledProcessLeftIsDurableOnceTheFolderIsOpen() throws IOException {
    byte[] content = {1};
    for (int last = 0; ; last++) {
      SimDisk disk = new SimDisk();
      Killing killing = new Killing(disk, last);
      try (ShardStorage storage = open(disk, killing)) {
        storage.writeManifest(1, content);
      } catch (SimCrash _) {
        assertThat(killing.left).isZero();
      }
      try (ShardStorage storage = open(disk, Faults.NONE)) {
        assertThat(disk.durableNames("/data/0"))
            .containsAll(storage.manifests().stream().map("manifest-%020d"::formatted).toList());
        storage.writeManifest(2, content);
        assertThat(disk.durableNames("/data/0")).contains("manifest-00000000000000000002");
      }
      if (killing.left > 0) {
        return;
      }
    }
  }

  /// Kills the process at an operation.
  private static final class Killing implements Faults {
    private final SimDisk disk;
    private int left;

    Killing(SimDisk disk, int last) {
      this.disk = disk;
      this.left = last + 1;
    }

    @Override
    public Fault next(String operation) {
      left--;
      return left == 0 ? Fault.CRASH_BEFORE : Fault.NONE;
    }

    @Override
    public SimCrash crash(String operation) {
      disk.kill(new SplittableRandom(1));
      return new SimCrash(operation);
    }
  }

  @Nested
  class Segments extends SegmentStoreContract {
    @Override
    protected SegmentStore store() throws IOException {
      return open().segments();
    }
  }

  @Nested
  class Sorted extends SortedStoreContract {
    @Override
    protected SortedStore store() throws IOException {
      return open().sorted("s");
    }
  }
}
