package io.tidemark.bench;

import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Report;
import java.nio.file.Path;
import java.util.List;

/// What a benchmark works with.
///
/// @param root the project's folder
/// @param work a folder of its own, deleted afterwards
record Run(Path root, Path work, Sizes sizes, Report report) {
  /// A node with the app `allezon`, and its data in the working folder.
  NodeProcess.Setup node(String data) {
    return node(root.resolve("apps/allezon"), data);
  }

  NodeProcess.Setup node(Path app, String data) {
    return new NodeProcess.Setup(root, app, work.resolve(data), List.of(), "");
  }
}
