package io.tidemark.server.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Which package may know which. `core` knows only the JDK; adapters do not know one another; only
/// the composition root knows more than one.
class LayeringTest {
  private static final String OURS = "io.tidemark.";
  private static final String SERVER = "io.tidemark.server.";

  /// For each package of the server, the other ones that it may use. A new package gets a line
  /// here, and a technology that it alone may use below.
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          // Adapters: one technology each, and none of the others.
          Map.entry("kafka", Set.of()),
          Map.entry("streams", Set.of()),
          Map.entry("duckdb", Set.of("background")),
          Map.entry("sql", Set.of("duckdb")),
          Map.entry("rocksdb", Set.of("background")),
          Map.entry("s3", Set.of()),
          Map.entry("iceberg", Set.of()),
          Map.entry("json", Set.of()),
          Map.entry("yaml", Set.of()),
          Map.entry("imports", Set.of()),
          Map.entry("exports", Set.of()),
          // What adapters may share.
          Map.entry("background", Set.of()),
          // The API, its client, and what apps bring.
          Map.entry("http", Set.of()),
          Map.entry("client", Set.of()),
          Map.entry("generate", Set.of("client")),
          Map.entry("allezon", Set.of("http", "client", "generate")),
          Map.entry("registry", Set.of("http", "json")),
          // The composition root, and the commands on top of it.
          Map.entry(
              "node",
              Set.of(
                  "kafka",
                  "streams",
                  "duckdb",
                  "sql",
                  "rocksdb",
                  "s3",
                  "iceberg",
                  "json",
                  "yaml",
                  "registry",
                  "http",
                  "generate",
                  "allezon")),
          Map.entry("cli", Set.of("node", "client", "generate", "imports", "exports")));

  /// The packages that may use a library, by the beginning of its packages' names.
  private static final Map<String, Set<String>> LIBRARIES =
      Map.ofEntries(
          Map.entry("org.apache.kafka.", Set.of("kafka", "streams")),
          Map.entry("kafka.", Set.of("kafka")),
          Map.entry("org.duckdb.", Set.of("duckdb", "imports", "sql")),
          Map.entry("java.sql.", Set.of("duckdb", "imports", "exports", "sql")),
          Map.entry("org.apache.arrow.", Set.of("sql")),
          Map.entry("org.apache.parquet.", Set.of("duckdb")),
          Map.entry("net.jpountz.", Set.of("duckdb")),
          Map.entry("org.rocksdb.", Set.of("rocksdb")),
          Map.entry("software.amazon.", Set.of("s3")),
          Map.entry("org.apache.iceberg.", Set.of("iceberg")),
          Map.entry("com.networknt.", Set.of("json")),
          Map.entry("org.snakeyaml.", Set.of("yaml")),
          Map.entry("io.helidon.", Set.of("http", "client", "allezon", "registry", "node")),
          Map.entry("org.apache.avro.", Set.of("registry")),
          Map.entry("io.micrometer.", Set.of("node")),
          Map.entry("picocli.", Set.of("cli")),
          Map.entry("ch.qos.logback.", Set.of("cli")),
          Map.entry("org.HdrHistogram.", Set.of("generate")));

  @Test
  void coreKnowsOnlyTheJdk() {
    List<String> wrong = new ArrayList<>();
    for (JavaSource source : main("core")) {
      for (JavaSource.Use use : source.uses()) {
        String name = use.packageName() + ".";
        boolean fine =
            name.startsWith("java.")
                || name.startsWith("org.jspecify.")
                || (name.startsWith(OURS) && !name.startsWith(SERVER));
        if (!fine) {
          wrong.add(at(source, use) + " uses " + use.name() + "; declare a port instead");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void packagesOfTheCoreHaveNoCycle() {
    assertThat(cycle(graph(main("core")))).isEmpty();
  }

  @Test
  void packagesOfTheServerHaveNoCycle() {
    assertThat(cycle(graph(main("server")))).isEmpty();
  }

  @Test
  void packagesOfTheServerUseOnlyWhatTheyMay() {
    List<String> wrong = new ArrayList<>();
    for (JavaSource source : main("server")) {
      String own = ownName(source);
      Set<String> may = MAY_USE.get(own);
      if (may == null) {
        wrong.add(source.file() + ": package " + own + " has no line in LayeringTest.MAY_USE");
        continue;
      }
      for (JavaSource.Use use : source.uses()) {
        if (use.packageName().startsWith(SERVER)) {
          String other = first(use.packageName());
          if (!other.equals(own) && !may.contains(other)) {
            wrong.add(
                "%s: %s may not use %s, but uses %s; let node join the two"
                    .formatted(at(source, use), own, other, use.name()));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void librariesAreUsedByTheirPackagesOnly() {
    List<String> wrong = new ArrayList<>();
    for (JavaSource source : main("server")) {
      for (JavaSource.Use use : source.uses()) {
        LIBRARIES.forEach(
            (library, packages) -> {
              if ((use.packageName() + ".").startsWith(library)
                  && !packages.contains(ownName(source))) {
                wrong.add(
                    "%s uses %s; only %s may"
                        .formatted(at(source, use), use.name(), String.join(", ", packages)));
              }
            });
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() {
    Map<String, JavaSource> infos = new TreeMap<>();
    Set<String> packages = new TreeSet<>();
    for (JavaSource source : Project.allSources()) {
      String id = source.file().substring(0, source.file().lastIndexOf('/'));
      packages.add(source.packageName());
      if (source.fileName().equals("package-info.java")) {
        infos.put(source.packageName(), source);
        assertThat(source.text()).as(id).contains("@NullMarked\npackage ");
        if (id.contains("/src/main/")) {
          assertThat(source.text()).as(id).startsWith("/// ");
        }
      }
    }
    assertThat(packages).isNotEmpty();
    assertThat(infos.keySet())
        .as("a package-info.java for every package")
        .containsExactlyInAnyOrderElementsOf(packages);
  }

  private static List<JavaSource> main(String module) {
    List<JavaSource> sources =
        Project.mainSources().stream().filter(s -> s.module().equals(module)).toList();
    assertThat(sources).as("sources of " + module).isNotEmpty();
    return sources;
  }

  private static String ownName(JavaSource source) {
    return first(source.packageName());
  }

  /// `http` of `io.tidemark.server.http.anything`.
  private static String first(String packageName) {
    return packageName.substring(SERVER.length()).split("\\.", 2)[0];
  }

  private static String at(JavaSource source, JavaSource.Use use) {
    return source.file() + ":" + use.line();
  }

  /// Which package uses which of ours.
  private static Map<String, Set<String>> graph(List<JavaSource> sources) {
    Map<String, Set<String>> graph = new TreeMap<>();
    sources.forEach(s -> graph.put(s.packageName(), new TreeSet<>()));
    for (JavaSource source : sources) {
      for (JavaSource.Use use : source.uses()) {
        if (graph.containsKey(use.packageName())
            && !use.packageName().equals(source.packageName())) {
          graph.computeIfAbsent(source.packageName(), _ -> new TreeSet<>()).add(use.packageName());
        }
      }
    }
    return graph;
  }

  /// A cycle, its first package again at its end; empty where there is none.
  private static List<String> cycle(Map<String, Set<String>> graph) {
    Set<String> done = new HashSet<>();
    for (String start : graph.keySet()) {
      List<String> cycle = cycleFrom(start, graph, new ArrayDeque<>(), done);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    return List.of();
  }

  private static List<String> cycleFrom(
      String at, Map<String, Set<String>> graph, Deque<String> path, Set<String> done) {
    if (path.contains(at)) {
      List<String> cycle = new ArrayList<>(path);
      cycle = new ArrayList<>(cycle.subList(cycle.indexOf(at), cycle.size()));
      cycle.add(at);
      return cycle;
    }
    if (!done.add(at)) {
      return List.of();
    }
    path.addLast(at);
    for (String next : graph.getOrDefault(at, Set.of())) {
      List<String> cycle = cycleFrom(next, graph, path, done);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    path.removeLast();
    return List.of();
  }
}
