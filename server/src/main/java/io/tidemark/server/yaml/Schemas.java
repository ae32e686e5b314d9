package io.tidemark.server.yaml;

import io.tidemark.app.SchemaReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// The schema files of an app's folder.
final class Schemas {
  private static final int MAX_FILES_SEEN = 1000;
  private static final int MAX_DEPTH = 4;

  private final SchemaReader reader;
  private final Path folder;
  private final String displayFolder;
  private final Problems problems;

  Schemas(SchemaReader reader, Path folder, Problems problems) {
    this.reader = reader;
    this.folder = folder;
    this.displayFolder = AppFolder.display(folder);
    this.problems = problems;
  }

  /// Reads the schema of a stream.
  ///
  /// @param node names the file, relative to the folder; it must not lead out of the folder as it
  ///   is written (symbolic links may: that is how Kubernetes mounts files)
  /// @return empty where it cannot be used, after the reasons were reported
  Optional<SchemaReader.Result> read(String stream, ScalarNode node) {
    String name = node.getValue();
    Path relative;
    try {
      relative = Path.of(name).normalize();
    } catch (InvalidPathException _) {
      problems.add(node, "schema: " + Words.quoted(name) + " cannot be the name of a file");
      return Optional.empty();
    }
    if (relative.isAbsolute() || relative.startsWith("..")) {
      problems.add(
          node,
          "schema: %s is outside of the app's folder; write a path inside it, as in schemas/%s"
              .formatted(Words.quoted(name), Words.shown(stream) + ".json"));
      return Optional.empty();
    }
    Path file = folder.resolve(relative);
    if (!Files.isRegularFile(file)) {
      problems.add(node, "schema: no file " + Words.quoted(name) + Words.nearestOf(name, files()));
      return Optional.empty();
    }
    String display = AppFolder.display(displayFolder, relative.toString());
    SchemaReader.Result result = reader.read(stream, file, display);
    problems.addAll(result.problems());
    return result.problems().isEmpty() ? Optional.of(result) : Optional.empty();
  }

  /// The JSON files below the folder, for suggestions.
  private List<String> files() {
    try (Stream<Path> files = Files.walk(folder, MAX_DEPTH)) {
      return files
          .limit(MAX_FILES_SEEN)
          .filter(file -> file.toString().endsWith(".json"))
          .map(file -> AppFolder.slashed(folder.relativize(file)))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException _) {
      return List.of();
    }
  }
}
