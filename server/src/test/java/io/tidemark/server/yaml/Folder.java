package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.app.App;
import io.tidemark.app.DeclarationException;
import io.tidemark.app.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An app's folder in a test.
final class Folder {
  /// In a declaration: a mistake is reported here.
  static final char MARK = '▸';

  private final Path path;

  Folder(Path path) {
    this.path = path;
    try {
      Files.createDirectories(path.resolve("schemas"));
      for (String schema : List.of("user_tag", "operation", "broken")) {
        Files.writeString(path.resolve("schemas/" + schema + ".json"), "{}");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static AppReader reader() {
    return new AppReader(new FakeSchemas(), Set.of("allezon", "shop"));
  }

  Path path() {
    return path;
  }

  Folder write(byte[] yaml) {
    try {
      // A new file each time: some file systems sync a file that is truncated and written again.
      Files.deleteIfExists(path.resolve(AppReader.FILE));
      Files.write(path.resolve(AppReader.FILE), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Folder write(String yaml) {
    return write(yaml.getBytes(StandardCharsets.UTF_8));
  }

  App read(String yaml) {
    try {
      return reader().read(write(yaml).path);
    } catch (DeclarationException e) {
      throw new AssertionError(e);
    }
  }

  /// All mistakes of what is in the folder.
  List<Problem> problems() {
    return catchThrowableOfType(DeclarationException.class, () -> reader().read(path)).problems();
  }

  /// The mistakes without the file: `line:column: message`.
  List<String> shortProblems() {
    return problems().stream().map(p -> p.line() + ":" + p.column() + ": " + p.message()).toList();
  }

  /// Asserts that a declaration has exactly these mistakes.
  ///
  /// @param marked the declaration, with a [#MARK] where each mistake is reported
  void says(String marked, String... messages) {
    List<String> expected = new ArrayList<>();
    int line = 1;
    int column = 1;
    for (int c : marked.codePoints().toArray()) {
      if (c == MARK) {
        assertThat(messages).as("a message for each mark").hasSizeGreaterThan(expected.size());
        expected.add(line + ":" + column + ": " + messages[expected.size()]);
      } else {
        line += c == '\n' ? 1 : 0;
        column = c == '\n' ? 1 : column + 1;
      }
    }
    assertThat(expected).as("a mark for each message").hasSameSizeAs(messages);
    write(marked.replace(String.valueOf(MARK), ""));
    assertThat(shortProblems()).containsExactlyElementsOf(expected);
  }
}
