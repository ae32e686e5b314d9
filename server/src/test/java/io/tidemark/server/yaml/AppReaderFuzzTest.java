package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.DeclarationException;
import io.tidemark.app.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever the file holds, the answer is an app, or mistakes each of which has a place in the
/// file. `-Ddeclarations=` says how many, `-Dseed=` which.
class AppReaderFuzzTest {
  private static final int RUNS = Integer.getInteger("declarations", 20_000);

  /// Words that mean something to YAML or to a declaration.
  private static final String[] TOKENS = {
    "&a ",
    "*a",
    "!!int ",
    "!x ",
    "|",
    ">-",
    "'",
    "\"",
    "\\U00110000",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "? ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "\t",
    "\r",
    "\n",
    "  ",
    "null",
    "~",
    "<<: ",
    "\ufeff",
    "\u0000",
    "😀",
    "\u2028",
    "true",
    "0x1F",
    "-1",
    "99999999999999999999",
    "1e9",
    "1h30m",
    "9999999999w",
    "4TiB",
    "all",
    "count()",
    "percentile(amount, 99.999)",
    "sum(",
    "p99(amount)",
    "streams",
    "views",
    "rollup",
    "timeline",
    "by",
    "key",
    "every",
    "sets",
    "measures",
    "operations",
    "user_tags",
    "amount",
    "details",
    "started",
    "product_info",
    "schemas/broken.json",
    "../",
    "/"
  };

  @TempDir Path temp;

  @Test
  void everyFileGivesAnAppOrMistakesWithAPlace() throws IOException {
    long seed = Long.getLong("seed", 1);
    System.out.println("AppReaderFuzzTest: -Dseed=" + seed);
    var folder = new Folder(temp);
    byte[] valid = valid();
    var random = new Random(seed);
    int apps = 0;
    for (int run = 0; run < RUNS; run++) {
      byte[] mutated = valid;
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        mutated = random.nextInt(3) == 0 ? bytes(mutated, random) : structure(mutated, random);
      }
      folder.write(mutated);
      String outcome;
      try {
        Folder.reader().read(folder.path());
        apps++;
        outcome = "";
      } catch (DeclarationException e) {
        outcome = violations(e.problems(), mutated);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("-Dseed=%d, run %d:%n%s".formatted(seed, run, utf8(mutated)), e);
      }
      if (!outcome.isEmpty()) {
        throw new AssertionError(
            "-Dseed=%d, run %d: %s%n%s".formatted(seed, run, outcome, utf8(mutated)));
      }
    }
    // Else the mutations would not reach beyond the syntax.
    assertThat(apps).isBetween(RUNS / 100, RUNS / 2);
  }

  /// What is wrong with the answer; empty: nothing.
  private String violations(List<Problem> problems, byte[] file) {
    String[] lines = utf8(file).split("\r\n|\r|\n", -1);
    var wrong = new StringBuilder(problems.isEmpty() ? "no problems" : "");
    for (Problem problem : problems) {
      String message = problem.message();
      boolean isSentence =
          !message.isBlank()
              && message.length() < 1000
              && !message.endsWith(".")
              && message.chars().noneMatch(Character::isISOControl);
      boolean isInFile =
          problem.file().equals(temp + "/app.yaml")
              && problem.line() >= 1
              && problem.line() <= lines.length
              && problem.column() >= 1
              && problem.column() <= length(lines[problem.line() - 1]) + 1;
      boolean isInSchema = problem.file().equals(temp + "/schemas/broken.json");
      if (!isSentence || !(isInFile || isInSchema)) {
        wrong.append(problem).append('\n');
      }
    }
    return wrong.toString();
  }

  private static int length(String line) {
    return line.codePointCount(0, line.length());
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(byte[] file, Random random) {
    byte[] mutated = file.length == 0 ? new byte[1] : file.clone();
    int at = random.nextInt(mutated.length);
    switch (random.nextInt(3)) {
      case 0 -> mutated[at] = (byte) random.nextInt(256);
      case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
      default -> mutated = Arrays.copyOf(mutated, at);
    }
    return mutated;
  }

  private static byte[] structure(byte[] file, Random random) {
    String text = utf8(file);
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int line = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    int at = random.nextInt(text.length() + 1);
    String token = TOKENS[random.nextInt(TOKENS.length)];
    switch (random.nextInt(9)) {
      case 0 -> lines.remove(line);
      case 1 -> lines.add(line, lines.get(other));
      case 2 -> lines.set(line, lines.set(other, lines.get(line)));
      case 3 -> lines.set(line, "  " + lines.get(line));
      case 4 -> lines.set(line, lines.get(line).strip());
      case 5 -> {
        return utf8(text.substring(0, at) + token + text.substring(at));
      }
      case 6 -> {
        int end = Math.min(text.length(), at + random.nextInt(1, 20));
        return utf8(text.substring(0, at) + token + text.substring(end));
      }
      case 7 -> {
        String[] words = text.split("(?=[ ,:\\[\\]{}()\n])|(?<=[ ,:\\[\\]{}()\n])");
        words[random.nextInt(words.length)] = token;
        return utf8(String.join("", words));
      }
      default -> {
        String[] words = text.split("(?=[ ,:\\[\\]{}()\n])|(?<=[ ,:\\[\\]{}()\n])");
        words[random.nextInt(words.length)] = words[random.nextInt(words.length)];
        return utf8(String.join("", words));
      }
    }
    return utf8(String.join("\n", lines));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] valid() throws IOException {
    byte[] more =
        utf8(
            """
              # of another app
              last: { timeline: user_tags, by: "cookie", retain: 1h30m }
              numbers:
                rollup: operations
                every: 15m
                by: &dimensions
                  - type
                  - details
                sets: [*dimensions, [type]]
                measures: { n: count(), slow: 'percentile(duration_ms, 99.9)', s: >-
                    sum(amount) }
            """);
    String app = Files.readString(Path.of("../apps/allezon/app.yaml"));
    String operations =
        "  operations: { schema: schemas/operation.json, time: ts, key: [user_id], id: {field:"
            + " action_id, window: 5m}, log: {keep: 1GiB} }\n\n"
            + "views:\n";
    return utf8(
        app.replace("\nviews:\n", operations)
            .replace("\ncontracts", "\n" + utf8(more) + "\ncontracts"));
  }
}
