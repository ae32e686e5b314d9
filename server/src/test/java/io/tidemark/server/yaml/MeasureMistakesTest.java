package io.tidemark.server.yaml;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of wrong measures.
class MeasureMistakesTest {
  private static final String FUNCTIONS =
      " (known: count, sum, min, max, avg, distinct, percentile, p50, p95, p99)";

  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void makeFolder() {
    folder = new Folder(temp);
  }

  private void measures(String measures, String... messages) {
    folder.says(
        """
        app: a
        streams: { operations: { schema: schemas/operation.json } }
        views:
          v:
            rollup: operations
            every: 1m
            by: [type]
        """
            + measures.indent(4),
        messages);
  }

  @Test
  void aMeasureIsACall() {
    measures(
        """
        measures:
          a: ▸sum amount
          b: ▸count
          c: ▸[count()]
          d: ▸sum(avg(amount))
          e:▸
        """,
        "\"sum amount\" is not a measure; write a function and a field, as in count() or"
            + " sum(price)",
        "\"count\" is not a measure; write a function and a field, as in count() or sum(price)",
        "measure: a single value is wanted here, not a list",
        "\"sum(avg(amount))\" is not a measure; write a function and a field, as in count() or"
            + " sum(price)",
        "measure: a single value is wanted here, not nothing");
  }

  @Test
  void aFunctionIsKnown() {
    measures(
        """
        measures:
          a: ▸summ(amount)
          b: " ▸median(amount)"
          c: ▸p90(amount)
        """,
        "unknown function \"summ\"; did you mean \"sum\"?" + FUNCTIONS,
        "unknown function \"median\"" + FUNCTIONS,
        "unknown function \"p90\"; write percentile(FIELD, 90)");
  }

  @Test
  void aFunctionHasItsArguments() {
    measures(
        """
        measures:
          a: ▸sum()
          b: ▸count(ok, type)
          c: ▸percentile(amount)
          d: ▸p99(amount, 99)
        """,
        "sum(): sum takes one field, as in sum(duration_ms)",
        "count(ok, type): count takes one field or none, as in count() or count(user_id)",
        "percentile(amount): percentile takes a field and a percentage, as in"
            + " percentile(duration_ms, 99)",
        "p99(amount, 99): p99 takes one field, as in p99(duration_ms)");
  }

  @Test
  void anArgumentIsAFieldOfTheRightType() {
    measures(
        """
        measures:
          a: sum(▸amuont)
          b: sum(▸type)
          c: min( ▸type )
          d: 'avg(▸started)'
          e: percentile(▸details, 99)
        """,
        "unknown field \"amuont\" in view \"v\"; did you mean \"amount\"?",
        "sum(type): type is a string; sum needs a number",
        "min( type ): type is a string; min needs a number or a time",
        "avg(started): started is a time; avg needs a number",
        "percentile(details, 99): details is a JSON value of no single scalar type; percentile"
            + " needs a number");
  }

  @Test
  void aPlaceWithinATextThatIsNotWrittenAsItIsIsTheTexts() {
    measures(
        """
        measures:
          a: ▸"sum(\\u0061muont)"
          b: ▸>-
            sum(amuont)
        """,
        "unknown field \"amuont\" in view \"v\"; did you mean \"amount\"?",
        "unknown field \"amuont\" in view \"v\"; did you mean \"amount\"?");
  }

  @Test
  void aPercentageGoesFromZeroToAHundred() {
    measures(
        """
        measures:
          a: percentile(amount, ▸101)
          b: percentile(amount, ▸-1)
          c: percentile(amount, ▸most)
          d: percentile(amount, ▸0.99)
          e: percentile(amount, ▸99%)
        """,
        "percentile(amount, 101): \"101\" is not a percentage; write 0, or a number from 1 to 100",
        "percentile(amount, -1): \"-1\" is not a percentage; write 0, or a number from 1 to 100",
        "percentile(amount, most): \"most\" is not a percentage; write 0, or a number from 1 to"
            + " 100",
        "percentile(amount, 0.99): \"0.99\" is not a percentage; write 0, or a number from 1 to"
            + " 100; did you mean 99?",
        "percentile(amount, 99%): \"99%\" is not a percentage; write 0, or a number from 1 to 100");
  }

  @Test
  void aCommaBetweenBracesEndsAMeasureWhichIsSaidOnce() {
    measures(
        "measures: { slow: ▸percentile(duration_ms, 99), n: count(), m: sum(▸ok) }",
        "\"percentile(duration_ms\" has no end; between { } a comma ends a value, so put quotes"
            + " around it, as in slow: \"percentile(duration_ms, 99)\"",
        "sum(ok): ok is a boolean; sum needs a number");
  }

  @Test
  void aMeasureHasANameOfItsOwn() {
    measures(
        """
        measures:
          ▸type: count()
          ▸Sum: sum(amount)
        """,
        "measure \"type\" is named like a field of by; answers have a column for each",
        "measure: \"Sum\" is not a name; write a-z, 0-9 and _, beginning with a letter, at most 100"
            + " characters, as in sum");
  }

  @Test
  void aRollupHasAMeasure() {
    folder.says(
        """
        app: a
        streams: { operations: { schema: schemas/operation.json } }
        views: { ▸v: { rollup: operations, every: 1m } }
        """,
        "view \"v\" needs measures, as in measures: { count: count() }");
    measures("▸measures: {}", "measures: 0 in the map; from 1 to 64");
    measures("measures: ▸count()", "measures: a map of keys is wanted here, not \"count()\"");
    String many =
        IntStream.range(0, 65)
            .mapToObj("m%d: count()"::formatted)
            .collect(Collectors.joining(", "));
    measures("▸measures: { " + many + " }", "measures: 65 in the map; from 1 to 64");
  }
}
