package io.tidemark.server.yaml;

import io.tidemark.app.App;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads the whole of one `app.yaml`.
final class AppDeclaration {
  static final List<String> KEYS = List.of("app", "streams", "views", "contracts");
  private static final int MAX_CONTRACTS = 100;

  private final Path folder;
  private final Schemas schemas;
  private final Set<String> knownContracts;
  private final Values values;
  private final Problems problems;
  private final Names names;

  AppDeclaration(
      Path folder, Schemas schemas, Set<String> knownContracts, Values values, Names names) {
    this.folder = folder;
    this.schemas = schemas;
    this.knownContracts = knownContracts;
    this.values = values;
    this.problems = values.problems();
    this.names = names;
  }

  /// The app; empty after a problem was reported.
  Optional<App> read(Node root) {
    int before = problems.reported();
    Optional<Section> section = Section.read(AppReader.FILE, root, root, problems);
    if (section.isEmpty()) {
      return Optional.empty();
    }
    Section top = section.get().only(KEYS);
    String name = top.require("app", "shop").flatMap(this::name).orElse("");
    Map<String, DeclaredStream> streams =
        section("streams", top.require("streams", "{ clicks: { schema: schemas/click.json } }"))
            .map(this::streams)
            .orElse(Map.of());
    List<ViewSpec> views =
        section("views", top.get("views")).map(map -> views(map, streams)).orElse(List.of());
    List<String> contracts = top.get("contracts").map(this::contracts).orElse(List.of());
    if (problems.reported() > before) {
      return Optional.empty();
    }
    List<StreamSpec> specs =
        streams.values().stream().map(DeclaredStream::spec).flatMap(Optional::stream).toList();
    return Optional.of(new App(name, folder, specs, views, contracts));
  }

  private Optional<Section> section(String what, Optional<Node> node) {
    return node.flatMap(n -> Section.read(what, n, n, problems));
  }

  private Optional<String> name(Node node) {
    Optional<ScalarNode> scalar = values.scalar("app", node);
    if (scalar.isEmpty() || !values.name("app", scalar.get(), true)) {
      return Optional.empty();
    }
    names.app(scalar.get());
    return Optional.of(scalar.get().getValue());
  }

  private Map<String, DeclaredStream> streams(Section section) {
    Map<String, DeclaredStream> streams = new LinkedHashMap<>();
    if (section.entries().isEmpty()) {
      problems.add(section.at(), "streams: nothing in it; an app has at least one stream");
    }
    for (Section.Entry entry : section.entries()) {
      names.stream(entry.key());
      streams.put(entry.name(), StreamDeclaration.read(entry, schemas, values));
    }
    return streams;
  }

  private List<ViewSpec> views(Section section, Map<String, DeclaredStream> streams) {
    var view = new ViewDeclaration(streams, values);
    List<ViewSpec> views = new ArrayList<>();
    for (Section.Entry entry : section.entries()) {
      names.view(entry.key());
      view.read(entry).ifPresent(views::add);
    }
    return views;
  }

  private List<String> contracts(Node node) {
    Set<String> contracts = new LinkedHashSet<>();
    List<String> known = knownContracts.stream().sorted().toList();
    for (ScalarNode scalar : values.scalars("contracts", node, MAX_CONTRACTS)) {
      String name = scalar.getValue();
      if (!known.contains(name)) {
        problems.add(
            scalar, "unknown contract " + Words.quoted(name) + Words.nearestOf(name, known));
      } else if (!contracts.add(name)) {
        problems.add(scalar, "contracts: " + name + " is there twice");
      } else {
        names.contract(scalar);
      }
    }
    return List.copyOf(contracts);
  }
}
