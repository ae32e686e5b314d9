package io.tidemark.shard.sim.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimDiskTest {
  private static final int SEEDS = 200;

  /// What a process does, and what is there afterwards.
  private interface Life {
    void live(SimFileSystem files) throws IOException;
  }

  /// The names of the root and the content of `f`, after a failure of the power, over many seeds.
  private static Set<String> outcomes(Life life) throws IOException {
    Set<String> outcomes = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      SimDisk disk = new SimDisk();
      life.live(disk.start(Faults.NONE));
      disk.losePower(new SplittableRandom(seed));
      List<String> names = disk.names("/");
      outcomes.add(names + (names.contains("f") ? disk.text("/f").replace('\0', '.') : ""));
    }
    return outcomes;
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void sync(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  private static void syncFile(Path path) throws IOException {
    sync(path, StandardOpenOption.WRITE);
  }

  private static void syncRoot(SimFileSystem files) throws IOException {
    sync(files.getPath("/"), StandardOpenOption.READ);
  }

  @Test
  void whatIsSyncedStays() throws IOException {
    assertThat(
            outcomes(
                files -> {
                  write(files.getPath("/f"), "abc");
                  syncFile(files.getPath("/f"));
                  syncRoot(files);
                }))
        .containsExactly("[f]abc");
  }

  @Test
  void contentThatIsNotSyncedIsLostOrTorn() throws IOException {
    assertThat(
            outcomes(
                files -> {
                  write(files.getPath("/f"), "abc");
                  syncRoot(files);
                }))
        .containsExactlyInAnyOrder("[f]", "[f]a", "[f]ab", "[f]abc", "[f]...", "[f]a..", "[f]ab.");
  }

  @Test
  void namesThatAreNotSyncedAreThereOrNot() throws IOException {
    assertThat(
            outcomes(
                files -> {
                  write(files.getPath("/f"), "old");
                  syncFile(files.getPath("/f"));
                  write(files.getPath("/g"), "new");
                  syncFile(files.getPath("/g"));
                  write(files.getPath("/h"), "");
                  syncRoot(files);
                  Files.move(
                      files.getPath("/g"), files.getPath("/f"), StandardCopyOption.ATOMIC_MOVE);
                  Files.delete(files.getPath("/h"));
                }))
        // In any order: the deletion without the renaming before it, too.
        .containsExactlyInAnyOrder("[f, g, h]old", "[f, h]new", "[f, g]old", "[f]new");
  }

  @Test
  void aKillTakesNothingButAPowerFailureAfterItDoes() throws IOException {
    SimDisk disk = new SimDisk();
    write(disk.start(Faults.NONE).getPath("/f"), "abc");
    disk.kill(new SplittableRandom(1));
    assertThat(Files.readString(disk.start(Faults.NONE).getPath("/f"))).isEqualTo("abc");
    assertThat(disk.durableNames("/")).isEmpty();
    Set<List<String>> names = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      disk.losePower(new SplittableRandom(seed));
      names.add(disk.names("/"));
    }
    assertThat(names).contains(List.of());
  }

  @Test
  void contentWhoseSyncFailedIsNotSavedByAnother() throws IOException {
    SimDisk disk = new SimDisk();
    boolean[] fails = new boolean[1];
    SimFileSystem files =
        disk.start(
            operation -> fails[0] && operation.startsWith("sync") ? Fault.FAIL_BEFORE : Fault.NONE);
    write(files.getPath("/f"), "abc");
    fails[0] = true;
    assertThatThrownBy(() -> syncFile(files.getPath("/f"))).isInstanceOf(SimFailure.class);
    fails[0] = false;
    syncFile(files.getPath("/f"));
    syncRoot(files);
    assertThat(disk.durable("/f")).isEmpty();
    write(files.getPath("/f"), "abc");
    syncFile(files.getPath("/f"));
    assertThat(disk.durable("/f")).hasSize(3);
  }

  @Test
  void aProcessThatHasEndedChangesNothing() throws IOException {
    SimDisk disk = new SimDisk();
    SimFileSystem files = disk.start(Faults.NONE);
    write(files.getPath("/f"), "abc");
    disk.kill(new SplittableRandom(1));
    assertThatThrownBy(() -> Files.delete(files.getPath("/f"))).isInstanceOf(SimCrash.class);
    assertThat(disk.names("/")).containsExactly("f");
  }
}
