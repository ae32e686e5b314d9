package io.tidemark.server.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// How sources look: what is not to be written, and what to write instead.
class TidyTest {
  /// A file beyond it has a second idea in it.
  private static final int MAX_LINES = 400;

  /// Files that people write and read.
  private static final Set<String> TEXTS =
      Set.of(
          "java",
          "md",
          "xml",
          "yaml",
          "yml",
          "json",
          "sh",
          "svg",
          "txt",
          "properties",
          "js",
          "css",
          "html");

  /// A rule about code, comments and quoted text aside.
  ///
  /// @param where which sources it is about
  /// @param instead what to do instead, as a half sentence
  private record Ban(Pattern pattern, Predicate<JavaSource> where, String instead) {
    Ban(String pattern, Predicate<JavaSource> where, String instead) {
      this(Pattern.compile(pattern), where, instead);
    }
  }

  private static final List<Ban> BANS =
      List.of(
          new Ban(
              "\\bThread\\s*\\.\\s*sleep\\b",
              TidyTest::anywhere,
              "wait for what is to happen, with a deadline"),
          new Ban(
              "\\bTimeUnit\\.\\w+\\.sleep\\b",
              TidyTest::isCore,
              "wait for what is to happen, with a deadline"),
          new Ban(
              "\\bSystem\\.(out|err)\\b",
              s -> isShipped(s) && !s.packageName().equals("io.tidemark.server.cli"),
              "log it, or give it to a command to print"),
          new Ban(
              "\\.printStackTrace\\b",
              s -> !s.file().endsWith("/server/cli/Main.java"),
              "log the exception, or throw it"),
          new Ban(
              "@Disabled\\b|\\bassum(e|ing)(That|True|False|No)\\w*",
              TidyTest::anywhere,
              "let what is missing fail the test"),
          new Ban(
              "\\b(Instant|LocalDate|LocalDateTime|ZonedDateTime|OffsetDateTime)\\.now\\b"
                  + "|\\bClock\\.system|\\bSystem\\.(currentTimeMillis|nanoTime)\\b",
              TidyTest::isCore,
              "take the time as an argument"),
          new Ban(
              "\\bMath\\.random\\b|\\bnew\\s+([\\w.]+\\.)?(Secure|Splittable)?Random\\(|\\bThreadLocalRandom\\b"
                  + "|\\bUUID\\.randomUUID\\b",
              TidyTest::isToldWhatIsRandom,
              "take what is random as an argument"),
          new Ban(
              "\\bnew\\s+(java\\.lang\\.)?Thread\\(|\\bThread\\.(of|start)|\\bExecutors\\.|\\bCompletableFuture\\.\\w*Async",
              TidyTest::isCore,
              "let the caller own the thread"),
          new Ban(
              "(?m)^import (static )?[\\w.]+\\.\\*;", TidyTest::anywhere, "import what is used"));

  @Test
  void nothingIsWrittenForWhichThereIsSomethingBetter() {
    List<String> wrong = new ArrayList<>();
    for (JavaSource source : Project.allSources()) {
      String code = source.code();
      for (Ban ban : BANS) {
        if (ban.where().test(source)) {
          Matcher matcher = ban.pattern().matcher(code);
          while (matcher.find()) {
            wrong.add(
                "%s:%d: %s: %s"
                    .formatted(
                        source.file(),
                        JavaSource.lineOf(code, matcher.start()),
                        matcher.group().strip(),
                        ban.instead()));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    assertThat(find("\\b([T]ODO|[F]IXME|[X]XX)\\b", "do it, or write an issue")).isEmpty();
  }

  @Test
  void noTextKnowsTheMachineItWasWrittenOn() {
    assertThat(
            find(
                "(?<![\\w.*/-])/(work|root|home/\\w+|Users/\\w+)(/\\w|[\"'`\\s]|$)",
                "write the path from the project's root"))
        .isEmpty();
    assertThat(
            find(
                "\\b(repo1?|central|oss)\\.(maven|sonatype)\\b|\\bregistry\\.npmjs|\\bfiles\\.pythonhosted"
                    + "|\\b(artifactory|nexus)[.\\w-]*/|\\bproxy\\.golang",
                "leave the registry to the machine's settings"))
        .isEmpty();
  }

  @Test
  void textsHaveSpacesAndEndWithALine() {
    List<String> wrong = new ArrayList<>();
    for (Path file : texts()) {
      String text = Project.read(file);
      String name = Project.relative(file);
      int tab = text.indexOf('\t');
      if (tab >= 0) {
        wrong.add(name + ":" + JavaSource.lineOf(text, tab) + ": a tab; use spaces, or \\t");
      }
      if (!text.isEmpty() && !text.endsWith("\n")) {
        wrong.add(name + ": the last line has no end");
      }
      if (text.indexOf('\r') >= 0) {
        wrong.add(name + ": a carriage return");
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void filesAreSmall() {
    List<String> large =
        Project.mainSources().stream()
            .filter(s -> s.text().lines().count() >= MAX_LINES)
            .map(
                s ->
                    "%s has %d lines; find the second idea in it"
                        .formatted(s.file(), s.text().lines().count()))
            .toList();
    assertThat(large).isEmpty();
  }

  private static List<String> find(String regex, String instead) {
    Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
    List<String> found = new ArrayList<>();
    for (Path file : texts()) {
      String text = Project.read(file);
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        found.add(
            "%s:%d: %s: %s"
                .formatted(
                    Project.relative(file),
                    JavaSource.lineOf(text, matcher.start()),
                    matcher.group().strip(),
                    instead));
      }
    }
    return found;
  }

  private static List<Path> texts() {
    List<Path> texts =
        Project.files(Project.ROOT).stream()
            .filter(
                f -> {
                  String name = Project.relative(f);
                  String end = name.substring(name.lastIndexOf('.') + 1);
                  return TEXTS.contains(end) || name.equals("tidemark") || name.equals(".ci/run");
                })
            .toList();
    assertThat(texts).hasSizeGreaterThan(100);
    return texts;
  }

  private static boolean anywhere(JavaSource source) {
    return true;
  }

  /// A dictionary's hashes are nobody's business, least of all those of who sends its values.
  private static boolean isToldWhatIsRandom(JavaSource source) {
    return isCore(source) && !source.file().toString().endsWith("table/Dictionary.java");
  }

  private static boolean isCore(JavaSource source) {
    return source.module().equals("core") && !isTest(source);
  }

  private static boolean isShipped(JavaSource source) {
    return Set.of("core", "server").contains(source.module()) && !isTest(source);
  }

  private static boolean isTest(JavaSource source) {
    return source.file().contains("/src/test/");
  }
}
