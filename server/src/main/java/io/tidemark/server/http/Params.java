package io.tidemark.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The parameters of a request's query, decoded, in their order. What cannot be decoded, and what
/// nobody asked for, is a [Problem].
public final class Params {
  /// Longer queries are refused; the longest sensible one names a few thousand characters.
  private static final int MAX_PARAMETERS = 200;

  private final Map<String, List<String>> values;

  private Params(Map<String, List<String>> values) {
    this.values = values;
  }

  /// @param rawQuery what stands behind the question mark, as it was sent; may be empty
  public static Params parse(String rawQuery) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    int count = 0;
    for (String pair : rawQuery.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      if (++count > MAX_PARAMETERS) {
        throw new Problem(400, "bad-query", "more than " + MAX_PARAMETERS + " parameters");
      }
      int equals = pair.indexOf('=');
      String name =
          decode("the name of a parameter", equals < 0 ? pair : pair.substring(0, equals), true);
      String value = equals < 0 ? "" : decode(name, pair.substring(equals + 1), true);
      values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
    return new Params(values);
  }

  /// Decodes percent-encoded UTF-8.
  ///
  /// @param name of the parameter whose value it is
  /// @param plusIsSpace as in queries, not in paths
  public static String decode(String name, String raw, boolean plusIsSpace) {
    if (raw.indexOf('%') < 0 && (!plusIsSpace || raw.indexOf('+') < 0)) {
      return raw;
    }
    byte[] in = raw.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '%') {
        int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
        int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw badEncoding(name, raw);
        }
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = plusIsSpace && in[i] == '+' ? (byte) ' ' : in[i];
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(out, 0, length)).toString();
    } catch (CharacterCodingException _) {
      throw badEncoding(name, raw);
    }
  }

  private static Problem badEncoding(String name, String raw) {
    return new Problem(400, "bad-encoding", name + ": \"" + raw + "\" is not percent-encoded UTF-8")
        .with("parameter", name);
  }

  /// Refuses parameters that are neither known nor begin with one of the prefixes.
  public Params allow(Set<String> known, String... prefixes) {
    for (String name : values.keySet()) {
      boolean prefixed = false;
      for (String prefix : prefixes) {
        prefixed |= name.startsWith(prefix);
      }
      if (!known.contains(name) && !prefixed) {
        throw Problem.parameter(
            name, "there is no such parameter; there are " + String.join(", ", sorted(known)));
      }
    }
    return this;
  }

  private static List<String> sorted(Collection<String> names) {
    return names.stream().sorted().toList();
  }

  /// All values of a parameter.
  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /// All values of a parameter, each perhaps a list with commas; each item once.
  public List<String> list(String name) {
    Set<String> items = new LinkedHashSet<>();
    for (String value : all(name)) {
      for (String item : value.split(",", -1)) {
        if (!item.isBlank()) {
          items.add(item.strip());
        }
      }
    }
    if (items.size() > MAX_PARAMETERS) {
      throw Problem.parameter(name, "has more than " + MAX_PARAMETERS + " items");
    }
    return List.copyOf(items);
  }

  /// The value of a parameter that may be given once.
  public Optional<String> one(String name) {
    List<String> all = all(name);
    if (all.size() > 1) {
      throw Problem.parameter(name, "given " + all.size() + " times; once is enough");
    }
    return all.stream().findFirst();
  }

  /// The value of a parameter that must be given.
  public String required(String name) {
    return one(name).orElseThrow(() -> Problem.parameter(name, "is missing"));
  }

  /// A whole number within bounds.
  public int integer(String name, int absent, int min, int max) {
    Optional<String> text = one(name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw Problem.parameter(
        name, "\"%s\" is not a whole number from %d to %d".formatted(text.get(), min, max));
  }

  /// The names of parameters with a prefix, without it, and their values.
  public Map<String, List<String>> withPrefix(String prefix) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    values.forEach(
        (name, all) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), all);
          }
        });
    return found;
  }
}
