package io.tidemark.server.yaml;

import java.util.List;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/// Says in a sentence why a text is not YAML: the parser's reason, and what people usually meant.
final class YamlSyntax {
  private record Hint(String reason, String advice) {}

  private static final List<Hint> HINTS =
      List.of(
          new Hint("\\t(TAB)", "indent with spaces"),
          new Hint(
              "mapping values are not allowed",
              "keys of one map start in the same column, and a text with \": \" in it needs"
                  + " quotes"),
          new Hint("expected <block end>", "keys of one map start in the same column"),
          new Hint("could not find expected ':'", "a key is followed by a colon and a space"),
          new Hint("found '<stream end>'", "close what was opened with [ or {"),
          new Hint("expected ',' or '}'", "close the map with }"),
          new Hint("expected ',' or ']'", "close the list with ]"),
          new Hint("unexpected end of stream", "close the quotes"),
          new Hint("expected a single document", "one file holds one app; take out the line ---"),
          new Hint("found undefined alias", "an alias *name needs an anchor &name before it"));

  /// Some reasons of the parser quote what it found.
  private static final int MAX_REASON = 200;

  private YamlSyntax() {}

  static String explain(MarkedYamlEngineException e) {
    String context =
        e.getContext() == null || e.getContext().isBlank() ? "" : e.getContext().strip() + ": ";
    String problem = e.getProblem() == null ? "" : e.getProblem().strip();
    String reason = (context + problem).replaceAll("\\s+", " ").replaceAll("\\.$", "");
    String advice =
        HINTS.stream()
            .filter(hint -> reason.contains(hint.reason))
            .findFirst()
            .map(hint -> "; " + hint.advice)
            .orElse("");
    return "not YAML: " + Words.shown(reason, MAX_REASON) + advice;
  }
}
