package io.tidemark.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// Port: what a shard must know of its log to go on from its files.
public interface ShardLog {
  /// What tells it from every other log, also from one of the same name that was made anew.
  String id() throws IOException;

  /// The first offset that it still has; what is below has been given up.
  long start() throws IOException;

  /// The [#fingerprint(long, byte[])] of the record at an offset; nothing where the log does not
  /// reach so far.
  OptionalLong fingerprint(long offset) throws IOException;

  /// A number by which a record is known again, though another comes to lie at its offset.
  ///
  /// @param appendMs when the log took it, in milliseconds since 1970
  static long fingerprint(long appendMs, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(appendMs).flip());
    crc.update(value);
    return crc.getValue();
  }
}
