package io.tidemark.server.yaml;

import io.tidemark.app.App;
import io.tidemark.app.DeclarationException;
import io.tidemark.app.SchemaReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads apps from their folders.
///
/// Not for use by two threads at once where the schema reader is not.
public final class AppReader {
  /// The file with an app's declarations, in its folder.
  public static final String FILE = "app.yaml";

  private final SchemaReader schemas;
  private final Set<String> contracts;

  /// @param schemas reads the schemas of streams
  /// @param contracts the names of all HTTP contracts that an app may ask for
  public AppReader(SchemaReader schemas, Set<String> contracts) {
    this.schemas = schemas;
    this.contracts = Set.copyOf(contracts);
  }

  /// Reads one app.
  ///
  /// @param folder as the user names it: files are called accordingly in problems
  /// @throws DeclarationException every mistake in `app.yaml` and in the schemas it names
  public App read(Path folder) throws DeclarationException {
    return readAll(List.of(folder)).getFirst();
  }

  /// Reads apps that are to run together.
  ///
  /// @return the apps in the order of their folders
  /// @throws DeclarationException every mistake in all of them, and every name that two of them
  ///   declare
  public List<App> readAll(List<Path> folders) throws DeclarationException {
    var problems = new Problems();
    var names = new Names(problems);
    List<App> apps = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (Path folder : folders) {
      if (seen.add(folder.toAbsolutePath().normalize())) {
        read(folder, problems, names).ifPresent(apps::add);
      } else {
        problems.add(AppFolder.display(folder), 1, 1, "this app is named twice");
      }
    }
    problems.throwIfAny();
    return List.copyOf(apps);
  }

  private Optional<App> read(Path folder, Problems problems, Names names) {
    if (!AppFolder.check(folder, problems)) {
      return Optional.empty();
    }
    String name = AppFolder.display(AppFolder.display(folder), FILE);
    Optional<Node> root = YamlFile.read(folder.resolve(FILE), name, problems);
    var declaration =
        new AppDeclaration(
            folder, new Schemas(schemas, folder, problems), contracts, new Values(problems), names);
    return root.flatMap(declaration::read);
  }
}
