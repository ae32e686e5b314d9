package io.tidemark.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  @TempDir private Path folder;

  @Test
  void aDiskWithMoreThanTheReserveIsNoTrouble() throws IOException {
    try (DiskSpace space = DiskSpace.watch(folder, 1)) {
      assertThat(space.trouble()).isEmpty();
      assertThat(space.freeBytes()).isPositive();
    }
  }

  @Test
  void aDiskWithLessSaysWhichAndHowMuch() throws IOException {
    try (DiskSpace space = DiskSpace.watch(folder, Long.MAX_VALUE)) {
      assertThat(space.trouble()).contains(folder.toString(), "nearly full", "MB are left");
    }
  }
}
