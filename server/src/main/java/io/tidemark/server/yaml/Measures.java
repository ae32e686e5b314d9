package io.tidemark.server.yaml;

import io.tidemark.app.Measure;
import io.tidemark.app.Measure.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads the measures of a rollup: a map of `name: function(field)`.
final class Measures {
  static final int MAX = 64;

  private static final Pattern CALL =
      Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*\\(([^()]*)\\)\\s*");

  /// What is left of a call where a comma ended it, between { }.
  private static final Pattern CUT = Pattern.compile("[A-Za-z0-9_]+\\s*\\([^()]*");

  private static final Pattern PERCENTAGE = Pattern.compile("[0-9]{1,10}(\\.[0-9]{1,10})?");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final String what;
  private final Fields fields;
  private final Values values;
  private final Problems problems;

  Measures(String what, Fields fields, Values values) {
    this.what = what;
    this.fields = fields;
    this.values = values;
    this.problems = values.problems();
  }

  /// One argument of a call.
  ///
  /// @param offset where in the scalar it starts
  private record Argument(String text, int offset) {}

  /// The measures, in order; those with mistakes are left out.
  List<Measure> read(Section.Entry entry, List<Fields.Named> by) {
    List<Measure> measures = new ArrayList<>();
    Optional<Section> map = Section.read("measures", entry.key(), entry.value(), problems);
    if (map.isEmpty()) {
      return List.of();
    }
    List<Section.Entry> entries = map.get().entries();
    if (entries.isEmpty() || entries.size() > MAX) {
      problems.add(
          entry.key(), "measures: %d in the map; from 1 to %d".formatted(entries.size(), MAX));
    }
    boolean inCut = false;
    for (Section.Entry measure : entries.stream().limit(MAX).toList()) {
      if (inCut && measure.isEmpty()) {
        // The rest of a call that was cut off, which was reported.
        inCut = !measure.name().endsWith(")");
        continue;
      }
      values.name("measure", measure.key(), false);
      if (by.stream().anyMatch(named -> named.field().path().equals(measure.name()))) {
        problems.add(
            measure.key(),
            "measure %s is named like a field of by; answers have a column for each"
                .formatted(Words.quoted(measure.name())));
      }
      Optional<ScalarNode> scalar = values.scalar("measure", measure.value());
      inCut = scalar.isPresent() && isCut(measure, scalar.get());
      if (scalar.isPresent() && !inCut) {
        measure(measure.name(), scalar.get()).ifPresent(measures::add);
      }
    }
    return measures;
  }

  private boolean isCut(Section.Entry measure, ScalarNode scalar) {
    boolean cut =
        scalar.getScalarStyle() == ScalarStyle.PLAIN && CUT.matcher(scalar.getValue()).matches();
    if (cut) {
      problems.add(
          scalar,
          "%s has no end; between { } a comma ends a value, so put quotes around it, as in %s:"
                  .formatted(Words.quoted(scalar.getValue()), Words.shown(measure.name()))
              + " \"percentile(duration_ms, 99)\"");
    }
    return cut;
  }

  private Optional<Measure> measure(String name, ScalarNode scalar) {
    Matcher call = CALL.matcher(scalar.getValue());
    if (!call.matches()) {
      problems.add(
          scalar,
          Words.quoted(scalar.getValue())
              + " is not a measure; write a function and a field, as in count() or sum(price)");
      return Optional.empty();
    }
    Optional<MeasureFunction> function = function(scalar, call.group(1), call.start(1));
    if (function.isEmpty()) {
      return Optional.empty();
    }
    List<Argument> arguments = arguments(call.group(2), call.start(2));
    if (!function.get().takes(arguments.size())) {
      problems.add(
          scalar,
          "%s: %s".formatted(Words.shown(scalar.getValue().strip()), function.get().usage()));
      return Optional.empty();
    }
    if (arguments.isEmpty()) {
      return Optional.of(new Measure(name, Kind.COUNT, Measure.ALL, 0));
    }
    String shown = Words.shown(scalar.getValue().strip());
    Optional<Integer> field = field(function.get(), scalar, arguments.getFirst(), shown);
    Optional<Double> share =
        arguments.size() == 2
            ? share(scalar, arguments.get(1), shown)
            : Optional.of(function.get().share());
    return field.flatMap(f -> share.map(s -> new Measure(name, function.get().kind(), f, s)));
  }

  private Optional<MeasureFunction> function(ScalarNode scalar, String name, int offset) {
    Optional<MeasureFunction> function = MeasureFunction.of(name);
    if (function.isEmpty()) {
      String advice =
          name.matches("p[0-9]{1,2}")
              ? "; write percentile(FIELD, " + name.substring(1) + ")"
              : Nearest.to(name, MeasureFunction.names()).map(Words::didYouMean).orElse("")
                  + Words.known(MeasureFunction.names());
      problems.add(scalar, offset, "unknown function " + Words.quoted(name) + advice);
    }
    return function;
  }

  private static List<Argument> arguments(String text, int offset) {
    List<Argument> arguments = new ArrayList<>();
    if (text.isBlank()) {
      return arguments;
    }
    int start = 0;
    for (String part : text.split(",", -1)) {
      int blank = part.length() - part.stripLeading().length();
      arguments.add(new Argument(part.strip(), offset + start + blank));
      start += part.length() + 1;
    }
    return arguments;
  }

  private Optional<Integer> field(
      MeasureFunction function, ScalarNode scalar, Argument argument, String shown) {
    return fields
        .find(scalar, argument.offset, argument.text, what)
        .filter(named -> fields.isOneOf(named, function.types(), shown, function.need()))
        .map(Fields.Named::index);
  }

  /// The second argument of a percentile. What lies between 0 and 1 is nearly always a share where
  /// percents are wanted, and would silently give something else, so it is refused.
  private Optional<Double> share(ScalarNode scalar, Argument argument, String shown) {
    BigDecimal percent =
        PERCENTAGE.matcher(argument.text).matches()
            ? new BigDecimal(argument.text)
            : BigDecimal.valueOf(-1);
    boolean isShare = percent.signum() > 0 && percent.compareTo(BigDecimal.ONE) < 0;
    if (percent.signum() < 0 || percent.compareTo(HUNDRED) > 0 || isShare) {
      String advice =
          isShare
              ? "; did you mean "
                  + percent.movePointRight(2).stripTrailingZeros().toPlainString()
                  + "?"
              : "";
      problems.add(
          scalar,
          argument.offset,
          "%s: %s is not a percentage; write 0, or a number from 1 to 100%s"
              .formatted(shown, Words.quoted(argument.text), advice));
      return Optional.empty();
    }
    return Optional.of(percent.movePointLeft(2).doubleValue());
  }
}
