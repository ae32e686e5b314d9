package io.tidemark.bench.load;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/// Bodies of NDJSON to be sent. Many threads may take them.
public interface Batches extends AutoCloseable {
  /// Lines in a batch, at most.
  int LINES = 5_000;

  /// Characters in a batch after which it gets no further line.
  int LENGTH = 4 << 20;

  /// The next batch; empty at the end.
  byte[] next() throws IOException;

  @Override
  void close() throws IOException;

  /// Batches that are made when they are taken.
  ///
  /// @param events how many in all
  static Batches of(Supplier<String> generator, long events) {
    return new Batches() {
      private long left = events;

      @Override
      public synchronized byte[] next() {
        StringBuilder lines = new StringBuilder(LENGTH / 2);
        for (int i = 0; i < LINES && left > 0 && lines.length() < LENGTH; i++, left--) {
          lines.append(generator.get()).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public void close() {}
    };
  }

  /// Writes batches to a file, so that making them does not take from what is measured: `(length{4}
  /// bytes)*`.
  static void write(Path file, Batches batches) throws IOException {
    try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
        DataOutputStream out = new DataOutputStream(raw)) {
      for (byte[] batch = batches.next(); batch.length > 0; batch = batches.next()) {
        out.writeInt(batch.length);
        out.write(batch);
      }
    }
  }

  /// Reads what [#write] has written.
  static Batches read(Path file) throws IOException {
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20));
    return new Batches() {
      @Override
      public synchronized byte[] next() throws IOException {
        return in.available() == 0 ? new byte[0] : in.readNBytes(in.readInt());
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }
}
