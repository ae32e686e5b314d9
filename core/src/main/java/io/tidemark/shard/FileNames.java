package io.tidemark.shard;

import java.util.regex.Pattern;

/// Which names of segments and sorted stores can be names of files everywhere.
final class FileNames {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  private FileNames() {}

  static String checked(String name) {
    if (!SAFE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' cannot be the name of a file: letters, digits, _ . - are allowed, up to 200"
              .formatted(name));
    }
    return name;
  }
}
