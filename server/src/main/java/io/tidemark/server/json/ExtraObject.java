package io.tidemark.server.json;

import java.util.Arrays;

/// The entries of one object in an event's extra, as ranges of its text. Extra is compact JSON that
/// [ExtraWriter] wrote, so a scan for brackets and quotes finds everything.
final class ExtraObject {
  private final byte[] text;

  /// For each entry: where the name's quote, the value, and what follows start; -1: taken.
  private int[] entries = new int[12];

  private int size;

  /// @param start where the object's bracket is
  ExtraObject(byte[] text, int start) {
    this.text = text;
    int at = start + 1;
    while (text[at] != '}') {
      if (text[at] == ',') {
        at++;
      }
      int value = skip(at) + 1;
      int next = skip(value);
      if (size + 3 > entries.length) {
        entries = Arrays.copyOf(entries, entries.length * 2);
      }
      entries[size] = at;
      entries[size + 1] = value;
      entries[size + 2] = next;
      size += 3;
      at = next;
    }
  }

  /// Finds the entry with this name and takes it out of the rest; -1: there is none.
  int take(byte[] name) {
    for (int i = 0; i < size; i += 3) {
      int from = entries[i];
      int to = entries[i + 1];
      // A name comes with two quotes and a colon.
      if (from >= 0
          && to - from == name.length + 3
          && Arrays.equals(text, from + 1, to - 2, name, 0, name.length)) {
        entries[i] = -1 - from;
        return i;
      }
    }
    return -1;
  }

  boolean isObject(int entry) {
    return text[entries[entry + 1]] == '{';
  }

  ExtraObject object(int entry) {
    return new ExtraObject(text, entries[entry + 1]);
  }

  /// Writes a taken entry, name and value.
  void write(int entry, JsonBytes out) {
    out.append(text, -1 - entries[entry], entries[entry + 2]);
  }

  /// Writes all entries that have not been taken.
  void writeRest(boolean comma, JsonBytes out) {
    boolean separate = comma;
    for (int i = 0; i < size; i += 3) {
      if (entries[i] >= 0) {
        if (separate) {
          out.append(',');
        }
        out.append(text, entries[i], entries[i + 2]);
        separate = true;
      }
    }
  }

  /// The offset after the value that starts here.
  private int skip(int start) {
    int depth = 0;
    int at = start;
    while (true) {
      byte b = text[at++];
      if (b == '"') {
        while (text[at] != '"') {
          at += text[at] == '\\' ? 2 : 1;
        }
        at++;
      } else if (b == '{' || b == '[') {
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
      } else if (depth == 0) {
        while (",:}]".indexOf(text[at]) < 0) {
          at++;
        }
      }
      if (depth == 0) {
        return at;
      }
    }
  }
}
