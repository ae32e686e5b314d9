package io.tidemark.archive;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the key of a file says, see [ShardArchive].
///
/// @param number of the erased files that it came with; -1 of a batch's own file
record FileTag(int partition, long from, long to, long number) {
  private static final Pattern NAME =
      Pattern.compile("(\\d{5})-(\\d{20})-(\\d{20})-(?:(\\d{20})-)?[0-9a-f]{8}\\.\\w+");

  /// Nothing where the key is none of such a file.
  static Optional<FileTag> of(ObjectKey key) {
    Matcher name = NAME.matcher(key.text().substring(key.text().lastIndexOf('/') + 1));
    if (!name.matches()) {
      return Optional.empty();
    }
    long number = name.group(4) == null ? -1 : Long.parseLong(name.group(4));
    return Optional.of(
        new FileTag(
            Integer.parseInt(name.group(1)),
            Long.parseLong(name.group(2)),
            Long.parseLong(name.group(3)),
            number));
  }
}
