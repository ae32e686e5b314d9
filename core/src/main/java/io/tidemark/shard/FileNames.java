package io.tidemark.shard;

/// Which names of segments and sorted stores can be names of files everywhere.
final class FileNames {
  private static final int MAX = 200;

  private FileNames() {}

  static String checked(String name) {
    boolean safe = !name.isEmpty() && name.length() <= MAX && ".-".indexOf(name.charAt(0)) < 0;
    for (int i = 0; safe && i < name.length(); i++) {
      safe = isSafe(name.charAt(i));
    }
    if (!safe) {
      throw new IllegalArgumentException(
          "'%s' cannot be the name of a file: letters, digits, _ . - are allowed, up to %d"
              .formatted(name, MAX));
    }
    return name;
  }

  private static boolean isSafe(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "_.-".indexOf(c) >= 0;
  }
}
