package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.app.App;
import io.tidemark.app.DeclarationException;
import io.tidemark.app.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of folders that are not there, and of apps that do not go together.
class FolderMistakesTest {
  private static final String APP =
      """
      app: %1$s
      streams:
        %2$s: { schema: schemas/user_tag.json }
      views:
        %3$s: { timeline: %2$s, by: cookie }
      contracts: [%4$s]
      """;

  @TempDir Path temp;

  @Test
  void aMissingFolderNamesTheNearestApp() {
    app("allezon", "app: a");
    app("shop", "app: b");
    assertThat(problems("alezon"))
        .containsExactly(temp + "/alezon:1:1: no such folder; did you mean " + temp + "/allezon?");
    assertThat(problems("other"))
        .containsExactly(
            "%1$s/other:1:1: no such folder (known: %1$s/allezon, %1$s/shop)".formatted(temp));
    assertThat(problems("deep/other")).containsExactly(temp + "/deep/other:1:1: no such folder");
  }

  @Test
  void aFileIsNoFolder() {
    app("shop", "app: b");
    assertThat(problems("shop/app.yaml"))
        .containsExactly(
            "%1$s/shop/app.yaml:1:1: not a folder; name its folder, %1$s/shop".formatted(temp));
    assertThat(problems("shop/schemas/user_tag.json"))
        .containsExactly(
            temp + "/shop/schemas/user_tag.json:1:1: not a folder; an app is a folder");
  }

  @Test
  void aFolderHasAnAppYaml() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("shop"));
    assertThat(problems("shop"))
        .containsExactly(
            folder + "/app.yaml:1:1: no such file; an app is a folder with a file app.yaml");
    Files.writeString(folder.resolve("app.yml"), "app: a");
    assertThat(problems("shop"))
        .containsExactly(folder + "/app.yml:1:1: rename this file to app.yaml");
    Files.createDirectory(folder.resolve("app.yaml"));
    assertThat(problems("shop"))
        .singleElement()
        .asString()
        .startsWith(folder + "/app.yaml:1:1: cannot be read: ");
  }

  @Test
  void filesAreNamedAsTheUserNamesTheFolder() {
    app("shop", "app: b");
    Path here = Path.of("").toAbsolutePath();
    String relative = here.relativize(temp.toAbsolutePath().resolve("shop")).toString();
    DeclarationException thrown = thrown(Path.of(relative));
    assertThat(thrown.problems()).extracting(Problem::file).containsOnly(relative + "/app.yaml");
  }

  @Test
  void appsThatShareNothingRunTogether() throws DeclarationException {
    app("one", APP.formatted("one", "tags", "last", "allezon"));
    app("two", APP.formatted("two", "clicks", "newest", "shop"));
    assertThat(Folder.reader().readAll(List.of(temp.resolve("two"), temp.resolve("one"))))
        .extracting(App::name)
        .containsExactly("two", "one");
    assertThat(Folder.reader().readAll(List.of())).isEmpty();
  }

  @Test
  void whatTwoAppsDeclareIsReported() {
    app("one", APP.formatted("same", "tags", "last", "shop"));
    app("two", APP.formatted("same", "last", "newest", "shop"));
    app("zoo", APP.formatted("zoo", "tags", "newest", "allezon"));
    String end = "; apps that run together need different names";
    assertThat(problems("one", "two", "zoo"))
        .containsExactly(
            "%1$s/two/app.yaml:1:6: app \"same\" is also the name of the app in %1$s/one/app.yaml:1"
                    .formatted(temp)
                + end,
            "%1$s/two/app.yaml:3:3: stream \"last\" is also the name of the view in %1$s/one/app.yaml:5"
                    .formatted(temp)
                + end,
            "%1$s/two/app.yaml:6:13: contract \"shop\" is also the name of the contract in %1$s/one/app.yaml:6"
                    .formatted(temp)
                + end,
            "%1$s/zoo/app.yaml:3:3: stream \"tags\" is also the name of the stream in %1$s/one/app.yaml:3"
                    .formatted(temp)
                + end,
            "%1$s/zoo/app.yaml:5:3: view \"newest\" is also the name of the view in %1$s/two/app.yaml:5"
                    .formatted(temp)
                + end);
  }

  @Test
  void mistakesOfAllAppsAreReportedAtOnce() {
    app("one", APP.formatted("One", "tags", "last", "shop"));
    app("two", APP.formatted("two", "tags", "newest", "allezon"));
    assertThat(problems("one", "none", "two")).hasSize(3);
  }

  @Test
  void oneFolderIsNamedOnce() {
    app("one", APP.formatted("one", "tags", "last", "shop"));
    assertThat(problems("one", "two/../one"))
        .containsExactly(temp + "/two/../one:1:1: this app is named twice");
  }

  private void app(String name, String yaml) {
    new Folder(temp.resolve(name)).write(yaml);
  }

  private List<String> problems(String... names) {
    return thrown(Arrays.stream(names).map(temp::resolve).toArray(Path[]::new)).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  private static DeclarationException thrown(Path... folders) {
    return catchThrowableOfType(
        DeclarationException.class, () -> Folder.reader().readAll(List.of(folders)));
  }
}
