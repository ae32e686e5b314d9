package io.tidemark.server.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds what somebody who misspelt a name will have meant.
///
/// The measure is the Damerau-Levenshtein distance in its optimal string alignment form (an
/// insertion, a deletion, a substitution or a swap of neighbours costs one). A name is near when at
/// most about a third of it differs.
final class Nearest {
  /// Longer texts are no misspelt names, and comparing them takes quadratic time.
  private static final int MAX_LENGTH = 200;

  private Nearest() {}

  private record Candidate(String name, int distance, int wholeDistance) {}

  /// The nearest name, if any is near.
  static Optional<String> to(String wrong, Collection<String> names) {
    return names.stream()
        .map(name -> new Candidate(name, distance(wrong, name), 0))
        .filter(c -> isNear(c.distance, wrong, c.name))
        .min(Comparator.comparingInt(Candidate::distance))
        .map(Candidate::name);
  }

  /// The nearest field path, if any is near: as a whole, or in its last part, since people forget
  /// or mix up what lies above a field.
  static Optional<String> toPath(String wrong, Collection<String> paths) {
    return paths.stream()
        .map(path -> candidate(wrong, path))
        .flatMap(Optional::stream)
        .min(
            Comparator.comparingInt(Candidate::distance).thenComparingInt(Candidate::wholeDistance))
        .map(Candidate::name);
  }

  private static Optional<Candidate> candidate(String wrong, String path) {
    int whole = distance(wrong, path);
    int last = distance(lastPart(wrong), lastPart(path));
    boolean lastIsNear =
        isNear(last, lastPart(wrong), lastPart(path))
            || areOneAndItsBeginning(lastPart(wrong), lastPart(path));
    if (!lastIsNear && !isNear(whole, wrong, path)) {
      return Optional.empty();
    }
    // Another parent costs one, so that a field beside it wins where its name is as near.
    int least = lastIsNear ? Math.min(whole, last + 1) : whole;
    return Optional.of(new Candidate(path, least, whole));
  }

  /// Whether a part that _ separates is missing at the end of one: `brand` and `brand_id`.
  private static boolean areOneAndItsBeginning(String a, String b) {
    return a.startsWith(b + "_") || b.startsWith(a + "_");
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static boolean isNear(int distance, String a, String b) {
    return distance <= (Math.max(a.length(), b.length()) + 1) / 3;
  }

  /// How many edits lead from one text to the other, whatever the case of letters; at most that
  /// many where one is too long to be a misspelt name.
  static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    if (a.length() > MAX_LENGTH || b.length() > MAX_LENGTH) {
      return Math.max(a.length(), b.length());
    }
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      edits[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      edits[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int substituted = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(substituted, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        edits[i][j] = swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
      }
    }
    return edits[a.length()][b.length()];
  }
}
