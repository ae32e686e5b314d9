package io.tidemark.server.s3;

import io.tidemark.table.FileSum;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Checksums of bytes that are sent, as S3 writes them.
///
/// @param bytes how many
/// @param crc32c from 0 to 2^32 - 1
/// @param md5 16 bytes
record Sums(int bytes, long crc32c, byte[] md5) {
  /// Where we keep the CRC-32C of a whole object, as 8 hexadecimal digits: servers know that of
  /// what is sent in parts only by its parts, and some know none.
  static final String CRC_ENTRY = "tidemark-crc32c";

  static Sums of(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    try {
      return new Sums(
          content.length, crc.getValue(), MessageDigest.getInstance("MD5").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  FileSum fileSum() {
    return new FileSum(bytes, crc32c);
  }

  String crcText() {
    return text(crc32c);
  }

  String md5Text() {
    return Base64.getEncoder().encodeToString(md5);
  }

  private static String text(long crc32c) {
    return Base64.getEncoder().encodeToString(bytes(crc32c));
  }

  private static byte[] bytes(long crc32c) {
    return ByteBuffer.allocate(Integer.BYTES).putInt((int) crc32c).array();
  }

  /// What S3 calls the checksum of an object of several parts: that of the parts' checksums, and
  /// how many there are.
  static String composite(List<Sums> parts) {
    CRC32C crc = new CRC32C();
    parts.forEach(p -> crc.update(bytes(p.crc32c())));
    return text(crc.getValue()) + "-" + parts.size();
  }

  /// Whether a tag is the MD5 of these bytes; it need not be where they are right.
  boolean isTag(@Nullable String tag) {
    return tag != null && tag.replace("\"", "").equalsIgnoreCase(HexFormat.of().formatHex(md5));
  }

  /// What to keep beside an object.
  static Map<String, String> entry(long crc32c) {
    return Map.of(CRC_ENTRY, "%08x".formatted(crc32c));
  }

  /// The checksum of a whole object as far as a server's answer tells it.
  ///
  /// @param checksum the server's own, where it sent one
  static OptionalLong known(Map<String, String> metadata, @Nullable String checksum) {
    String kept = metadata.getOrDefault(CRC_ENTRY, "");
    if (kept.matches("[0-9a-f]{8}")) {
      return OptionalLong.of(Long.parseLong(kept, 16));
    }
    if (checksum == null || checksum.contains("-")) {
      return OptionalLong.empty();
    }
    try {
      byte[] crc = Base64.getDecoder().decode(checksum);
      return crc.length == Integer.BYTES
          ? OptionalLong.of(Integer.toUnsignedLong(ByteBuffer.wrap(crc).getInt()))
          : OptionalLong.empty();
    } catch (IllegalArgumentException _) {
      return OptionalLong.empty();
    }
  }
}
