package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes an event's extra while the event is parsed: entries at their nested places, groups opened
/// only when something comes into them.
final class ExtraWriter {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private final JsonBytes out = new JsonBytes(256);
  private final JsonBytes name = new JsonBytes(64);

  /// The names of the groups around the present place, and how many of them are written.
  private byte[][] groups = new byte[16][];

  private int depth;
  private int opened;

  /// Whether the last thing written opened an object.
  private boolean fresh;

  private boolean any;

  void clear() {
    out.clear();
    depth = 0;
    opened = 0;
    any = false;
  }

  /// Steps into a group.
  ///
  /// @param quotedName with its colon
  void enter(byte[] quotedName) {
    if (depth == groups.length) {
      groups = Arrays.copyOf(groups, depth * 2);
    }
    groups[depth++] = quotedName;
  }

  /// Steps out of a group.
  ///
  /// @param holdsNothing whether the group came without a leaf that has a value
  void leave(boolean holdsNothing) {
    if (holdsNothing && opened < depth) {
      open();
    }
    depth--;
    if (opened > depth) {
      out.append('}');
      fresh = false;
      opened = depth;
    }
  }

  void putNull(byte[] quotedName) {
    put(quotedName, NULL, 0, NULL.length);
  }

  /// Writes an entry whose value is a range of well-formed JSON.
  void put(byte[] quotedName, byte[] in, int from, int to) {
    open();
    separate();
    out.append(quotedName);
    if (!JsonText.compact(in, from, to, out)) {
      throw loneSurrogate();
    }
  }

  void put(String unknownName, byte[] in, int from, int to) {
    byte[] bytes = unknownName.getBytes(StandardCharsets.UTF_8);
    if (unknownName.chars().anyMatch(c -> Character.isSurrogate((char) c))
        && !new String(bytes, StandardCharsets.UTF_8).equals(unknownName)) {
      throw loneSurrogate();
    }
    name.clear();
    JsonText.quote(bytes, 0, bytes.length, name);
    put(name.append(':').toByteArray(), in, from, to);
  }

  /// The finished object, or null where there is nothing extra.
  boolean finish() {
    if (any) {
      out.append('}');
    }
    return any;
  }

  JsonBytes bytes() {
    return out;
  }

  static Refused loneSurrogate() {
    return new Refused(
        Reason.MALFORMED,
        "expected Unicode text, found half of a surrogate pair (an escape \\ud800 to \\udfff)");
  }

  /// Makes the groups around the present place exist in what is written.
  private void open() {
    if (!any) {
      out.append('{');
      any = true;
      fresh = true;
    }
    while (opened < depth) {
      separate();
      out.append(groups[opened++]).append('{');
      fresh = true;
    }
  }

  private void separate() {
    if (!fresh) {
      out.append(',');
    }
    fresh = false;
  }
}
