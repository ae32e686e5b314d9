package io.tidemark.server.http;

import java.util.Collection;

/// What somebody may have meant.
final class Near {
  private Near() {}

  /// A half sentence that offers the nearest names, or all of them.
  static String hint(String wrong, Collection<String> names) {
    return names.stream()
        .filter(name -> Math.abs(wrong.length() - name.length()) <= far(name))
        .filter(name -> distance(wrong, name) <= far(name))
        .min((a, b) -> Integer.compare(distance(wrong, a), distance(wrong, b)))
        .map(name -> "did you mean " + name + "?")
        .orElseGet(
            () -> names.isEmpty() ? "there is none" : "there are " + String.join(", ", names));
  }

  /// A name that needs more changes is another one.
  private static int far(String name) {
    return Math.max(1, name.length() / 3);
  }

  /// Levenshtein's distance.
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
