package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The reference of declarations is true: its examples are read, and its mistakes are reported as
/// it says.
class DeclarationsDocTest {
  private static final Path DOC = Path.of("../docs/reference/declarations.md");
  private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
  private static final Pattern BROKEN =
      Pattern.compile("(?ms)^```yaml broken\n(.*?)^```\n\n```text\n(.*?)^```$");

  @TempDir Path temp;

  @Test
  void everyExampleIsRight() throws IOException {
    List<String> examples = matches(EXAMPLE).stream().map(m -> m.group(1)).toList();
    assertThat(examples).hasSizeGreaterThanOrEqualTo(5);
    for (String example : examples) {
      assertThat(new Folder(temp).read(example).streams()).as(example).isNotEmpty();
    }
  }

  @Test
  void everyMistakeIsReportedAsItSays() throws IOException {
    List<MatchResult> examples = matches(BROKEN);
    assertThat(examples).hasSizeGreaterThanOrEqualTo(2);
    for (MatchResult example : examples) {
      List<String> problems =
          new Folder(temp)
              .write(example.group(1)).shortProblems().stream().map(p -> "app.yaml:" + p).toList();
      assertThat(String.join("\n", problems) + "\n").isEqualTo(example.group(2));
    }
  }

  @Test
  void everyBlockOfYamlIsRunByThisTest() throws IOException {
    long blocks = Files.readString(DOC).lines().filter(line -> line.startsWith("```yaml")).count();
    assertThat(matches(EXAMPLE).size() + matches(BROKEN).size()).isEqualTo((int) blocks);
  }

  @Test
  void everyKeyIsInATableAndEveryBoundIsTold() throws IOException {
    String doc = Files.readString(DOC);
    for (List<String> keys :
        List.of(
            AppDeclaration.KEYS,
            StreamDeclaration.KEYS.stream().map(k -> k.equals("log") ? "log.keep" : k).toList(),
            TimelineDeclaration.KEYS,
            RollupDeclaration.KEYS)) {
      assertThat(keys).allSatisfy(key -> assertThat(doc).contains("\n| `" + key + "` |"));
    }
    assertThat(MeasureFunction.names())
        .allSatisfy(name -> assertThat(doc).contains("`" + name + "("));
    assertThat(doc)
        .contains(
            "| 1 to " + StreamSpec.MAX_PARTITIONS + " | " + StreamSpec.DEFAULT_PARTITIONS + " |")
        .contains("| 1 to " + TimelineSpec.MAX_KEEP + " | " + TimelineSpec.DEFAULT_KEEP + " |")
        .contains("list of at most " + RollupSpec.MAX_DIMENSIONS)
        .contains("list of at most " + StreamDeclaration.MAX_KEY_FIELDS)
        .contains("1 to " + Measures.MAX + "; no name")
        .contains("At most `" + Durations.format(Values.MAX_DURATION) + "`")
        .contains(
            "`%s` to `%s` | `%s`"
                .formatted(
                    Sizes.format(StreamDeclaration.MIN_LOG_KEEP),
                    Sizes.format(StreamDeclaration.MAX_LOG_KEEP),
                    Sizes.format(StreamSpec.DEFAULT_LOG_KEEP_BYTES)))
        .contains("at most 1 MiB, nested at most " + GuardedParser.MAX_DEPTH)
        .contains("(at most " + GuardedParser.MAX_ALIASES + ")");
  }

  private static List<MatchResult> matches(Pattern pattern) throws IOException {
    return pattern.matcher(Files.readString(DOC)).results().toList();
  }
}
