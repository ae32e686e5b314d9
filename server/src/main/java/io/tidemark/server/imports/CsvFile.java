package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import io.tidemark.server.imports.RowJson.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CSV as RFC 4180 has it, in UTF-8: cells may be in quotes, and have line ends then. An empty cell
/// is no value; an empty one in quotes is an empty text.
final class CsvFile implements EventFile {
  private final Path file;
  private final TextBytes in;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private final ByteArrayOutputStream cell = new ByteArrayOutputStream();
  private final List<@Nullable String> row = new ArrayList<>();
  private final List<String> header;
  private final RowJson json;
  private long line = 1;

  /// Where the row begins.
  private long first;

  /// How many bytes the row has so far.
  private int size;

  /// Whether all bytes of the cell are ASCII.
  private boolean ascii = true;

  /// What is wrong with the row.
  private String problem = "";

  private CsvFile(Path file, TextBytes in, Map<String, FieldType> types) throws IOException {
    this.file = file;
    this.in = in;
    if (!readRow()) {
      throw new IOException("the first line must name the fields, and the file is empty");
    }
    if (!problem.isEmpty()) {
      throw new IOException("the first line must name the fields, and is malformed: " + problem);
    }
    this.header = new ArrayList<>();
    List<List<String>> paths = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    for (String name : row) {
      String path = name == null ? "" : name.strip();
      header.add(path);
      paths.add(RowJson.path(path));
      kinds.add(Kind.of(types.get(path)));
    }
    this.json = new RowJson(paths, kinds);
  }

  static CsvFile open(Path file, Map<String, FieldType> types) throws IOException {
    TextBytes in = TextBytes.open(file);
    try {
      return new CsvFile(file, in, types);
    } catch (IOException e) {
      in.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public @Nullable Event next() throws IOException {
    while (true) {
      if (!readRow()) {
        return null;
      }
      if (row.size() == 1 && row.getFirst() == null) {
        // An empty line.
        continue;
      }
      if (problem.isEmpty() && row.size() != header.size()) {
        problem =
            "%d cells instead of the %d of the first line".formatted(row.size(), header.size());
      }
      return problem.isEmpty()
          ? new Event(first, json.event(row))
          : Event.malformed(first, RowJson.array(row), problem);
    }
  }

  /// Reads the cells of a row.
  ///
  /// @return whether there is one
  private boolean readRow() throws IOException {
    row.clear();
    problem = "";
    first = line;
    size = 0;
    int b = in.peek();
    if (b < 0) {
      return false;
    }
    boolean ended = false;
    while (!ended) {
      boolean quoted = in.peek() == '"';
      b = quoted ? readQuoted() : readPlain();
      row.add(cell.size() == 0 && !quoted ? null : text());
      cell.reset();
      ascii = true;
      grow();
      ended = b != ',';
    }
    line++;
    return true;
  }

  private void store(int b) throws IOException {
    grow();
    ascii &= b < 0x80;
    cell.write(b);
  }

  /// Cells count, too: as many as there can be may be empty.
  private void grow() throws IOException {
    if (++size > MAX_BYTES) {
      throw new IOException(
          "%s, line %d: a row of more than 8 MiB; is there a quote that is never closed?"
              .formatted(file, first));
    }
  }

  private String text() {
    if (ascii) {
      return cell.toString(StandardCharsets.ISO_8859_1);
    }
    try {
      return utf8.decode(ByteBuffer.wrap(cell.toByteArray())).toString();
    } catch (CharacterCodingException _) {
      problem = "not UTF-8";
      return cell.toString(StandardCharsets.UTF_8);
    }
  }

  /// @return what ends the cell: a comma, or the line or file
  private int readPlain() throws IOException {
    for (int b = in.read(); ; b = in.read()) {
      if (b == '\r' && in.peek() == '\n') {
        return in.read();
      }
      if (b == ',' || b == '\n' || b < 0) {
        return b;
      }
      store(b);
    }
  }

  private int readQuoted() throws IOException {
    int opening = in.read();
    for (int b = in.read(); ; b = in.read()) {
      if (b < 0) {
        throw new IOException(
            "%s, line %d: a cell begins with a quote and never ends".formatted(file, first));
      }
      if (b == opening) {
        if (in.peek() == opening) {
          store(in.read());
          continue;
        }
        int after = in.peek();
        if (after != ',' && after != '\n' && after != '\r' && after >= 0) {
          problem =
              "after a cell in quotes comes '%c'; a quote in it is written twice".formatted(after);
        }
        return readPlain();
      }
      if (b == '\n') {
        line++;
      }
      store(b);
    }
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
