package io.tidemark.bench;

import io.tidemark.server.allezon.TagGenerator;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Batches of user tags as NDJSON, made once and kept in a file, so that making them does not take
/// from what is measured: `(length{4} bytes)*`.
final class TagFile {
  private TagFile() {}

  /// @param startMs the first tag's time; a millisecond lies between one and the next
  static void write(Path file, long tags, int batch, long startMs) throws IOException {
    TagGenerator generator = new TagGenerator(1, startMs);
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        DataOutputStream out = new DataOutputStream(raw)) {
      for (long done = 0; done < tags; ) {
        StringBuilder lines = new StringBuilder(batch * 300);
        for (int i = 0; i < batch && done < tags; i++, done++) {
          lines.append(generator.next()).append('\n');
        }
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
      }
    }
  }

  /// The next batch; empty at the end.
  static byte[] next(DataInputStream in) throws IOException {
    synchronized (in) {
      return in.available() == 0 ? new byte[0] : in.readNBytes(in.readInt());
    }
  }
}
