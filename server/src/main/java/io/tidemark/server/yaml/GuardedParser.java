package io.tidemark.server.yaml;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.parser.Parser;

/// Watches the events of a parser before nodes are made of them: keeps the recursion of the
/// composer and the work that aliases can cause within bounds, and reports tags, which mean nothing
/// here.
final class GuardedParser implements Parser {
  /// A declaration needs six.
  static final int MAX_DEPTH = 30;

  static final int MAX_ALIASES = 200;

  private final Parser parser;
  private final Problems problems;
  private int depth;
  private int aliases;
  private @Nullable Mark last;

  GuardedParser(Parser parser, Problems problems) {
    this.parser = parser;
    this.problems = problems;
  }

  /// Where the last event began, if there was one.
  @Nullable Mark last() {
    return last;
  }

  @Override
  public boolean hasNext() {
    return parser.hasNext();
  }

  @Override
  public boolean checkEvent(Event.ID choice) {
    return parser.checkEvent(choice);
  }

  @Override
  public Event peekEvent() {
    return parser.peekEvent();
  }

  @Override
  public Event next() {
    Event event = parser.next();
    event.getStartMark().ifPresent(mark -> last = mark);
    switch (event) {
      case CollectionStartEvent start -> {
        start.getTag().ifPresent(tag -> refuseTag(tag, event));
        if (++depth > MAX_DEPTH) {
          throw new ParserException(
              "lists and maps are nested deeper than " + MAX_DEPTH, event.getStartMark());
        }
      }
      case CollectionEndEvent _ -> depth--;
      case ScalarEvent scalar -> scalar.getTag().ifPresent(tag -> refuseTag(tag, event));
      case AliasEvent _ -> {
        if (++aliases > MAX_ALIASES) {
          throw new ParserException("more than " + MAX_ALIASES + " aliases", event.getStartMark());
        }
      }
      default -> {}
    }
    return event;
  }

  private void refuseTag(String tag, Event event) {
    String name = tag.startsWith("tag:yaml.org,2002:") ? "!!" + tag.substring(18) : tag;
    event
        .getStartMark()
        .ifPresent(
            mark ->
                problems.add(
                    mark, "tag " + Words.shown(name) + " means nothing here; leave it out"));
  }
}
