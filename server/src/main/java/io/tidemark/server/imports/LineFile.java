package io.tidemark.server.imports;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// NDJSON. Empty lines are counted and skipped.
final class LineFile implements EventFile {
  private final TextBytes in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long number;

  LineFile(TextBytes in) {
    this.in = in;
  }

  @Override
  public @Nullable Event next() throws IOException {
    boolean blank = true;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b != '\n') {
        blank &= b == ' ' || b == '\t' || b == '\r';
        line.write(b);
        continue;
      }
      number++;
      if (!blank) {
        return event();
      }
      line.reset();
      blank = true;
    }
    if (blank) {
      return null;
    }
    number++;
    return event();
  }

  private Event event() {
    byte[] text = line.toByteArray();
    line.reset();
    return new Event(number, text);
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
