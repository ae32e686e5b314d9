package io.tidemark.server.yaml;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of wrong timelines and rollups, measures apart.
class ViewMistakesTest {
  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void makeFolder() {
    folder = new Folder(temp);
  }

  private void views(String views, String... messages) {
    folder.says(
        """
        app: a
        streams:
          user_tags: { schema: schemas/user_tag.json, retain: 30m }
          operations: { schema: schemas/operation.json }
        views:
        """
            + views.indent(2),
        messages);
  }

  private void rollup(String keys, String... messages) {
    views(
        "actions: { rollup: user_tags, every: 1m, measures: { n: count() }, " + keys + " }",
        messages);
  }

  @Test
  void aViewHasOneKind() {
    views(
        """
        ▸a: { by: cookie }
        ▸b: { timeline: user_tags, rollup: user_tags }
        c: ▸timeline
        """,
        "view \"a\" needs timeline or rollup with the name of a stream, as in rollup: user_tags",
        "view \"b\" is a timeline and a rollup; declare two views",
        "view \"c\": a map of keys is wanted here, not \"timeline\"");
  }

  @Test
  void aKindIsGuessedFromWhatIsThere() {
    views(
        """
        a: { ▸rolup: user_tags, every: ▸1x, measures: { n: count() } }
        ▸b: { every: 1m, measures: { n: max(x) } }
        ▸c: { by: cookie, keep: ▸0 }
        """,
        "unknown key \"rolup\" in view \"a\"; did you mean \"rollup\"? (known: rollup, every, by,"
            + " sets, measures, retain)",
        "every: \"1x\" is not a duration; write a number and a unit of ms, s, m, h, d or w, as in"
            + " 1m",
        "view \"b\" needs rollup, as in rollup: user_tags",
        "view \"c\" needs timeline, as in timeline: user_tags",
        "keep: 0 is out of range; from 1 to 10000");
  }

  @Test
  void anUnknownKeyNamesTheNearestAndAll() {
    views(
        "actions: { rollup: user_tags, ▸evry: 1m, measures: { n: count() } }",
        "unknown key \"evry\" in view \"actions\"; did you mean \"every\"? (known: rollup, every,"
            + " by, sets, measures, retain)");
    views(
        "last: { timeline: user_tags, by: cookie, ▸every: 1m }",
        "unknown key \"every\" in view \"last\" (known: timeline, by, split, keep, retain)");
  }

  @Test
  void aViewHasAStreamAndIsCheckedAgainstTheNearest() {
    views(
        """
        a: { timeline: ▸user_tag, by: ▸cokie }
        b: { timeline: ▸clicks, by: anything }
        c: { timeline: ▸[user_tags], by: anything }
        """,
        "stream \"user_tag\" is not declared; did you mean \"user_tags\"?",
        "unknown field \"cokie\" in view \"a\"; did you mean \"cookie\"?",
        "stream \"clicks\" is not declared (known: user_tags, operations)",
        "timeline: a single value is wanted here, not a list");
  }

  @Test
  void aViewHasANameOfItsOwn() {
    views(
        """
        ▸user_tags: { timeline: user_tags, by: cookie }
        ▸A-B: { timeline: user_tags, by: cookie }
        c: { timeline: user_tags, by: cookie }
        ▸c: { timeline: user_tags, by: cookie }
        """,
        "view \"user_tags\" is named like a stream; every stream has a table of that name",
        "view: \"A-B\" is not a name; write a-z, 0-9 and _, beginning with a letter, at most 100"
            + " characters, as in a_b",
        "key \"c\" is there twice in views; the first is in line 8");
  }

  @Test
  void aTimelineHasFieldsOfTheRightTypes() {
    views(
        """
        ▸a: { timeline: operations }
        b: { timeline: operations, by: ▸amount, split: ▸started }
        c: { timeline: operations, by: ▸ok, split: ▸details, keep: ▸10001, retain: ▸0s }
        d: { timeline: operations, by: ▸[user_id], split: ▸{} }
        """,
        "view \"a\" needs by, as in by: user_id",
        "by: amount is a number with a fraction; a timeline's key is a string or an integer",
        "split: started is a time; split needs a field of few values: a string, an integer or a"
            + " boolean",
        "by: ok is a boolean; a timeline's key is a string or an integer",
        "split: details is a JSON value of no single scalar type; split needs a field of few"
            + " values: a string, an integer or a boolean",
        "keep: 10001 is out of range; from 1 to 10000",
        "retain: 0s is out of range; from 1s to 36500d",
        "by: a single value is wanted here, not a list",
        "split: a single value is wanted here, not a map");
  }

