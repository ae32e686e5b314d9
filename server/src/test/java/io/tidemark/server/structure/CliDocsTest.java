package io.tidemark.server.structure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.cli.Main;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The reference of the command line names the commands and options that there are, and no others.
class CliDocsTest {
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
  private static final Pattern COMMAND_HEADING = Pattern.compile("tidemark [a-z-]+");

  private final Markdown reference = Markdown.read("docs/reference/cli.md");
  private final CommandLine tidemark = new CommandLine(new Main());

  @Test
  void everyCommandHasASection() {
    Set<String> commands = new TreeSet<>();
    tidemark
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden()) {
                commands.add("tidemark " + name);
              }
            });
    assertThat(reference.headings().stream().filter(h -> COMMAND_HEADING.matcher(h).matches()))
        .containsExactlyInAnyOrderElementsOf(commands);
  }

  @Test
  void everySectionNamesTheOptionsAndParametersOfItsCommand() {
    for (Map.Entry<String, CommandLine> entry : tidemark.getSubcommands().entrySet()) {
      CommandSpec spec = entry.getValue().getCommandSpec();
      if (spec.usageMessage().hidden()) {
        continue;
      }
      String section = reference.section("tidemark " + entry.getKey());
      Set<String> named = new TreeSet<>();
      for (String row : section.lines().filter(l -> l.startsWith("| `--")).toList()) {
        OPTION.matcher(row.split("\\|", 3)[1]).results().forEach(m -> named.add(m.group()));
      }
      Set<String> there = new TreeSet<>();
      for (OptionSpec option : spec.options()) {
        if (!option.hidden() && !option.usageHelp() && !option.versionHelp()) {
          there.addAll(List.of(option.names()));
        }
      }
      assertThat(named).as("options of " + entry.getKey()).isEqualTo(there);
      spec.positionalParameters()
          .forEach(p -> assertThat(section).as(entry.getKey()).contains(p.paramLabel()));
      for (OptionSpec option : spec.options()) {
        String value = option.defaultValue();
        if (value != null && there.contains(option.longestName())) {
          assertThat(
                  section.lines().filter(l -> l.startsWith("| `" + option.longestName())).toList())
              .as("the default of " + option.longestName())
              .allSatisfy(row -> assertThat(row).contains("`" + value + "`"));
        }
      }
    }
  }

  @Test
  void noOtherDocumentNamesAnOptionThatIsNotThere() {
    Set<String> there = new TreeSet<>();
    tidemark
        .getSubcommands()
        .values()
        .forEach(c -> c.getCommandSpec().options().forEach(o -> there.addAll(List.of(o.names()))));
    for (String document : List.of("README.md", "docs/operations.md", "docs/tutorial.md")) {
      Markdown.read(document)
          .text()
          .lines()
          .filter(line -> line.contains("tidemark "))
          .forEach(
              line ->
                  OPTION
                      .matcher(line)
                      .results()
                      .forEach(
                          m -> assertThat(there).as(document + ": " + line).contains(m.group())));
    }
  }
}
