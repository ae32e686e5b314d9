package io.tidemark.server.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/// What the documents say is there is there, as far as names go.
class DocsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// What a block may be. Commands in `sh` are run against a demo node; `console` and `text` are
  /// shown only.
  private static final Set<String> LANGUAGES =
      Set.of("sh", "console", "text", "json", "yaml", "yaml broken", "java");

  /// Documents that name our types.
  private static final List<String> NAMING =
      List.of("ARCHITECTURE.md", "CONTRIBUTING.md", "docs/rationale.md");

  private static final Pattern TYPE =
      Pattern.compile(
          "(?:(io\\.tidemark[\\w.]*)\\.)?([A-Z][a-z0-9]+[A-Z]\\w*|[A-Z][a-z0-9]{2,})(?:[.#]\\w+)*");
  private static final String REGISTRY =
      "server/src/main/java/io/tidemark/server/registry/RegistryRoutes.java";

  private static final Pattern PACKAGE = Pattern.compile("io\\.tidemark(\\.[a-z]+)*");
  private static final Pattern FILE =
      Pattern.compile(
          "(?:core|server|bench|testing-s3|testing-readers|docs|apps|build|deploy)/[\\w./-]+");

  @Test
  void linksLeadSomewhere() {
    List<String> broken = new ArrayList<>();
    for (Path file : Project.documents()) {
      for (String link : Markdown.read(file).links()) {
        if (!link.matches("[a-z]+:.*")) {
          int hash = link.indexOf('#');
          String path = hash < 0 ? link : link.substring(0, hash);
          Path target = path.isEmpty() ? file : file.resolveSibling(path).normalize();
          if (!Files.exists(target)) {
            broken.add(Project.relative(file) + ": " + link + ": there is no such file");
          } else if (hash >= 0
              && !Markdown.read(target).anchors().contains(link.substring(hash + 1))) {
            broken.add(Project.relative(file) + ": " + link + ": there is no such heading");
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void blocksSayWhatTheyAreAndCanBeRead() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Project.documents()) {
      for (Markdown.Block block : Markdown.read(file).blocks()) {
        String problem = problem(block);
        if (!problem.isEmpty()) {
          wrong.add(Project.relative(file) + ":" + block.line() + ": " + problem);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static String problem(Markdown.Block block) {
    if (!LANGUAGES.contains(block.language())) {
      return "\"%s\" is none of %s".formatted(block.language(), new TreeSet<>(LANGUAGES));
    }
    try {
      switch (block.language()) {
        case "json" -> MAPPER.readTree(block.content());
        case "yaml" -> new Load(LoadSettings.builder().build()).loadFromString(block.content());
        case "sh" -> {
          boolean elsewhere =
              Pattern.compile("(curl|--to|--node)\\b.*https?://(?!127\\.0\\.0\\.1:8080)")
                  .matcher(block.content())
                  .find();
          return elsewhere ? "a command that is run has only http://127.0.0.1:8080" : "";
        }
        default -> {}
      }
    } catch (JacksonException | YamlEngineException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  @Test
  void typesPackagesAndFilesThatAreNamedExist() {
    List<JavaSource> sources = Project.allSources();
    Set<String> types = new HashSet<>();
    sources.forEach(s -> types.addAll(s.types()));
    Set<String> packages =
        sources.stream().map(JavaSource::packageName).collect(Collectors.toSet());
    Set<String> qualified = new HashSet<>();
    sources.forEach(s -> s.types().forEach(t -> qualified.add(s.packageName() + "." + t)));
    Set<String> artifacts = new HashSet<>(artifacts("core"));
    artifacts.addAll(artifacts("server"));
    List<String> missing = new ArrayList<>();
    for (String document : NAMING) {
      for (String code : Markdown.read(document).codes()) {
        if (artifacts.contains(code)) {
          continue;
        }
        var type = TYPE.matcher(code);
        boolean there =
            type.matches()
                ? type.group(1) == null
                    ? types.contains(type.group(2))
                    : qualified.contains(type.group(1) + "." + type.group(2))
                : PACKAGE.matcher(code).matches()
                    ? packages.stream().anyMatch(p -> p.equals(code) || p.startsWith(code + "."))
                    : !FILE.matcher(code).matches() || Files.exists(Project.ROOT.resolve(code));
        if (!there) {
          missing.add(document + ": `" + code + "`");
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyPackageOfTheCoreAndTheServerIsInTheArchitecture() {
    String architecture = Markdown.read("ARCHITECTURE.md").text();
    Set<String> names =
        Project.mainSources().stream()
            .filter(s -> Set.of("core", "server").contains(s.module()))
            .map(s -> s.packageName().replaceFirst("^io\\.tidemark\\.(server\\.)?", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names).allSatisfy(name -> assertThat(architecture).contains("`" + name + "`"));
  }

  @Test
  void everyDependencyHasAReason() {
    String reasons = Markdown.read("ARCHITECTURE.md").section("Dependencies");
    for (String module : List.of("core", "server")) {
      assertThat(artifacts(module))
          .filteredOn(a -> !a.startsWith("tidemark-"))
          .allSatisfy(a -> assertThat(reasons).contains("`" + a + "`"));
    }
  }

  /// What a module depends on.
  private static List<String> artifacts(String module) {
    String pom = Project.read(Project.ROOT.resolve(module).resolve("pom.xml"));
    return groups(
        pom.replaceAll("(?s)<exclusions>.*?</exclusions>|<build>.*</build>", ""),
        "<dependency>(?:(?!</dependency>).)*?<artifactId>([^<]+)<");
  }

  @Test
  void theApiIsDescribedAsItIsServed() {
    Map<?, ?> document = openApi();
    Set<String> described = new TreeSet<>();
    map(document, "paths")
        .forEach(
            (path, operations) ->
                ((Map<?, ?>) operations)
                    .keySet()
                    .forEach(
                        method ->
                            described.add(
                                method.toString().toUpperCase(java.util.Locale.ROOT)
                                    + " "
                                    + path)));
    Set<String> served = new TreeSet<>();
    for (String code : codeOf("io.tidemark.server")) {
      Pattern.compile("new Endpoint\\(\\s*\"(GET|POST|PUT|DELETE)\",\\s*\"([^\"]+)\"")
          .matcher(code)
          .results()
          .forEach(m -> served.add(m.group(1) + " " + m.group(2)));
    }
    assertThat(described).as("openapi.json").isEqualTo(served);
    List<String> headings = Markdown.read("docs/reference/api.md").headings();
    assertThat(
            headings.stream()
                .map(h -> h.replace("`", ""))
                .filter(h -> h.matches("(GET|POST|PUT|DELETE) /.*")))
        .as("docs/reference/api.md")
        .containsExactlyInAnyOrderElementsOf(served);
  }

  @Test
  void theCallsOfTheRegistryAreThoseThatAreServed() {
    String served = Project.read(Project.ROOT.resolve(REGISTRY));
    String described = Project.read(Project.ROOT.resolve("docs/reference/schemas.md"));
    assertThat(pairs(described, "\\| `(GET|POST|PUT|DELETE) (/[^`]+)` \\|"))
        .isNotEmpty()
        .isEqualTo(pairs(served, "on\\(\"(GET|POST|PUT|DELETE)\", \"([^\"]+)\""));
  }

  private static Set<String> pairs(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(m -> m.group(1) + " " + m.group(2))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyReferenceInTheApiResolves() {
    String text = Project.read(openApiFile());
    Map<?, ?> components = map(openApi(), "components");
    List<String> references = groups(text, "\"\\$ref\": *\"#/components/([^\"]+)\"");
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      String[] parts = reference.split("/", -1);
      assertThat(map(components, parts[0]).containsKey(parts[1])).as(reference).isTrue();
    }
    assertThat(text).doesNotContain("\"$ref\": \"http").doesNotContain("x-example");
  }

  @Test
  void theUserTagOfTheApiIsThatOfTheApp() {
    Map<?, ?> inApi = map(map(map(openApi(), "components"), "schemas"), "UserTag");
    Map<String, Object> inApp = new TreeMap<>();
    ((Map<?, ?>)
            MAPPER.readValue(
                Project.read(Project.ROOT.resolve("apps/allezon/schemas/user_tag.json")),
                Map.class))
        .forEach((key, value) -> inApp.put(key.toString(), value));
    inApp.remove("$schema");
    assertThat(new TreeMap<Object, Object>(inApi)).isEqualTo(inApp);
  }

  @Test
  void everyProblemAndEveryReasonIsDescribed() {
    Set<String> problems = new TreeSet<>();
    for (String code : codeOf("io.tidemark.server")) {
      problems.addAll(groups(code, "new Problem\\(\\s*[\\w.()]+,\\s*\"([a-z-]+)\""));
    }
    // Between nodes only.
    problems.remove("not-a-question");
    Map<?, ?> schemas = map(map(openApi(), "components"), "schemas");
    Set<String> typed = new TreeSet<>();
    for (Object type : list(map(map(schemas, "Problem"), "properties"), "type", "enum")) {
      typed.add(type.toString().replace("urn:tidemark:", ""));
    }
    assertThat(typed).as("openapi.json").isEqualTo(problems);
    Set<String> reasons = new TreeSet<>();
    String refusal =
        code("io.tidemark.ingest", "Refusal.java")
            .replaceAll("(?s).*?enum Reason \\{", "")
            .replaceAll("(?s)\\}.*", "");
    for (String name : groups(refusal, "\\b([A-Z][A-Z_]+)\\b")) {
      reasons.add(name.toLowerCase(java.util.Locale.ROOT));
    }
    Set<String> listed = new TreeSet<>();
    list(schemas, "Reason", "enum").forEach(r -> listed.add(r.toString()));
    assertThat(listed).as("openapi.json").isEqualTo(reasons);
    String api = Markdown.read("docs/reference/api.md").text();
    assertThat(problems).allSatisfy(p -> assertThat(api).contains("| `" + p + "` |"));
    assertThat(reasons).allSatisfy(r -> assertThat(api).contains("| `" + r + "` |"));
  }

  @Test
  void everyMetricIsDescribedAndEveryOneThatIsDescribedExists() {
    Set<String> kept = new TreeSet<>();
    for (String code : codeOf("io.tidemark.server.node")) {
      kept.addAll(groups(code, "\"(tidemark_[a-z0-9_]+)\""));
    }
    Set<String> described = new TreeSet<>();
    for (String code : Markdown.read("docs/operations.md").codes()) {
      if (code.startsWith("tidemark_")) {
        described.add(
            code.replaceAll("\\{.*", "").replaceAll("_(seconds|total|bucket|sum|count|max)$", ""));
      }
    }
    assertThat(described).as("docs/operations.md").isEqualTo(kept);
  }

  private static List<String> groups(String text, String regex) {
    return Pattern.compile(regex, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  /// The sources of a package and those below it, without comments.
  private static List<String> codeOf(String packageName) {
    return Project.mainSources().stream()
        .filter(s -> (s.packageName() + ".").startsWith(packageName + "."))
        .map(JavaSource::codeWithStrings)
        .toList();
  }

  private static String code(String packageName, String fileName) {
    return Project.mainSources().stream()
        .filter(s -> s.packageName().equals(packageName) && s.fileName().equals(fileName))
        .map(JavaSource::codeWithStrings)
        .findFirst()
        .orElseThrow();
  }

  private static Path openApiFile() {
    return Project.ROOT.resolve("server/src/main/resources/openapi.json");
  }

  private static Map<?, ?> openApi() {
    return MAPPER.readValue(Project.read(openApiFile()), Map.class);
  }

  private static Map<?, ?> map(Map<?, ?> parent, String key) {
    if (parent.get(key) instanceof Map<?, ?> child) {
      return child;
    }
    throw new IllegalStateException("no object " + key);
  }

  private static List<?> list(Map<?, ?> parent, String key, String listKey) {
    if (map(parent, key).get(listKey) instanceof List<?> list) {
      return list;
    }
    throw new IllegalStateException("no list " + key + "/" + listKey);
  }
}
