package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.PropertyNameMatcher;

/// Checks values against their schema without keeping them, and what every object is checked for:
/// depth, names, counts.
final class RawReader {
  /// An event nested deeper is refused.
  static final int DEPTH_MAX = 64;

  private static final ObjectRules OPEN =
      new ObjectRules(
          new JsonFactory(),
          List.of(),
          new SchemaNode[0],
          new long[0],
          SchemaNode.ANY,
          0,
          Integer.MAX_VALUE);

  private final JsonParser parser;
  private final Tokens tokens;
  private final SeenNames seen;

  RawReader(JsonParser parser, Tokens tokens, SeenNames seen) {
    this.parser = parser;
    this.tokens = tokens;
    this.seen = seen;
  }

  /// Reads the value whose first token the parser stands at.
  ///
  /// @return the offset after it
  /// @throws Refused where the schema does not take it
  int read(SchemaNode node, JsonToken token, int depth) {
    int start = node.judge == null ? 0 : tokens.start();
    if (node == SchemaNode.NEVER) {
      throw wrongType(node, token);
    }
    int end =
        switch (token) {
          case START_OBJECT -> object(node, depth);
          case START_ARRAY -> array(node, depth);
          case VALUE_STRING -> {
            demand(node, SchemaNode.STRING, token);
            tokens.readString();
            checkString(node);
            yield tokens.to;
          }
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
            tokens.readNumber(token);
            if (!node.takes(SchemaNode.NUMBER)) {
              demand(node, SchemaNode.INTEGER, token);
              if (!tokens.isLong) {
                demandInteger(node, tokens.decimal());
              }
            }
            checkNumber(node);
            yield tokens.to;
          }
          default -> literal(node, token);
        };
    if (node.judge != null) {
      node.judge.check(tokens.input(), start, end);
    }
    return end;
  }

  /// Steps into the object at which the parser stands.
  ObjectRules enterObject(SchemaNode node, int depth) {
    if (depth > DEPTH_MAX) {
      throw new Refused(
          Reason.TOO_DEEP, "expected at most " + DEPTH_MAX + " levels, found another");
    }
    demand(node, SchemaNode.OBJECT, JsonToken.START_OBJECT);
    containerIsNoChoice(node, "an object");
    seen.openOthers(depth);
    ObjectRules rules = node.objects;
    return rules == null ? OPEN : rules;
  }

  /// The schema of the member at whose name the parser stands.
  ///
  /// @param index of the name, or negative for a name without one
  SchemaNode member(ObjectRules rules, int index, int mark, int depth) {
    SchemaNode child = index < 0 ? null : rules.children[index];
    boolean isNew = index < 0 ? seen.addOther(depth, parser.currentName()) : seen.add(mark, index);
    if (!isNew) {
      throw new Refused(Reason.DUPLICATE_KEY, "expected each name once, found it again");
    }
    if (child == null) {
      if (rules.additional == SchemaNode.NEVER) {
        throw new Refused(
            Reason.UNKNOWN_PROPERTY, "expected no other properties than those of the schema");
      }
      return rules.additional;
    }
    return child;
  }

  /// Steps out of an object.
  void leaveObject(ObjectRules rules, int mark, int count) {
    for (int i = 0; i < rules.required.length; i++) {
      long missing = rules.required[i] & ~seen.word(mark, i);
      if (missing != 0) {
        String name = rules.names[i * 64 + Long.numberOfTrailingZeros(missing)];
        throw new Refused(
            Reason.MISSING, "/" + Pointers.escape(name), "expected a value, found nothing");
      }
    }
    if (count < rules.countMin || count > rules.countMax) {
      throw outside(count, rules.countMin, rules.countMax, "properties");
    }
    seen.close(mark);
  }

  /// Checks the string that was read last.
  void checkString(SchemaNode node) {
    if (node.strings != null) {
      node.strings.check(tokens.text, tokens.textFrom, tokens.textTo);
    }
    if (node.choice != null) {
      node.choice.check(tokens.text, tokens.textFrom, tokens.textTo);
    }
    if (node.constant != null) {
      node.constant.check(tokens.text, tokens.textFrom, tokens.textTo);
    }
  }

  /// Checks the number that was read last.
  void checkNumber(SchemaNode node) {
    if (node.numbers != null) {
      if (tokens.isLong) {
        node.numbers.check(tokens.longValue);
      } else {
        node.numbers.check(tokens.decimal());
      }
    }
    if (node.choice != null) {
      node.choice.check(tokens.decimal());
    }
    if (node.constant != null) {
      node.constant.check(tokens.decimal());
    }
  }

  static void demandInteger(SchemaNode node, BigDecimal value) {
    if (value.stripTrailingZeros().scale() > 0) {
      throw new Refused(
          Reason.WRONG_TYPE, "expected " + node.expected() + ", found " + NumberRules.show(value));
    }
  }

  static Refused wrongType(SchemaNode node, @Nullable JsonToken token) {
    String found = token == null ? "nothing" : SchemaNode.found(token);
    return new Refused(Reason.WRONG_TYPE, "expected " + node.expected() + ", found " + found);
  }

  private int object(SchemaNode node, int depth) {
    ObjectRules rules = enterObject(node, depth);
    int mark = seen.open(rules.words());
    int count = 0;
    while (true) {
      int index = parser.nextNameMatch(rules.matcher);
      if (index == PropertyNameMatcher.MATCH_END_OBJECT) {
        break;
      }
      count++;
      SchemaNode child = member(rules, index, mark, depth);
      read(child, parser.nextToken(), depth + 1);
    }
    leaveObject(rules, mark, count);
    return tokens.position();
  }

  private int array(SchemaNode node, int depth) {
    if (depth > DEPTH_MAX) {
      throw new Refused(
          Reason.TOO_DEEP, "expected at most " + DEPTH_MAX + " levels, found another");
    }
    demand(node, SchemaNode.ARRAY, JsonToken.START_ARRAY);
    containerIsNoChoice(node, "an array");
    SchemaNode items = node.items == null ? SchemaNode.ANY : node.items;
    int count = 0;
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      count++;
      read(items, token, depth + 1);
      token = parser.nextToken();
    }
    int end = tokens.position();
    if (count < node.itemsMin || count > node.itemsMax) {
      throw outside(count, node.itemsMin, node.itemsMax, "items");
    }
    return end;
  }

  private int literal(SchemaNode node, JsonToken token) {
    int start = tokens.start();
    if (token == JsonToken.VALUE_NULL) {
      demand(node, SchemaNode.NULL, token);
      if (node.choice != null) {
        node.choice.checkNull();
      }
      if (node.constant != null) {
        node.constant.checkNull();
      }
      return start + 4;
    }
    demand(node, SchemaNode.BOOLEAN, token);
    boolean value = token == JsonToken.VALUE_TRUE;
    if (node.choice != null) {
      node.choice.check(value);
    }
    if (node.constant != null) {
      node.constant.check(value);
    }
    return start + (value ? 4 : 5);
  }

  private static void containerIsNoChoice(SchemaNode node, String found) {
    Choice choice = node.choice == null ? node.constant : node.choice;
    if (choice != null) {
      throw choice.other(found);
    }
  }

  private static Refused outside(int count, int min, int max, String what) {
    String bound = count < min ? "at least " + min : "at most " + max;
    return new Refused(Reason.OUT_OF_RANGE, "expected " + bound + " " + what + ", found " + count);
  }

  private static void demand(SchemaNode node, int type, JsonToken token) {
    if (!node.takes(type)) {
      throw wrongType(node, token);
    }
  }
}
