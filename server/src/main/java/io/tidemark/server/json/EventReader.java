package io.tidemark.server.json;

import io.tidemark.event.EventRow;
import io.tidemark.event.FieldType;
import io.tidemark.ingest.Refusal.Reason;
import io.tidemark.server.json.SchemaNode.Role;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.sym.PropertyNameMatcher;

/// Reads one event after another from a parser into a row: members of groups here, everything
/// without a place in the row by a [RawReader].
final class EventReader {
  private final SchemaNode root;
  private final ExtraWriter extra = new ExtraWriter();
  private final JsonBytes scratch = new JsonBytes(256);
  private final SeenNames seen = new SeenNames();
  private final JsonParser parser;
  private final Tokens tokens;
  private final RawReader raws;
  private final byte[] in;

  /// How many leaves of the present event have a value.
  private int leaves;

  /// @param base where in the array the parser's input starts
  /// @param limit where it ends
  EventReader(SchemaNode root, JsonParser parser, byte[] in, int base, int limit) {
    this.root = root;
    this.parser = parser;
    this.in = in;
    this.tokens = new Tokens(parser, in, base, limit, new JsonBytes(256));
    this.raws = new RawReader(parser, tokens, seen);
  }

  Tokens tokens() {
    return tokens;
  }

  /// Reads the event whose first token the parser stands at.
  ///
  /// @throws Refused where it is not a valid event; the parser then stands somewhere inside of it
  void read(JsonToken token, EventRow row) {
    row.clear();
    extra.clear();
    seen.clear();
    leaves = 0;
    if (token != JsonToken.START_OBJECT || !root.takes(SchemaNode.OBJECT)) {
      throw RawReader.wrongType(root, token);
    }
    group(root, row, 1);
    if (extra.finish()) {
      row.setExtra(extra.bytes().array(), 0, extra.bytes().length());
    }
  }

  private void group(SchemaNode node, EventRow row, int depth) {
    ObjectRules rules = raws.enterObject(node, depth);
    int start = node.judge == null ? 0 : tokens.start();
    int mark = seen.open(rules.words());
    int count = 0;
    while (true) {
      int index = parser.nextNameMatch(rules.matcher);
      if (index == PropertyNameMatcher.MATCH_END_OBJECT) {
        break;
      }
      count++;
      SchemaNode child = raws.member(rules, index, mark, depth);
      if (child.role == Role.RAW) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        int from = tokens.start();
        int to = raws.read(child, token, depth + 1);
        extra.put(name, in, from, to);
      } else {
        member(child, rules.quoted[index], parser.nextToken(), row, depth);
      }
    }
    raws.leaveObject(rules, mark, count);
    if (node.judge != null) {
      node.judge.check(in, start, tokens.position());
    }
  }

  private void member(SchemaNode node, byte[] name, JsonToken token, EventRow row, int depth) {
    if (token == JsonToken.VALUE_NULL) {
      raws.read(node, token, depth);
      extra.putNull(name);
    } else if (node.role == Role.LEAF) {
      leaf(node, name, token, row, depth);
      leaves++;
    } else if (token == JsonToken.START_OBJECT && node.takes(SchemaNode.OBJECT)) {
      extra.enter(name);
      int before = leaves;
      group(node, row, depth + 1);
      extra.leave(leaves == before);
    } else {
      throw RawReader.wrongType(node, token);
    }
  }

  private void leaf(SchemaNode node, byte[] name, JsonToken token, EventRow row, int depth) {
    int start = node.judge == null ? 0 : tokens.start();
    switch (node.leafType) {
      case STRING, TIMESTAMP -> {
        demand(token == JsonToken.VALUE_STRING, node, token);
        tokens.readString();
        raws.checkString(node);
        if (node.leafType == FieldType.STRING) {
          row.setText(node.leaf, tokens.text, tokens.textFrom, tokens.textTo - tokens.textFrom);
        } else {
          timestamp(node, name, row);
        }
        judge(node, start, tokens.to);
      }
      case LONG, DOUBLE -> {
        demand(token.isNumeric(), node, token);
        tokens.readNumber(token);
        if (node.leafType == FieldType.LONG) {
          integer(node, name, row);
        } else {
          decimal(node, name, row);
        }
        judge(node, start, tokens.to);
      }
      case BOOLEAN -> {
        demand(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, node, token);
        raws.read(node, token, depth);
        row.setWord(node.leaf, token == JsonToken.VALUE_TRUE ? 1 : 0);
      }
      case JSON -> {
        int from = tokens.start();
        int to = raws.read(node, token, depth + 1);
        scratch.clear();
        if (!JsonText.compact(in, from, to, scratch)) {
          throw ExtraWriter.loneSurrogate();
        }
        row.setText(node.leaf, scratch.array(), 0, scratch.length());
      }
    }
  }

  private void timestamp(SchemaNode node, byte[] name, EventRow row) {
    long micros = DateTimes.parse(tokens.text, tokens.textFrom, tokens.textTo);
    if (micros == DateTimes.INVALID) {
      throw StringRules.noDateTime(tokens.text, tokens.textFrom, tokens.textTo);
    }
    row.setWord(node.leaf, micros);
    if (!DateTimes.isCanonical(tokens.text, tokens.textFrom, tokens.textTo, micros)) {
      extra.put(name, in, tokens.from, tokens.to);
    }
  }

  private void integer(SchemaNode node, byte[] name, EventRow row) {
    if (!tokens.isLong) {
      BigDecimal value = tokens.decimal();
      RawReader.demandInteger(node, value);
      raws.checkNumber(node);
      try {
        row.setWord(node.leaf, value.longValueExact());
      } catch (ArithmeticException _) {
        throw new Refused(
            Reason.OUT_OF_RANGE,
            "expected an integer of 64 bits, found " + NumberRules.show(value));
      }
      extra.put(name, in, tokens.from, tokens.to);
    } else {
      raws.checkNumber(node);
      row.setWord(node.leaf, tokens.longValue);
    }
  }

  private void decimal(SchemaNode node, byte[] name, EventRow row) {
    raws.checkNumber(node);
    double value = tokens.doubleValue();
    if (Double.isInfinite(value)) {
      throw new Refused(
          Reason.OUT_OF_RANGE,
          "expected a number within a double's range, found " + NumberRules.show(tokens.decimal()));
    }
    row.setDouble(node.leaf, value);
    if (!tokens.isExact(value)) {
      extra.put(name, in, tokens.from, tokens.to);
    }
  }

  private void judge(SchemaNode node, int from, int to) {
    if (node.judge != null) {
      node.judge.check(in, from, to);
    }
  }

  private static void demand(boolean met, SchemaNode node, @Nullable JsonToken token) {
    if (!met) {
      throw RawReader.wrongType(node, token);
    }
  }
}
