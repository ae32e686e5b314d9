package io.tidemark.server.cli;

import io.tidemark.server.cli.Delivery.Refused;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Refused events as NDJSON: where each was, why it was refused, and the event as it was, or its
/// text where that is no JSON.
final class RefusedFile implements AutoCloseable {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Writer out;

  /// Begins a file, or goes on with the one of an earlier import.
  RefusedFile(Path file) throws IOException {
    boolean torn = Files.isRegularFile(file) && !endsWithLine(file);
    this.out =
        new BufferedWriter(
            Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            1 << 16);
    if (torn) {
      out.write('\n');
    }
  }

  private static boolean endsWithLine(Path file) throws IOException {
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return in.size() == 0 || (in.position(in.size() - 1).read(last) == 1 && last.get(0) == '\n');
    }
  }

  /// @param unit what the line's number counts
  synchronized void write(Path file, String unit, Refused refused) throws IOException {
    ObjectNode entry = MAPPER.createObjectNode();
    entry.put("file", file.toString());
    entry.put(unit, refused.line().number());
    entry.put("reason", refused.reason());
    entry.put("pointer", refused.pointer());
    entry.put("detail", refused.detail());
    byte[] text = refused.line().text();
    try {
      entry.set("event", MAPPER.readTree(text));
    } catch (JacksonException _) {
      entry.put("text", new String(text, StandardCharsets.UTF_8));
    }
    out.write(entry.toString());
    out.write('\n');
  }

  synchronized void flush() throws IOException {
    out.flush();
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
