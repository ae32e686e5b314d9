package io.tidemark.server.json;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.Named;

/// What a schema demands of an object. Property names are matched by the parser itself, on the
/// bytes of the input, and give an index into the arrays here.
final class ObjectRules {
  final PropertyNameMatcher matcher;
  final String[] names;

  /// The names as they stand in JSON: `"price":`.
  final byte[][] quoted;

  /// The schema of each named property; null for one that is only required, whose value is judged
  /// like an unnamed one.
  final @Nullable SchemaNode[] children;

  /// One bit for each name, in words of 64.
  final long[] required;

  /// For every property without a name here; [SchemaNode#NEVER] forbids them.
  final SchemaNode additional;

  final int countMin;
  final int countMax;

  ObjectRules(
      JsonFactory factory,
      List<String> names,
      @Nullable SchemaNode[] children,
      long[] required,
      SchemaNode additional,
      int countMin,
      int countMax) {
    this.matcher =
        factory.constructNameMatcher(
            names.stream().map(name -> Named.fromString(name.intern())).toList(), true);
    this.names = names.toArray(String[]::new);
    this.quoted = new byte[names.size()][];
    for (int i = 0; i < quoted.length; i++) {
      JsonBytes out = new JsonBytes(32);
      byte[] name = this.names[i].getBytes(StandardCharsets.UTF_8);
      JsonText.quote(name, 0, name.length, out);
      quoted[i] = out.append(':').toByteArray();
    }
    this.children = children;
    this.required = required;
    this.additional = additional;
    this.countMin = countMin;
    this.countMax = countMax;
  }

  /// How many words of 64 bits mark which names have been seen.
  int words() {
    return required.length;
  }
}