  @Test
  void anUnknownFieldNamesTheNearest() {
    rollup(
        "by: [▸product.price, ▸brand_id, ▸product_info.brnd_id, ▸cuontry]",
        "unknown field \"product.price\" in view \"actions\"; did you mean \"product_info.price\"?",
        "unknown field \"brand_id\" in view \"actions\"; did you mean \"product_info.brand_id\"?",
        "unknown field \"product_info.brnd_id\" in view \"actions\"; did you mean"
            + " \"product_info.brand_id\"?",
        "unknown field \"cuontry\" in view \"actions\"; did you mean \"country\"?");
    rollup(
        "by: [▸product_info, ▸country.code, ▸xyz]",
        "unknown field \"product_info\" in view \"actions\"; it is an object, name one of its"
            + " fields (known: product_info.product_id, product_info.brand_id,"
            + " product_info.category_id, product_info.price)",
        "unknown field \"country.code\" in view \"actions\"; country is a string, which has no"
            + " fields",
        "unknown field \"xyz\" in view \"actions\" (known: time, cookie, country, device, action,"
            + " origin, product_info.product_id, product_info.brand_id, product_info.category_id,"
            + " product_info.price)");
  }

  @Test
  void everyIsWholeSecondsThatDivideADay() {
    String rest = ", measures: { n: count() } }";
    views(
        """
        ▸a: { rollup: operations%1$s
        b: { rollup: operations, every: ▸500ms%1$s
        c: { rollup: operations, every: ▸2d%1$s
        d: { rollup: operations, every: ▸1500ms%1$s
        e: { rollup: operations, every: ▸7m%1$s
        f: { rollup: operations, every: ▸13h%1$s
        """
            .formatted(rest),
        "view \"a\" needs every, as in every: 1m",
        "every: 500ms is out of range; from 1s to 1d",
        "every: 2d is out of range; from 1s to 1d",
        "every: 1s500ms is not a number of seconds that divides a day; the nearest is 1s",
        "every: 7m is not a number of seconds that divides a day; the nearest is 7m12s",
        "every: 13h is not a number of seconds that divides a day; the nearest is 12h");
  }

  @Test
  void groupsAreMadeOfFieldsWithFewValues() {
    views(
        """
        v:
          rollup: operations
          every: 1m
          measures: { n: count() }
          by: [type, ▸amount, ▸started, ▸type]
        """,
        "by: amount is a number with a fraction; nearly every value would be a group of its own;"
            + " measure it, as in avg or percentile",
        "by: started is a time; nearly every event would be a group of its own; every is what"
            + " groups by time",
        "by: type is there twice");
    rollup(
        "by: ▸[▸time, cookie, country, device, action, origin, product_info.price,"
            + " product_info.brand_id, product_info.category_id]",
        "by: 9 in the list; at most 8",
        "by: time is a time; nearly every event would be a group of its own; every is what groups"
            + " by time");
  }

  @Test
  void setsAreListsOfTheGroupsFields() {
    String example = ", as in [[country], [country, device]], not ";
    rollup(
        "by: [action, origin], sets: ▸some",
        "sets: write all, or a list of lists of the fields of by" + example + "\"some\"");
    rollup(
        "by: [action, origin], sets: [▸action, [origin]]",
        "sets: a list of fields is wanted here" + example + "\"action\"");
    rollup(
        "by: [action, origin], sets: [[action], ▸[action], [origin, ▸origin], [▸orign, ▸device]]",
        "sets: this set is there twice",
        "sets: origin is there twice in one set",
        "sets: \"orign\" is not one of the fields of by; did you mean \"origin\"?",
        "sets: \"device\" is not one of the fields of by (known: action, origin)");
  }

  @Test
  void aMisspeltGroupIsNotHeldAgainstItsSets() {
    rollup(
        "by: [action, ▸orign], sets: [[action], [origin]]",
        "unknown field \"orign\" in view \"actions\"; did you mean \"origin\"?");
  }

  @Test
  void bucketsAreKeptLongerThanTheyAre() {
    views(
        """
        a: { rollup: operations, every: 1h, measures: { n: count() }, retain: ▸10m }
        b: { rollup: user_tags, every: ▸1h, measures: { n: count() } }
        c: { rollup: operations, every: 1h, measures: { n: count() }, retain: ▸soon }
        """,
        "retain: 10m is shorter than one bucket; write at least 1h",
        "retain: the stream's 30m is shorter than one bucket; write at least 1h",
        "retain: \"soon\" is not a duration; write a number and a unit of ms, s, m, h, d or w, as"
            + " in 1m");
  }
}
