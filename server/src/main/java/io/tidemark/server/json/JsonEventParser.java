package io.tidemark.server.json;

import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.Refusal;
import io.tidemark.ingest.Refusal.Reason;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/// Finds the events in a body and reads each in one pass.
final class JsonEventParser implements EventParser {
  private static final Step VALID = new Step.Valid();
  private static final Step END_OF_ONE = new Step.End(false, null);
  private static final Step END_OF_ARRAY = new Step.End(true, null);
  private static final byte[] NOTHING = {};

  private final JsonFactory factory;
  private final SchemaNode root;

  private byte[] body = NOTHING;
  private int at;
  private int end;
  private Shape shape = Shape.NDJSON;

  /// How the text ends before its bytes do: the offset of a byte that is not UTF-8, or -1.
  private int invalidAt = -1;

  private @Nullable JsonParser parser;
  private @Nullable EventReader reader;
  private boolean isArray;

  /// Set when there is nothing more to find.
  private @Nullable Step last;

  JsonEventParser(JsonFactory factory, SchemaNode root) {
    this.factory = factory;
    this.root = root;
  }

  @Override
  public void open(byte[] newBody, int start, int length, Shape newShape) {
    close();
    body = newBody;
    at = start;
    end = start + length;
    shape = newShape;
    isArray = false;
    last = null;
    boolean hasMark =
        length >= 3
            && body[start] == (byte) 0xef
            && body[start + 1] == (byte) 0xbb
            && body[start + 2] == (byte) 0xbf;
    if (hasMark) {
      at += 3;
    }
    invalidAt = shape == Shape.JSON ? Utf8.firstInvalid(body, at, end) : -1;
  }

  @Override
  public Step next(EventRow row) {
    if (last != null) {
      return last;
    }
    return shape == Shape.JSON ? nextValue(row) : nextLine(row);
  }

  private Step nextValue(EventRow row) {
    try {
      if (reader == null) {
        return firstValue(row);
      }
      JsonParser p = parser();
      int depth = isArray ? 1 : 0;
      while (p.streamReadContext().getNestingDepth() > depth) {
        advance(p);
      }
      if (isArray) {
        JsonToken token = advance(p);
        if (token != JsonToken.END_ARRAY) {
          return read(token, row);
        }
      }
      if (p.nextToken() != null || invalidAt >= 0) {
        return finish(new Step.End(isArray, broken("expected the end of the body, found more")));
      }
      return finish(isArray ? END_OF_ARRAY : END_OF_ONE);
    } catch (JacksonException e) {
      return finish(new Step.End(isArray, broken(e)));
    }
  }

  private Step firstValue(EventRow row) {
    start(at, invalidAt < 0 ? end : invalidAt);
    JsonToken token = parser().nextToken();
    if (token == null) {
      return finish(new Step.End(false, broken("expected an event or an array, found nothing")));
    }
    if (token == JsonToken.START_ARRAY) {
      isArray = true;
      return nextValue(row);
    }
    return read(token, row);
  }

  /// The next token, where there has to be one.
  private static JsonToken advance(JsonParser p) {
    JsonToken token = p.nextToken();
    if (token == null) {
      throw new StreamReadException(p, "unexpected end of the body");
    }
    return token;
  }

  private Step read(JsonToken token, EventRow row) {
    Tokens tokens = reader().tokens();
    int start = tokens.start();
    try {
      reader().read(token, row);
    } catch (Refused refused) {
      return new Step.Refused(refusal(refused));
    }
    int length = tokens.position() - start;
    return length > Bounds.EVENT_BYTES_MAX ? new Step.Refused(Bounds.tooLarge(length)) : VALID;
  }

  private Step nextLine(EventRow row) {
    while (at < end) {
      int lineStart = at;
      int lineEnd = Utf8.lineEnd(body, lineStart, end);
      at = Math.min(lineEnd + 1, end);
      int first = lineStart;
      while (first < lineEnd && isSpace(body[first])) {
        first++;
      }
      if (first < lineEnd) {
        Step step = line(first, lineEnd, row);
        if (!(step instanceof Step.Valid)) {
          close();
        }
        return step;
      }
    }
    return finish(END_OF_ONE);
  }

  /// Reads a line. The parser goes on from line to line as long as they are sound; the bounds of
  /// the line are checked afterwards.
  private Step line(int start, int lineEnd, EventRow row) {
    if (lineEnd - start > Bounds.EVENT_BYTES_MAX) {
      return new Step.Refused(Bounds.tooLarge(lineEnd - start));
    }
    int invalid = Utf8.firstInvalid(body, start, lineEnd);
    if (invalid >= 0) {
      return new Step.Refused(Bounds.notUtf8(invalid - start));
    }
    Step step;
    // Zeros that follow a short line are not its own: it is read without them.
    boolean alone = reader == null && hasZero(lineEnd, Math.min(start + 4, end));
    try {
      if (reader == null) {
        start(start, alone ? lineEnd : end);
      }
      step = read(advance(parser()), row);
    } catch (JacksonException e) {
      step = new Step.Refused(broken(e));
    }
    int position = reader == null ? lineEnd : reader.tokens().position();
    if (alone) {
      close();
    }
    // A number takes the line's end along, to see that it ends.
    if (position > lineEnd + 1) {
      return new Step.Refused(broken("expected a whole event in one line, found a part"));
    }
    if (step instanceof Step.Valid) {
      for (int i = position; i < lineEnd; i++) {
        if (!isSpace(body[i])) {
          return new Step.Refused(broken("expected the end of the line, found more"));
        }
      }
    }
    return step;
  }

  /// Puts a parser on the bytes from `from` to `limit`.
  private void start(int from, int limit) {
    close();
    // Zeros would make Jackson take the bytes for UTF-16 or UTF-32, and a mark for white space.
    boolean hasMark = from < limit && body[from] == (byte) 0xef;
    if (hasMark || hasZero(from, Math.min(from + 4, limit))) {
      throw new StreamReadException(null, "expected JSON text");
    }
    parser = factory.createParser(ObjectReadContext.empty(), body, from, limit - from);
    reader = new EventReader(root, parser, body, from, limit);
  }

  private boolean hasZero(int from, int to) {
    for (int i = from; i < to; i++) {
      if (body[i] == 0) {
        return true;
      }
    }
    return false;
  }

  private void close() {
    if (parser != null) {
      parser.close();
    }
    parser = null;
    reader = null;
  }

  private Step finish(Step end) {
    close();
    // Who reads next may be long in coming.
    body = NOTHING;
    last = end;
    return end;
  }

  private JsonParser parser() {
    return java.util.Objects.requireNonNull(parser);
  }

  private EventReader reader() {
    return java.util.Objects.requireNonNull(reader);
  }

  private Refusal refusal(Refused refused) {
    String pointer = parser().streamReadContext().pathAsPointer().toString();
    String inEvent = isArray ? Pointers.withoutFirst(pointer) : pointer;
    return new Refusal(refused.reason(), inEvent + refused.below(), refused.detail());
  }

  private Refusal broken(JacksonException e) {
    if (e instanceof StreamConstraintsException) {
      return new Refusal(Reason.TOO_DEEP, "", String.valueOf(e.getOriginalMessage()));
    }
    return invalidAt >= 0
        ? Bounds.notUtf8(invalidAt)
        : broken(String.valueOf(e.getOriginalMessage()));
  }

  private Refusal broken(String detail) {
    return invalidAt >= 0 ? Bounds.notUtf8(invalidAt) : new Refusal(Reason.MALFORMED, "", detail);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }
}
