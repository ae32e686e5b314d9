package io.tidemark.server.node;

import io.tidemark.app.App;
import io.tidemark.app.DeclarationException;
import io.tidemark.server.allezon.AllezonRoutes;
import io.tidemark.server.allezon.AllezonTools;
import io.tidemark.server.generate.AppTools;
import io.tidemark.server.json.JsonSchemaReader;
import io.tidemark.server.yaml.AppReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The apps: what is declared in folders, and what some of them bring besides.
public final class Apps {
  /// What apps bring, by the name of the app.
  private static final Map<String, AppTools> TOOLS = Map.of("allezon", new AllezonTools());

  private Apps() {}

  /// Reads the declarations of apps that are to run together.
  public static List<App> read(List<Path> folders) throws DeclarationException {
    return new AppReader(new JsonSchemaReader(), Set.of(AllezonRoutes.CONTRACT)).readAll(folders);
  }

  /// The generator and load of the app in a folder.
  ///
  /// @throws java.io.IOException where it has none
  public static AppTools tools(Path folder) throws DeclarationException, java.io.IOException {
    String name = read(List.of(folder)).getFirst().name();
    AppTools tools = TOOLS.get(name);
    if (tools == null) {
      throw new java.io.IOException(
          "app %s has no generator; there are some for %s"
              .formatted(name, String.join(", ", TOOLS.keySet())));
    }
    return tools;
  }

  /// Where Tidemark is installed, with the shipped apps.
  public static Path home() {
    return Path.of(System.getProperty("tidemark.home", "."));
  }
}
