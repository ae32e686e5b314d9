package io.tidemark.archive;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where an archive is, as people write it: `s3://bucket`, `s3://bucket/some/prefix`, or a folder's
/// path.
public sealed interface ArchiveAddress {
  /// @param path absolute
  record Folder(Path path) implements ArchiveAddress {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /// @param prefix what all keys begin with, without a slash at its ends; empty where the bucket is
  ///   the archive's own
  record Bucket(String name, String prefix) implements ArchiveAddress {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final int MAX_PREFIX = 200;

    public Bucket {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            ("'%s' cannot be the name of a bucket: 3 to 63 of lower case letters, digits, - and .,"
                    + " a letter or digit at each end")
                .formatted(name));
      }
      if (!prefix.isEmpty() && (!ObjectKey.isKey(prefix) || prefix.length() > MAX_PREFIX)) {
        throw new IllegalArgumentException(
            "'%s' cannot be a prefix: names with / between them, up to %d characters in all"
                .formatted(prefix, MAX_PREFIX));
      }
    }

    @Override
    public String toString() {
      return "s3://" + name + (prefix.isEmpty() ? "" : "/" + prefix);
    }
  }

  /// Reads an address.
  ///
  /// @throws IllegalArgumentException where it is none; the message says why, for a person
  static ArchiveAddress parse(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "an archive is s3://BUCKET/PREFIX or a folder, not an empty text");
    }
    int colon = text.indexOf("://");
    if (colon < 0) {
      try {
        return new Folder(Path.of(text).toAbsolutePath().normalize());
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("'" + text + "' is no path: " + e.getMessage(), e);
      }
    }
    return switch (text.substring(0, colon).toLowerCase(Locale.ROOT)) {
      case "s3" -> bucket(text.substring(colon + 3));
      case "file" -> folder(text);
      default ->
          throw new IllegalArgumentException(
              "an archive is s3://BUCKET/PREFIX or a folder, not '%s'".formatted(text));
    };
  }

  private static Bucket bucket(String rest) {
    int slash = rest.indexOf('/');
    String prefix = slash < 0 ? "" : rest.substring(slash + 1);
    return new Bucket(
        slash < 0 ? rest : rest.substring(0, slash),
        prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
  }

  private static Folder folder(String text) {
    try {
      return new Folder(Path.of(new URI(text)).toAbsolutePath().normalize());
    } catch (URISyntaxException | RuntimeException e) {
      throw new IllegalArgumentException(
          "'%s' is no folder (%s); write its path".formatted(text, e.getMessage()), e);
    }
  }
}
