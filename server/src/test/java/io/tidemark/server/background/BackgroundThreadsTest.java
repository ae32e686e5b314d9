package io.tidemark.server.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BackgroundThreadsTest {
  /// The fields of /proc/…/stat behind the name, which stands in brackets; niceness is the 19th of
  /// all (proc_pid_stat(5)).
  private static int niceness() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Integer.parseInt(behindName[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theyGiveWayToOthers() throws Exception {
    AtomicInteger niceness = new AtomicInteger();
    Thread background =
        BackgroundThreads.factory("writer").newThread(() -> niceness.set(niceness()));
    assertThat(background.getName()).isEqualTo("writer-1");
    assertThat(background.isDaemon()).isTrue();
    background.start();
    background.join();
    assertThat(niceness.get()).isEqualTo(niceness() + 5);
  }

  @Test
  void whatIsToBeStartedThereHasRunOrFailed() {
    AtomicReference<String> name = new AtomicReference<>();
    BackgroundThreads.run(() -> name.set(Thread.currentThread().getName()));
    assertThat(name.get()).isEqualTo("tidemark-background-1");
    assertThatThrownBy(
            () ->
                BackgroundThreads.run(
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .hasRootCauseMessage("no");
  }
}
