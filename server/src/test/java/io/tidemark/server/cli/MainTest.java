package io.tidemark.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// What is said of commands, and to whoever mistakes them: none of it starts anything.
class MainTest {
  private static final String APP = "apps/allezon";

  private record Ended(int code, String out, String err) {
    Ended expect(int wanted) {
      assertThat(code).as(out + "\n" + err).isEqualTo(wanted);
      return this;
    }
  }

  private static Ended run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ended(line.execute(arguments), out.toString(), err.toString());
  }

  @Test
  void everyCommandHasHelp() {
    List<String> names = new ArrayList<>();
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden()) {
                names.add(name);
              }
            });
    assertThat(names).contains("demo", "run", "check", "send", "import", "generate", "load");
    assertThat(run("--help").expect(0).out()).contains("Usage: ", "--help").contains(names);
    for (String name : names) {
      assertThat(run(name, "--help").expect(0).out()).contains("Usage: tidemark " + name, "--help");
    }
  }

  @Test
  void whatIsNotUnderstoodEndsWithTwo() {
    assertThat(run("rum").expect(2).err()).contains("rum");
    assertThat(run("run", APP, "--htp", "x").expect(2).err()).contains("--htp");
    assertThat(run("generate", APP, "--count", "many").expect(2).err()).contains("--count", "many");
    run("run").expect(2);
    run("send").expect(2);
  }
}
