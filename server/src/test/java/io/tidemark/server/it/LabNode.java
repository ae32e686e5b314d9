package io.tidemark.server.it;

import io.tidemark.server.node.DataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// One node with the [LabApp] for all tests of a class.
final class LabNode implements BeforeAllCallback, AfterAllCallback {
  private @Nullable Path folder;
  private @Nullable NodeUnderTest node;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createTempDirectory("tidemark-lab-");
    Path app = LabApp.write(folder.resolve("lab"));
    node = NodeUnderTest.start(folder.resolve("data"), List.of(app));
  }

  Http http() {
    return Objects.requireNonNull(node).http();
  }

  /// What it has logged since it was last started.
  String log() {
    return Objects.requireNonNull(node).log();
  }

  /// What it has logged that should worry somebody, from a length of its log on. That the broker
  /// looks at its own heartbeat a moment too late only says that the machine is busy.
  List<String> worries(int from) {
    return log()
        .substring(from)
        .lines()
        .filter(
            line -> line.contains("ERROR") || line.contains("WARN") || line.contains("Exception"))
        .filter(line -> !line.contains("controller event queue overloaded"))
        .toList();
  }

  void restart() {
    Objects.requireNonNull(node).restart();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (node != null) {
      node.close();
    }
    DataFolder.delete(Objects.requireNonNull(folder));
  }
}
