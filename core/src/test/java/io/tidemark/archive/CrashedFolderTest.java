package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.shard.sim.disk.Fault;
import io.tidemark.shard.sim.disk.Faults;
import io.tidemark.shard.sim.disk.SimCrash;
import io.tidemark.shard.sim.disk.SimDisk;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An archive in a folder whose machine loses its power, at each of its operations.
class CrashedFolderTest {
  private static final ObjectKey INDEX = new ObjectKey("index");
  private static final byte[] OLD = {1, 2, 3};
  private static final byte[] NEW = {4, 5, 6, 7};
  private static final int SEEDS = 20;

  @TempDir private static Path local;

  @Test
  void objectsAreThereWholeOrNotAtAllAndThoseThatWerePutAreThere() throws IOException {
    for (int operation = 0; ; operation++) {
      boolean ended = false;
      for (int seed = 0; seed < SEEDS; seed++) {
        ended = crashAt(operation, seed);
      }
      if (ended) {
        assertThat(operation).isGreaterThan(20);
        return;
      }
    }
  }

  /// @return whether there was no such operation
  private static boolean crashAt(int operation, int seed) throws IOException {
    SimDisk disk = new SimDisk();
    PowerFailure failure = new PowerFailure(disk, operation, seed);
    List<ObjectKey> put = new ArrayList<>();
    boolean indexed = false;
    try (ObjectStore store = open(disk, failure)) {
      for (int n = 0; n < 3; n++) {
        ObjectKey key = new ObjectKey("hour=%d/%d.parquet".formatted(n / 2, n));
        store.put(key, Files.write(local.resolve("file"), content(n)), sum(content(n)));
        put.add(key);
        store.putBytes(INDEX, n == 0 ? OLD : NEW);
        indexed |= n > 0;
      }
    } catch (SimCrash _) {
      assertThat(failure.left).isZero();
    }
    try (ObjectStore store = open(disk, Faults.NONE)) {
      List<ObjectKey> found = new ArrayList<>();
      store.list(
          "",
          "",
          o -> {
            found.add(o.key());
            return true;
          });
      assertThat(found).as("operation %d, seed %d", operation, seed).containsAll(put);
      for (ObjectKey key : found) {
        if (key.equals(INDEX)) {
          assertThat(store.getBytes(key)).isIn(indexed ? List.of(NEW) : List.of(OLD, NEW));
        } else {
          int n = key.text().charAt(key.text().indexOf('/') + 1) - '0';
          store.get(key, local.resolve("fetched"), sum(content(n)));
        }
      }
    }
    return failure.left > 0;
  }

  private static ObjectStore open(SimDisk disk, Faults faults) throws IOException {
    return FolderObjectStore.open(disk.start(faults).getPath("/archive"), "me");
  }

  private static byte[] content(int n) {
    return ObjectStoreContract.noise(100 + n, n);
  }

  private static FileSum sum(byte[] content) {
    return ObjectStoreContract.sum(content);
  }

  /// Ends the process, and the power, at an operation.
  private static final class PowerFailure implements Faults {
    private final SimDisk disk;
    private final long seed;
    private int left;

    PowerFailure(SimDisk disk, int operation, long seed) {
      this.disk = disk;
      this.left = operation + 1;
      this.seed = seed;
    }

    @Override
    public Fault next(String operation) {
      left--;
      return left == 0 ? (seed % 2 == 0 ? Fault.CRASH_BEFORE : Fault.CRASH_AFTER) : Fault.NONE;
    }

    @Override
    public SimCrash crash(String operation) {
      disk.losePower(new SplittableRandom(seed));
      return new SimCrash(operation);
    }
  }
}
