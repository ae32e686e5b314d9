package io.tidemark.archive;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// What has been read of a file, by its sum.
record SummedCopy(FileSum sum) {
  private static final int BUFFER_BYTES = 256 << 10;

  /// Copies into a new file.
  static SummedCopy toFile(FileChannel from, Path file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long bytes = 0;
    from.position(0);
    try (FileChannel to =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (from.read(buffer) >= 0) {
        bytes += buffer.flip().remaining();
        crc.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    }
    return new SummedCopy(new FileSum(bytes, crc.getValue()));
  }

  /// All of a file that must not be long.
  static byte[] bytes(Path file, FileChannel from, int max) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(from.size(), max + 1L));
    while (buffer.hasRemaining() && from.read(buffer) >= 0) {
      // Until it is full or there is no more.
    }
    if (buffer.position() > max) {
      throw new ObjectDiffersException(file + " is longer than " + max + " bytes", null);
    }
    byte[] content = new byte[buffer.flip().remaining()];
    buffer.get(content);
    return content;
  }

  /// Requires a local file to be what it was promised to be.
  void require(Path file, FileSum expected) throws LocalFileException {
    if (!sum.equals(expected)) {
      throw new LocalFileException(
          file,
          "has %d bytes with the checksum %08x instead of %d with %08x"
              .formatted(sum.bytes(), sum.crc32c(), expected.bytes(), expected.crc32c()));
    }
  }
}
