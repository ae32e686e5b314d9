package io.tidemark.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// By what a file is known to be as it was written.
///
/// @param bytes its length
/// @param crc32c the CRC-32C of all its bytes, from 0 to 2^32 - 1
public record FileSum(long bytes, long crc32c) {
  private static final int READ_BYTES = 256 << 10;

  /// Reads all of a file.
  ///
  /// @throws IOException also where it is not there
  public static FileSum of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return of(channel);
    }
  }

  /// Reads all that is left of a file.
  public static FileSum of(FileChannel channel) throws IOException {
    CRC32C crc = new CRC32C();
    long bytes = 0;
    ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(channel.size(), 1, READ_BYTES));
    while (channel.read(buffer) >= 0) {
      bytes += buffer.flip().remaining();
      crc.update(buffer);
      buffer.clear();
    }
    return new FileSum(bytes, crc.getValue());
  }
}
