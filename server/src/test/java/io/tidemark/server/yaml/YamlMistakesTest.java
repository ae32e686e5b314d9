package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of a file that is not YAML, or not of the wanted shape.
class YamlMistakesTest {
  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void makeFolder() {
    folder = new Folder(temp);
  }

  @Test
  void aSyntaxErrorHasItsPlaceAndAdvice() {
    folder.says(
        """
        app: a
        streams: [▸
        """
            .stripTrailing(),
        "not YAML: while parsing a flow node: expected the node content, but found '<stream end>';"
            + " close what was opened with [ or {");
    folder.says(
        """
        app: a
        note: this▸: that
        """,
        "not YAML: mapping values are not allowed here; keys of one map start in the same column,"
            + " and a text with \": \" in it needs quotes");
    folder.says(
        """
        app: a
        streams:
        ▸\ttags: {}
        """,
        "not YAML: while scanning for the next token: found character '\\t(TAB)' that cannot start"
            + " any token. (Do not use \\t(TAB) for indentation); indent with spaces");
    folder.says(
        """
        app: a
        streams:
            one: {}
          ▸two: {}
        """,
        "not YAML: while parsing a block mapping: expected <block end>, but found '<block mapping"
            + " start>'; keys of one map start in the same column");
    folder.says(
        "app: ▸*name\n",
        "not YAML: found undefined alias name; an alias *name needs an anchor &name before it");
  }

  @Test
  void aSecondDocumentIsRefused() {
    folder.says(
        """
        app: a
        ▸---
        app: b
        """,
        "not YAML: expected a single document in the stream: but found another document; one file"
            + " holds one app; take out the line ---");
  }

  @Test
  void aKeyIsThereOnce() {
    folder.says(
        """
        app: a
        streams: { tags: { schema: schemas/user_tag.json } }
        ▸app: b
        """,
        "key \"app\" is there twice in app.yaml; the first is in line 1");
  }

  @Test
  void whatIsNotAMapSaysWhatItIs() {
    folder.says("▸- app: a\n", "app.yaml: a map of keys is wanted here, not a list");
    folder.says("▸shop\n", "app.yaml: a map of keys is wanted here, not \"shop\"");
    folder.says(
        """
        app: ▸[a]
        streams:
          ▸- tags
        views: ▸x
        """,
        "app: a single value is wanted here, not a list",
        "streams: a map of keys is wanted here, not a list",
        "views: a map of keys is wanted here, not \"x\"");
    folder.says(
        """
        app: a
        streams:
          ▸[x]: y
          tags:▸
        """,
        "a key is a name, not a list",
        "stream \"tags\": a map of keys is wanted here, not nothing");
  }

  @Test
  void aKeyHasAValue() {
    folder.says(
        """
        app: a
        streams: { tags: { schema: schemas/user_tag.json, ▸retain: } }
        ▸views:
        """,
        "retain: a value is missing",
        "views: a value is missing");
  }

  @Test
  void whatMustBeThereIsNamed() {
    folder.says(
        "▸▸{}\n",
        "app.yaml needs app, as in app: shop",
        "app.yaml needs streams, as in streams: { clicks: { schema: schemas/click.json } }");
  }

  @Test
  void anEmptyFileIsTold() {
    String message = "nothing in it; an app begins with its name, as in app: shop";
    folder.says("▸", message);
    folder.says("▸# nothing but words\n", message);
    folder.says("▸---\n", message);
  }

  @Test
  void tagsMeanNothing() {
    folder.says(
        """
        app: ▸!env name
        streams: { tags: ▸!!map { schema: schemas/user_tag.json } }
        """,
        "tag !env means nothing here; leave it out",
        "tag !!map means nothing here; leave it out");
  }

  @Test
  void aFileIsUtf8() {
    folder.write(new byte[] {'a', ':', '\n', ' ', (byte) 0xc3, (byte) 0xa9, (byte) 0xe9, '\n'});
    assertThat(folder.shortProblems())
        .containsExactly(
            "2:3: not UTF-8: no character has the byte 0xE9 here; save the file as UTF-8");
    folder.write(new byte[] {'a', (byte) 0xc3});
    assertThat(folder.shortProblems())
        .containsExactly(
            "1:2: not UTF-8: no character has the byte 0xC3 here; save the file as UTF-8");
  }

  @Test
  void aControlCharacterIsRefused() {
    folder.says("app: a\nb: ▸\u0000\n", "character U+0000 is not allowed in YAML");
  }

  @Test
  void columnsCountCharactersAndNotUtf16Units() {
    folder.says(
        "{ app: a, streams: { tags: { schema: schemas/user_tag.json } }, ▸😀: 1, ▸x: 1 }\n",
        "unknown key \"😀\" in app.yaml (known: app, streams, views, contracts)",
        "unknown key \"x\" in app.yaml (known: app, streams, views, contracts)");
  }

  @Test
  void aByteOrderMarkTakesNoColumn() {
    folder.write("\ufeffapp: A\nstreams: { tags: { schema: schemas/user_tag.json } }\n");
    assertThat(folder.shortProblems()).singleElement().asString().startsWith("1:6: app: \"A\"");
  }

  @Test
  void aliasesCannotBlowUp() {
    var laughs = new StringBuilder("app: a\nx0: &x0 [ha, ha]\n");
    for (int i = 1; i < 100; i++) {
      laughs.append("x%d: &x%d [%s]\n".formatted(i, i, "*x%d, ".formatted(i - 1).repeat(9)));
    }
    folder.write(laughs.toString());
    assertThat(folder.shortProblems()).hasSize(1).first().asString().contains("aliases");
  }

  @Test
  void anAliasWithinWhatItNamesIsHarmless() {
    folder.says(
        """
        app: a
        streams: &s
          ▸▸tags: *s
        """,
        "unknown key \"tags\" in stream \"tags\" (known: schema, version, time, key, id, retain,"
            + " partitions, log, max_ahead)",
        "stream \"tags\" needs schema, as in schema: schemas/tags.json");
  }

  @Test
  void nestingHasABound() {
    folder.write("app: " + "[".repeat(100_000));
    assertThat(folder.shortProblems())
        .containsExactly("1:35: not YAML: lists and maps are nested deeper than 30");
    folder.write("- ".repeat(100_000));
    assertThat(folder.shortProblems())
        .containsExactly("1:61: not YAML: lists and maps are nested deeper than 30");
  }

  @Test
  void aFileHasABound() {
    folder.write("#".repeat(YamlFile.MAX_BYTES + 1));
    assertThat(folder.shortProblems()).containsExactly("1:1: larger than 1MiB");
  }

  @Test
  void anEscapeThatIsNoCharacterIsRefused() {
    folder.write("app: \"\\UFFFFFFFF\"\n");
    assertThat(folder.shortProblems())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("1:")
        .contains("not YAML");
  }

  @Test
  void thousandsOfMistakesAreNotAllShown() {
    folder.write("app: a\nstreams:\n" + "  X: {}\n".repeat(3000));
    assertThat(folder.shortProblems())
        .hasSize(Problems.MAX + 1)
        .last()
        .asString()
        .contains("more than 1000 mistakes");
  }
}
