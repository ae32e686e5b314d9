package io.tidemark.server.imports;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// NDJSON. Empty lines are counted and skipped.
final class LineFile implements EventFile {
  /// So much is shown of a line that is too long.
  private static final int START_BYTES = 1000;

  private final TextBytes in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long number;

  LineFile(TextBytes in) {
    this.in = in;
  }

  @Override
  public @Nullable Event next() throws IOException {
    while (true) {
      line.reset();
      boolean more = in.readLine(line, MAX_BYTES + 1);
      if (!more && line.size() == 0) {
        return null;
      }
      number++;
      if (line.size() > MAX_BYTES) {
        return Event.tooLarge(number, Arrays.copyOf(line.toByteArray(), START_BYTES));
      }
      byte[] text = line.toByteArray();
      if (!isBlank(text)) {
        return new Event(number, text);
      }
    }
  }

  private static boolean isBlank(byte[] text) {
    for (byte b : text) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public long bytesRead() {
    return in.bytesRead();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
